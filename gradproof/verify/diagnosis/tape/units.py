"""Steps of the user's code that belong together: one line run once, in each turn of a loop, or in each call."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.verify.diagnosis.tape.record import Group, Tape


@dataclass(frozen=True, slots=True)
class Unit:
    """Groups of one operation at one place in the code, in the order in which they ran."""

    groups: tuple[int, ...]


def units(tape: Tape) -> list[Unit]:
    """Return the units, each set of groups once: whole lines first, then parts of them by the calls that led there."""
    found: dict[tuple[int, ...], None] = {}
    deepest = max((len(g.places) for g in tape.groups), default=0)
    for depth in range(deepest + 1):
        lines: dict[tuple[object, ...], list[int]] = {}
        for k, group in enumerate(tape.groups):
            if group.slots:
                lines.setdefault(_key(group, depth), []).append(k)
        found |= dict.fromkeys(tuple(v) for v in lines.values())
    found |= {(k,): None for k, g in enumerate(tape.groups) if g.slots}
    return [Unit(groups) for groups in found]


def _key(group: Group, depth: int) -> tuple[object, ...]:
    """Return what tells units apart: the calls' identities down to a depth, below it only their lines."""
    calls = [(p.file, p.instruction, p.line, p.frame if d < depth else 0) for d, p in enumerate(group.places)]
    # A state that starts at 0 is a constant in the first turn of a loop, and none in the others.
    numbers = tuple(c or None for c in group.constants) if group.name in ("multiply", "divide") else ()
    return (group.name, numbers, *calls)
