"""Mistakes with what a loop hands on: nothing comes back from later steps, or from the wrong step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array, Group
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

Key = tuple[int, int]


def is_carried(child: Group, parent: Group) -> bool:
    """Was the parent made in an earlier turn of a loop: later in the code than the child that reads it?"""
    for mine, theirs in zip(child.places, parent.places, strict=False):
        if mine.frame != theirs.frame:
            return mine is not child.places[0]
        if mine.instruction != theirs.instruction:
            return theirs.instruction > mine.instruction
    return child.name == parent.name and child.places == parent.places


def at_loops(reach: Reach, all_units: list[Unit]) -> Iterator[Variant]:
    """Yield: nothing that a loop hands on comes back; one variable of it does not; a step reads its neighbour's."""
    carried = _carried(reach)
    if carried:
        yield _without(reach, tuple(carried), Unit((min(g for g, _ in carried),)))
    for unit in all_units:
        mine = [key for key, parents in carried.items() if parents <= set(unit.groups)]
        if mine and len(mine) < len(carried):
            yield _without(reach, tuple(mine), unit)
        if len(unit.groups) > 1:
            yield from _shifted(reach, unit)


def _carried(reach: Reach) -> dict[Key, frozenset[int]]:
    groups = reach.tape.groups
    found = {}
    for g, group in enumerate(groups):
        for s in range(len(group.slots)):
            parents = reach.parents(g, s)
            if any(is_carried(group, groups[p]) for p in parents if groups[p].places):
                found[g, s] = parents
    return found


def _without(reach: Reach, keys: tuple[Key, ...], unit: Unit) -> Variant:
    zero = {(g, s): np.zeros_like(reach.tape.groups[g].slots[s].weight) for g, s in keys}
    return Variant("carried", unit, -1, Edges(zero))


def _shifted(reach: Reach, unit: Unit) -> Iterator[Variant]:
    """Yield: each step takes the other factor of the step after it, or before it."""
    groups = reach.tape.groups
    for operand in sorted({w for g in unit.groups for w in groups[g].which}):
        keys = [(g, groups[g].which.index(operand)) for g in unit.groups if operand in groups[g].which]
        if len(keys) < 2:
            continue
        all_weights = [groups[g].slots[s].weight for g, s in keys]
        if _differ(all_weights):
            back = dict(zip(keys, all_weights[::-1], strict=True))
            yield Variant("reversed", unit, operand, Edges(back))
        for step in (1, -1):
            weights = _moved(all_weights, step)
            if weights is not None:
                yield Variant("step", unit, operand, Edges(dict(zip(keys, weights, strict=True))), float(step))


def _differ(weights: list[Array]) -> bool:
    """Are there as many edges at each step, with other weights?"""
    return len({len(w) for w in weights}) == 1 and not all(np.array_equal(w, weights[0]) for w in weights)


def _moved(weights: list[Array], step: int) -> list[Array] | None:
    """Return each step's weights at its neighbour; at the end they are those of a start at 0."""
    if not _differ(weights):
        return None
    edge = [np.zeros_like(weights[0])]
    return weights[1:] + edge if step > 0 else edge + weights[:-1]
