"""Another epsilon in the backward pass: the derivatives of one call are those of the call with that epsilon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradproof.verify.diagnosis.tape.record import Tape
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.run import Run, run_on_tape
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

#: A constant up to this, added to something, may be an epsilon.
_LARGEST = 0.05
#: What people take for it.
_USUAL = (0.0, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


def epsilons(tape: Tape) -> list[tuple[int, int, float]]:
    """Return (group, operand, constant) of what may be an epsilon."""
    return [
        (g, j, c)
        for g, group in enumerate(tape.groups)
        for j, c in enumerate(group.constants)
        if group.name in ("add", "maximum") and c is not None and 0 < abs(c) <= _LARGEST
    ]


def with_others(function: object, inputs: Sequence[object], wrt: Sequence[int], run: Run) -> Iterator[Variant]:
    """Yield: in the call that adds an epsilon, and in those around it, all derivatives are with another one."""
    tape = run.tape
    for g, j, c in epsilons(tape):
        for other in _USUAL:
            if other == c:
                continue
            there = run_on_tape(function, inputs, wrt, (g, j, other)).tape  # type: ignore[arg-type]
            if [x.name for x in there.groups] != [x.name for x in tape.groups]:
                continue
            for call in dict.fromkeys(p.frame for p in reversed(tape.groups[g].places)):
                inside = [k for k in range(g, len(tape.groups)) if call in {p.frame for p in tape.groups[k].places}]
                weights = {(k, s): slot.weight for k in inside for s, slot in enumerate(there.groups[k].slots)}
                yield Variant("epsilon", Unit((g,)), j, Edges(weights), other)
