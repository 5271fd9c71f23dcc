"""Mistakes with the turns of a loop: one is left out, or each overwrites what the others wrote to an entry."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array, Slot
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

Key = tuple[int, int]
_ALONE = ("sum", "of the turns of the loop only the {which} is counted, the sum over them is missing,")
_WITHOUT = ("edge", "the {which} turn of the loop is left out: it ends a step too early or begins one too late")
_OVER = (
    "duplicates",
    "entries that several turns of the loop read keep what the {which} one gives: `=` stands where `+=` belongs",
)


def at_turns(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield: one turn alone, all but one, one that overwrites the others; for the steps of one line."""
    groups = reach.tape.groups
    for unit in units:
        for operand in sorted({w for g in unit.groups for w in groups[g].which}):
            keys = [(g, groups[g].which.index(operand)) for g in unit.groups if operand in groups[g].which]
            slots = {key: groups[key[0]].slots[key[1]] for key in keys}
            for what, which, (kind, words), weights in _changes(slots) if len(keys) > 1 else ():
                said = kind, words.format(which=which)
                yield Variant(f"turns: {what} {which}", unit, operand, Edges(weights), said=said)


def _changes(slots: dict[Key, Slot]) -> Iterator[tuple[str, str, tuple[str, str], dict[Key, Array]]]:
    keys = list(slots)
    zero = {key: np.zeros_like(slot.weight) for key, slot in slots.items()}
    for which, key in (("first", keys[0]), ("last", keys[-1])):
        yield "alone", which, _ALONE, {k: w for k, w in zero.items() if k != key}
        yield "without", which, _WITHOUT, {key: zero[key]}
    for written, name in ((_all, "window"), (_live, "entry")):
        parents = [set(written(slot)) for slot in slots.values()]
        if len(frozenset().union(*parents)) == sum(map(len, parents)):
            continue
        for which, ordered in (("last", keys), ("first", keys[::-1])):
            owner = {p: key for key in ordered for p in written(slots[key])}
            yield f"over {name}", which, _OVER, {key: _own(key, slot, owner) for key, slot in slots.items()}


def _own(key: Key, slot: Slot, owner: dict[int, Key]) -> Array:
    """Return the weights, 0 where another turn has written over what this one gave."""
    return slot.weight * np.array([owner.get(p, key) == key for p in slot.parent.tolist()])


def _all(slot: Slot) -> list[int]:
    """Return what a turn reads: it writes the zeros of its window too."""
    return list(slot.parent.tolist())


def _live(slot: Slot) -> list[int]:
    """Return what a turn has a gradient for."""
    return list(slot.parent[slot.weight != 0].tolist())
