"""Elementwise stretches: results that depend on the entries of one array, each on its own (an activation)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradproof.verify.diagnosis.tape.record import Array, Slot, Tape
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.rules import LINEAR
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

#: A stretch is no longer than this many operations.
_LONGEST = 12


#: Sums, products and powers: nothing that anybody calls an activation.
_ALGEBRAIC = LINEAR - {"where"} | {"multiply", "divide", "power", "square", "sqrt", "reciprocal"}


@dataclass(frozen=True)
class Stretch:
    """From the results of one group to those of another, entry by entry.

    Attributes:
        source, target: groups.
        entries: for each result of the target, flat, the id of the source's entry.
        slope: d target / d source.
        linear: is every operation on the way linear?
        algebraic: are all of them sums, products and powers?
    """

    source: int
    target: int
    entries: Array
    slope: Array
    linear: bool
    algebraic: bool


def stretches(tape: Tape, source: int) -> Iterator[Stretch]:
    """Yield the stretches that begin at the results of a group."""
    yield from from_entries(tape, source + 1, tape.groups[source].ids.reshape(-1), source)


def from_entries(tape: Tape, first: int, begun: Array, source: int = -1) -> Iterator[Stretch]:
    """Yield the stretches that begin at these numbers, from a group on."""
    position = {int(i): n for n, i in enumerate(begun)}
    slopes = dict.fromkeys(position, 1.0)
    names: list[str] = []
    count = 0
    for g in range(first, len(tape.groups)):
        group = tape.groups[g]
        if not group.elementwise or group.ids.size != begun.size or not group.slots:
            continue
        found = _through(group.slots, position, slopes)
        if found is None:
            continue
        children, places, slope = found
        if len(children) != begun.size or len(set(places)) != begun.size:
            continue
        position |= dict(zip(children, places, strict=True))
        slopes |= dict(zip(children, slope, strict=True))
        names.append(group.name)
        linear = all(n in LINEAR and n != "where" for n in names)
        entries = np.array([begun[position[int(i)]] for i in group.ids.reshape(-1)])
        weights = np.array([slopes[int(i)] for i in group.ids.reshape(-1)])
        yield Stretch(source, g, entries, weights, linear, _ALGEBRAIC.issuperset(names))
        count += 1
        if count >= _LONGEST:
            return


def _through(
    slots: tuple[Slot, ...], position: dict[int, int], slopes: dict[int, float]
) -> tuple[list[int], list[int], list[float]] | None:
    """Return the results, where in the source each comes from, and its slope; None where another array is read."""
    places: dict[int, int] = {}
    total: dict[int, float] = {}
    for slot in slots:
        for child, parent, weight in zip(slot.child.tolist(), slot.parent.tolist(), slot.weight.tolist(), strict=True):
            at = position.get(parent)
            if at is None or places.setdefault(child, at) != at:
                return None
            total[child] = total.get(child, 0.0) + weight * slopes[parent]
    return list(places), list(places.values()), list(total.values())


def in_place_of(tape: Tape, stretch: Stretch) -> Iterator[Variant]:
    """Yield: the slope of a stretch is left out, or something else stands for it."""
    values = np.array(tape.values)
    y, x = values[tape.groups[stretch.target].ids.reshape(-1)], values[stretch.entries]
    found = candidates(y, x, stretch.slope)
    for what, slope in found[:2] if stretch.algebraic else found:
        if np.all(np.isfinite(slope)) and not np.allclose(slope, stretch.slope, rtol=1e-9, atol=1e-12):
            yield _replaced(tape, stretch, f"{'algebra' if stretch.algebraic else 'stretch'}: {what}", slope)


def candidates(y: Array, x: Array, right: Array) -> tuple[tuple[str, Array], ...]:
    """Return what is taken for the slope of y(x), in words and as numbers."""
    with np.errstate(all="ignore"):
        return (
            ("left out", np.ones_like(y)),
            ("twice", right**2),
            ("the output y", y),
            ("1 - y", 1 - y),
            ("y(1 - y)", y * (1 - y)),
            ("1 - y²", 1 - y * y),
            ("1 - x²", 1 - x * x),
            ("x(1 - x)", x * (1 - x)),
            ("x", x),
            ("x > 0", (x > 0) * 1.0),
            ("1/x", 1 / x),
            ("exp(x)", np.exp(x)),
            ("σ(y)", 1 / (1 + np.exp(-y))),
            ("tanh(y)", np.tanh(y)),
        )


def _replaced(tape: Tape, stretch: Stretch, what: str, slope: Array) -> Variant:
    target = tape.groups[stretch.target]
    zero = {(stretch.target, s): np.zeros_like(slot.weight) for s, slot in enumerate(target.slots)}
    around = Slot(target.ids.reshape(-1), stretch.entries, slope)
    return Variant(what, Unit((stretch.target,)), 0, Edges(zero, {stretch.target: around}), 0.0, stretch.source)
