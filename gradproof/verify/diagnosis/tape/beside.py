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


def exchanged(reach: Reach) -> Iterator[Variant]:
    """Yield: the cotangents of two factors of a product, of one shape, are exchanged."""
    groups = reach.tape.groups
    for g, group in enumerate(groups):
        if len(group.slots) != 2 or group.name not in ("matmul", "multiply"):
            continue
        made = [reach.parents(g, s) for s in (0, 1)]
        if made[0] == made[1] or any(len(m) != 1 for m in made):
            continue
        a, b = (next(iter(m)) for m in made)
        if groups[a].ids.shape == groups[b].ids.shape and groups[a].slots and groups[b].slots:
            yield Variant("exchanged", Unit((g,)), 0, Edges(exchange=(a, b)))


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
    if groups[unit.groups[0]].name not in ("multiply", "matmul"):
        return
    values = np.array(reach.tape.values)
    for operand in (0, 1):
        keys = [(g, groups[g].which.index(operand)) for g in unit.groups if operand in groups[g].which]
        for offset in _neighbours(reach, keys[0]) if keys else ():
            weights = {}
            for g, s in keys:
                taken = _taken(reach, values, g, s, offset)
                if taken is None:
                    break
                weights[g, s] = taken
            if len(weights) == len(keys):
                yield Variant("other factor", unit, operand, Edges(weights), float(offset))


def _size(reach: Reach, g: int, s: int) -> int:
    """Return the size of the other factor: of a product of matrices, that of the left one."""
    group, slot = reach.tape.groups[g], reach.tape.groups[g].slots[s]
    if group.name == "multiply":
        return group.ids.size
    rows = group.ids.shape[0] if group.ids.ndim == 2 else 1
    inner = len(slot.child) // max(1, group.ids.size)
    whole = group.which[s] == 1 and group.ids.ndim <= 2 and inner * group.ids.size == len(slot.child)
    return rows * inner if whole else 0


def _taken(reach: Reach, values: Array, g: int, s: int, offset: int) -> Array | None:
    """Return the weights with the values of the array so many steps further on the tape."""
    groups = reach.tape.groups
    size = _size(reach, g, s)
    if not 0 <= g + offset < len(groups) or groups[g + offset].ids.size != size or not size:
        return None
    other = values[groups[g + offset].ids.reshape(-1)]
    group, slot = groups[g], groups[g].slots[s]
    if group.name == "multiply":
        return np.asarray(other[slot.child - int(group.ids.reshape(-1)[0])])
    rows = group.ids.shape[0] if group.ids.ndim == 2 else 1
    inner = size // rows
    wide = np.broadcast_to(other.reshape(rows, 1, inner), (rows, group.ids.size // rows, inner))
    return np.asarray(wide.reshape(-1))


def _neighbours(reach: Reach, key: tuple[int, int]) -> list[int]:
    """Return how far away (in steps of the tape) other arrays of the factor's size stand, the nearest first."""
    g, s = key
    size = _size(reach, g, s)
    near = [k - g for k, group in enumerate(reach.tape.groups) if k != g and group.ids.size == size]
    return sorted(near, key=lambda d: (abs(d), d))[:_OTHERS]
