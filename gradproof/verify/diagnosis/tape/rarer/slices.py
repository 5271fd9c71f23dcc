"""Elementwise functions of slices, in all turns of a loop: something else stands for their derivative."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array, Group, Slot
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.stretches import Stretch, candidates, from_entries
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant


def in_loops(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield: in every turn, the slope of a stretch that begins at one line's operand is another one."""
    groups = reach.tape.groups
    for unit in units:
        begun = [_begun(groups[g]) for g in unit.groups]
        if any(b is None for b in begun) or not groups[unit.groups[0]].elementwise:
            continue
        turns = [list(from_entries(reach.tape, g, b)) for g, b in zip(unit.groups, begun, strict=True) if b is not None]
        for same in zip(*turns, strict=False):
            if len({groups[s.target].name for s in same}) == 1 and not same[0].algebraic:
                yield from _replaced(reach, unit, same)


def _begun(group: Group) -> Array | None:
    """Return the entries that a function of one operand reads, each once."""
    if len(group.slots) != 1 or len(group.slots[0].parent) != group.ids.size:
        return None
    parents = group.slots[0].parent
    return parents if len(np.unique(parents)) == len(parents) else None


def _replaced(reach: Reach, unit: Unit, same: tuple[Stretch, ...]) -> Iterator[Variant]:
    values, groups = np.array(reach.tape.values), reach.tape.groups
    each = [candidates(values[groups[s.target].ids.reshape(-1)], values[s.entries], s.slope) for s in same]
    for options in zip(*each, strict=True):
        what = options[0][0]
        if any(not np.all(np.isfinite(slope)) for _, slope in options):
            continue
        weights: dict[tuple[int, int], Array] = {}
        extra: dict[int, Slot] = {}
        for s, (_, slope) in zip(same, options, strict=True):
            target = groups[s.target]
            weights |= {(s.target, j): np.zeros_like(slot.weight) for j, slot in enumerate(target.slots)}
            extra[s.target] = Slot(target.ids.reshape(-1), s.entries, slope)
        number = float(same[0].target - unit.groups[0])
        said = _said(what)
        yield Variant(f"in loops: {what}", unit, 0, Edges(weights, extra), number, said=said)


def _said(what: str) -> tuple[str, str]:
    if what in ("left out", "twice"):
        how = "is left out" if what == "left out" else "is multiplied in twice"
        return "activation", f"the derivative of the elementwise function that begins here {how}"
    return "activation", f"{what} is taken for the derivative of the elementwise function y(x) that begins"
