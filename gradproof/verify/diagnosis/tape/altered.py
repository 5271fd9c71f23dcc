"""Derivatives of another function: of a call as if its code had another constant, axis, transpose or no choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Case
from gradproof.verify.diagnosis.tape.linear import BOTH
from gradproof.verify.diagnosis.tape.record import Alteration, Array, Group, Slot, Tape, Untapeable
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
#: Sums over axes of more are left as they are.
_MOST_AXES = 4
#: Functions whose derivatives have the inverse of a matrix.
_INVERSES = frozenset({"inv", "solve", "det", "slogdet"})

Change = dict[int, Alteration]


def alterations(tape: Tape) -> list[tuple[str, Change]]:
    """Return what may be altered: an epsilon, the axes of sums, the transpose of a square matrix, a choice."""
    found: list[tuple[str, Change]] = []
    for g, group in enumerate(tape.groups):
        for j, c in enumerate(group.constants):
            if group.name in ("add", "maximum") and c is not None and 0 < abs(c) <= _LARGEST:
                found += [("epsilon", {g: Alteration(j, e)}) for e in _USUAL if e != c]
        if group.name == "matmul" and group.ids.size:
            found += [("transposed", {g: Alteration(j, None)}) for j in (0, 1)]
        if group.name in _INVERSES:
            found.append(("inverted", {g: Alteration(0, None)}))
        if group.name == "convolve":
            found += [("reversed kernel", {g: Alteration(j, None)}) for j in (0, 1, BOTH)]
        if group.name == "where":
            found += [("mask", {g: Alteration(j, None)}) for j in (1, 2)]
    return [*found, *_other_axes(tape)][:_MOST]


def _other_axes(tape: Tape) -> Iterator[tuple[str, Change]]:
    """Yield other axes for all sums (and maxima) of a call that keep their axes, and for each sum alone."""
    sums = [g for g, group in enumerate(tape.groups) if group.keeps and group.axes]
    for call in {p.frame: None for g in sums for p in tape.groups[g].places}:
        inside = [g for g in sums if call in {p.frame for p in tape.groups[g].places}]
        kinds = {(tape.groups[g].axes, len(tape.groups[g].whole)) for g in inside}
        if len(kinds) == 1:
            for axes in _others(tape.groups[inside[0]]):
                yield "axis", {g: Alteration(0, None, axes) for g in inside}
    for g in sums:
        for axes in _others(tape.groups[g]):
            yield "axis", {g: Alteration(0, None, axes)}


def _others(group: Group) -> list[tuple[int, ...]]:
    long = [j for j, n in enumerate(group.whole) if n > 1]
    if len(long) > _MOST_AXES:
        return []
    every = [axes for count in range(1, len(long) + 1) for axes in combinations(long, count)]
    return [axes for axes in every if axes != group.axes]


def altered(case: Case, inputs: Sequence[Any], run: Run) -> Iterator[Variant]:
    """Yield: in the call that has the alteration, or those around it, all derivatives are those with it."""
    tape = run.tape
    for what, change in alterations(tape):
        try:
            there = run_on_tape(case.function, inputs, case.wrt, case.code, Tape(change=change)).tape  # type: ignore[arg-type]
        except Untapeable:
            continue
        if [x.name for x in there.groups] != [x.name for x in tape.groups]:
            continue
        first = min(change)
        for call in dict.fromkeys(p.frame for p in reversed(tape.groups[first].places)):
            inside = [k for k in range(first, len(tape.groups)) if call in {p.frame for p in tape.groups[k].places}]
            yield from _within(tape, there, what, change, inside)


def _within(tape: Tape, there: Tape, what: str, change: Change, inside: list[int]) -> Iterator[Variant]:
    """Yield the derivatives of the altered call: of all its steps, of those behind the altered one, of the way back."""
    alteration = next(iter(change.values()))
    onto = _translated(tape, there)
    descends = _descends(tape, change)
    ways = [[(k, s) for k in inside for s in range(len(there.groups[k].slots))]]
    if np.array_equal(onto, np.arange(len(tape.values))):  # else nothing would come back through the altered ones
        ways.append([(k, s) for k in inside if k not in change for s in range(len(there.groups[k].slots))])
        ways.append([(k, s) for k in inside for s in _back(there, k, descends, change)])
    for way, chosen in enumerate(ways):
        edges = _edges(tape, there, onto, chosen)
        if edges is not None:
            axes = sum(2**j for j in alteration.axes)
            number = float(alteration.number or 0.0) + axes
            yield Variant(what, Unit((min(change),)), alteration.operand, edges, number, -2 - way)


def _translated(tape: Tape, there: Tape) -> Array:
    """Return for each number of the altered run the one in its place; of groups of another shape new ones."""
    onto = np.zeros(len(there.values), dtype=np.int64)
    fresh = len(tape.values)
    for mine, other in zip(tape.groups, there.groups, strict=True):
        if mine.ids.shape == other.ids.shape:
            onto[other.ids.reshape(-1)] = mine.ids.reshape(-1)
        else:
            onto[other.ids.reshape(-1)] = np.arange(fresh, fresh + other.ids.size)
            fresh += other.ids.size
    return onto


def _descends(tape: Tape, change: Change) -> Array:
    """Return for each number whether it depends on what is altered."""
    found = np.zeros(len(tape.values), dtype=bool)
    for k, group in enumerate(tape.groups):
        if k in change or any(np.any(found[s.parent]) for s in group.slots):
            found[group.ids.reshape(-1)] = True
    return found


def _back(there: Tape, k: int, descends: Array, change: Change) -> list[int]:
    """Return the slots of a group that lead back to what is altered, or out of it."""
    return [s for s, slot in enumerate(there.groups[k].slots) if k in change or np.any(descends[slot.parent])]


def _edges(tape: Tape, there: Tape, onto: Array, chosen: list[tuple[int, int]]) -> Edges | None:
    weights: dict[tuple[int, int], Array] = {}
    extra: dict[int, list[Slot]] = {}
    for k, s in chosen:
        slot, mine = there.groups[k].slots[s], tape.groups[k].slots
        child, parent = onto[slot.child], onto[slot.parent]
        same = next((j for j, w in enumerate(tape.groups[k].which) if w == there.groups[k].which[s]), None)
        if same is not None and np.array_equal(mine[same].parent, parent) and np.array_equal(mine[same].child, child):
            weights[k, same] = slot.weight
            continue
        if same is not None:
            weights[k, same] = np.zeros_like(mine[same].weight)
        extra.setdefault(k, []).append(Slot(child, parent, slot.weight))
    if not weights and not extra:
        return None
    joined = {
        k: Slot(*(np.concatenate([getattr(s, part) for s in slots]) for part in ("child", "parent", "weight")))
        for k, slots in extra.items()
    }
    return Edges(weights, joined)
