"""Derivatives of another function: those of a call as if its code had another constant, axis or transpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Case
from gradproof.verify.diagnosis.tape.record import Alteration, Tape, Untapeable
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.run import Run, run_on_tape
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

#: A constant up to this, added to something, may be an epsilon.
_LARGEST = 0.05
#: What people take for it.
_USUAL = (0.0, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
#: So many alterations are tried.
_MOST = 60


def alterations(tape: Tape) -> list[tuple[str, dict[int, Alteration]]]:
    """Return what may be altered: an epsilon, the axis of sums, the transpose of a square matrix in a product."""
    found: list[tuple[str, dict[int, Alteration]]] = []
    for g, group in enumerate(tape.groups):
        for j, c in enumerate(group.constants):
            if group.name in ("add", "maximum") and c is not None and 0 < abs(c) <= _LARGEST:
                found += [("epsilon", {g: Alteration(j, e)}) for e in _USUAL if e != c]
        if group.name == "matmul" and group.ids.size:
            found += [("transposed", {g: Alteration(j, None)}) for j in (0, 1)]
    sums = [g for g, group in enumerate(tape.groups) if group.axis is not None]
    calls = {p.frame: None for g in sums for p in tape.groups[g].places}
    for call in calls:
        inside = [g for g in sums if call in {p.frame for p in tape.groups[g].places}]
        found.append(("axis", {g: Alteration(0, None) for g in inside}))
    found += [("axis", {g: Alteration(0, None)}) for g in sums]
    return found[:_MOST]


def altered(case: Case, inputs: Sequence[Any], run: Run) -> Iterator[Variant]:
    """Yield: in the call that has the alteration, or those around it, all derivatives are those with it."""
    tape = run.tape
    for what, change in alterations(tape):
        try:
            there = run_on_tape(case.function, inputs, case.wrt, case.code, change).tape  # type: ignore[arg-type]
        except Untapeable:
            continue
        if [(x.name, x.ids.shape) for x in there.groups] != [(x.name, x.ids.shape) for x in tape.groups]:
            continue
        first = min(change)
        for call in dict.fromkeys(p.frame for p in reversed(tape.groups[first].places)):
            inside = [k for k in range(first, len(tape.groups)) if call in {p.frame for p in tape.groups[k].places}]
            yield from _within(tape, there, what, change, inside)


def _within(tape: Tape, there: Tape, what: str, change: dict[int, Alteration], inside: list[int]) -> Iterator[Variant]:
    """Yield the derivatives of the altered call: of all its steps, and of those behind the altered one alone."""
    number = float(next(iter(change.values())).number or 0.0)
    for begin in (0, 1):
        weights = {}
        for k in inside:
            if begin and k in change:
                continue
            for s, slot in enumerate(there.groups[k].slots):
                if np.array_equal(slot.parent, tape.groups[k].slots[s].parent):
                    weights[k, s] = slot.weight
        yield Variant(
            what, Unit((min(change),)), next(iter(change.values())).operand, Edges(weights), number, -2 - begin
        )
