"""Mistakes at one step: a largest entry's gradient given to all, an epsilon that f has not, a product's own factor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array, Group, Slot
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

_USUAL = (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
Changed = tuple[str, Array, tuple[str, str], float]


def at_choices(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield the mistakes of single steps, for all steps of a line."""
    groups = reach.tape.groups
    values = np.array(reach.tape.values)
    for unit in units:
        for operand in sorted({w for g in unit.groups for w in groups[g].which}):
            keys = [(g, groups[g].which.index(operand)) for g in unit.groups if operand in groups[g].which]
            each = [list(_changes(groups[g], groups[g].slots[s], operand, values)) for g, s in keys]
            for changes in zip(*each, strict=False):
                weights = {key: c[1] for key, c in zip(keys, changes, strict=True)}
                what, _, said, number = changes[0]
                yield Variant(f"choice: {what}", unit, operand, Edges(weights), number, said=said)


def _changes(group: Group, slot: Slot, operand: int, values: Array) -> Iterator[Changed]:
    if group.whole and group.name in ("maximum", "minimum"):
        which = {"maximum": "largest", "minimum": "smallest"}[group.name]
        _, at, counts = np.unique(slot.child, return_inverse=True, return_counts=True)
        said = "mask", f"the gradient of the {which} entry is spread over all of them"
        yield "spread", 1.0 / counts[at], said, 0.0
        said = "mask", f"all entries are given the gradient of the {which}: which one it is, is left out"
        yield "all", np.ones_like(slot.weight), said, 0.0
    if group.whole and group.name == "multiply":
        said = "term-factor", "an entry's own factor is not divided out of the derivative of the product"
        yield "own factor", values[slot.child], said, 0.0
    with np.errstate(all="ignore"):
        for e in _USUAL:
            for way, weight in _beside(group, slot, operand, values, e):
                yield f"epsilon {way}", weight, ("epsilon", f"the derivative has an epsilon ({e:g}) that f has not"), e


def _beside(group: Group, slot: Slot, operand: int, values: Array, e: float) -> Iterator[tuple[str, Array]]:
    """Yield the derivative with e added to what divides."""
    x, y = values[slot.parent], values[slot.child]
    if group.name == "sqrt":
        yield "outside", 0.5 / (y + e)
        yield "inside", 0.5 / np.sqrt(x + e)
    elif group.name == "log":
        yield "inside", 1 / (x + e)
    elif group.name == "divide" and operand == 0:
        yield "inside", 1 / (1 / slot.weight + e)
    elif group.name == "divide" and operand == 1:
        yield "inside", slot.weight * x * x / (x + e) ** 2
