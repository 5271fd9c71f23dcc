"""Mistakes in what one input's gradient is made with: the cotangent of a later step, or another factor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array, Slot
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

#: A path is followed forward by no more than this many steps.
_FURTHEST = 8
#: Arrays that are tried in place of a factor.
_OTHERS = 24


def at_inputs(reach: Reach) -> Iterator[Variant]:
    """Yield: an input's gradient takes the cotangent from behind an activation, as if that were not there."""
    groups = reach.tape.groups
    for g, group in enumerate(groups):
        for s, which in enumerate(group.which):
            if all(groups[p].name == "input" for p in reach.parents(g, s)):
                yield from _from_behind(reach, g, s, which)


def _from_behind(reach: Reach, g: int, s: int, which: int) -> Iterator[Variant]:
    groups = reach.tape.groups
    slot = groups[g].slots[s]
    there = {int(i): int(i) for i in groups[g].ids.reshape(-1)}
    zero = {(g, s): np.zeros_like(slot.weight)}
    here = g
    for _ in range(_FURTHEST):
        users = [k for k in range(here + 1, len(groups)) if here in reach.parents(k)]
        if len(users) != 1 or not groups[users[0]].elementwise or groups[users[0]].ids.size != len(there):
            return
        here = users[0]
        onward = _onward(groups[here].slots, there)
        if onward is None:
            return
        there = onward
        children = np.array([there[int(c)] for c in slot.child])
        yield Variant(
            "behind", Unit((here,)), which, Edges(zero, {here: Slot(children, slot.parent, slot.weight)}), float(g)
        )


def _onward(slots: tuple[Slot, ...], there: dict[int, int]) -> dict[int, int] | None:
    """Return where each number's result stands one step further on; None where that is not one place."""
    back = {v: k for k, v in there.items()}
    found: dict[int, int] = {}
    for slot in slots:
        for child, parent in zip(slot.child.tolist(), slot.parent.tolist(), strict=True):
            if parent in back:
                found[back[parent]] = child
    return found if len(found) == len(there) else None


def with_other_factors(reach: Reach, unit: Unit) -> Iterator[Variant]:
    """Yield: in a product another array of the same shape stands for the other factor."""
    groups = reach.tape.groups
    first = groups[unit.groups[0]]
    if first.name != "multiply" or len(first.which) != 2:
        return
    values = np.array(reach.tape.values)
    for operand in (0, 1):
        for offset in _neighbours(reach, unit):
            weights = {}
            for g in unit.groups:
                other = groups[g + offset] if 0 <= g + offset < len(groups) else None
                s = groups[g].which.index(operand) if operand in groups[g].which else None
                if other is None or s is None or other.ids.shape != groups[g].ids.shape:
                    break
                weights[g, s] = _taken(values[other.ids.reshape(-1)], groups[g].ids, groups[g].slots[s])
            if len(weights) == len(unit.groups):
                yield Variant("other factor", unit, operand, Edges(weights), float(offset))


def _neighbours(reach: Reach, unit: Unit) -> list[int]:
    """Return how far away (in steps of the tape) other arrays of the product's shape stand, the nearest first."""
    g = unit.groups[0]
    groups = reach.tape.groups
    near = [k - g for k in range(len(groups)) if k != g and groups[k].ids.shape == groups[g].ids.shape]
    return sorted(near, key=lambda d: (abs(d), d))[:_OTHERS]


def _taken(values: Array, ids: Array, slot: Slot) -> Array:
    first = int(ids.reshape(-1)[0])
    return np.asarray(values[slot.child - first])
