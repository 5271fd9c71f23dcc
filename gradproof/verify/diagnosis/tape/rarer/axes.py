"""A sum that is right in f and runs over other axes in the backward pass: of a softmax, a mean, a norm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array, Slot
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

#: Steps between a sum and what it is put into.
_FURTHEST = 6
_MOST_AXES = 3
#: Edges of such a variant.
_MOST_EDGES = 40_000


@dataclass(frozen=True)
class _Way:
    """From the entries that are summed to the group that reads the sum once more for each entry.

    Attributes:
        group: that reads it; slot: through this one.
        into: d sum / d entry; along: d (what is read) / d sum, for each entry; out: d result / d (what is read).
        value: of what is read, for each entry.
        parents, children: the entries, and the results, in the shape of what is summed.
    """

    group: int
    slot: int
    into: Array
    along: Array
    out: Array
    value: Array
    parents: Array
    children: Array


def over_other_axes(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield: what comes back through a sum is summed over other axes than f's, in each way to share out the factors."""
    del units
    for g, group in enumerate(reach.tape.groups):
        long = [j for j, n in enumerate(group.whole) if n > 1]
        if group.name != "sum" or len(group.whole) < 2 or len(long) > _MOST_AXES or not group.axes:
            continue
        if len(group.slots[0].parent) != np.prod(group.whole):
            continue
        for way in _ways(reach, g):
            for count in range(1, len(long) + 1):
                for axes in combinations(long, count):
                    if axes != group.axes:
                        yield from _summed(reach, g, way, axes)


def _ways(reach: Reach, g: int) -> Iterator[_Way]:
    groups, values = reach.tape.groups, np.array(reach.tape.values)
    group, first = reach.tape.groups[g], reach.tape.groups[g].slots[0]
    here, along = group.ids.reshape(-1), np.ones(group.ids.size)
    at = {int(i): n for n, i in enumerate(here)}
    entry = np.array([at[int(c)] for c in first.child])
    for _ in range(_FURTHEST):
        step = None
        for k in range(g + 1, len(groups)):
            for s, slot in enumerate(groups[k].slots):
                if not groups[k].elementwise or not set(slot.parent.tolist()) <= set(at):
                    continue
                if groups[k].ids.shape == group.whole and len(slot.child) == len(entry):
                    if np.array_equal([at[int(p)] for p in slot.parent], entry):
                        shape = group.whole
                        value = values[here][entry]
                        yield _Way(
                            k, s, first.weight, along[entry], slot.weight, value,
                            first.parent.reshape(shape), slot.child.reshape(shape),
                        )  # fmt: skip
                elif groups[k].ids.size == len(here) and len(groups[k].slots) == 1 and step is None:
                    step = k, slot
        if step is None:
            return
        k, slot = step
        order = np.array([at[int(p)] for p in slot.parent])
        if len(np.unique(order)) != len(here):
            return
        fresh, slopes = np.empty_like(here), np.empty_like(along)
        fresh[order], slopes[order] = slot.child, along[order] * slot.weight
        here, along, g = fresh, slopes, k
        at = {int(i): n for n, i in enumerate(here)}


def _summed(reach: Reach, g: int, way: _Way, axes: tuple[int, ...]) -> Iterator[Variant]:
    group = reach.tape.groups[g]
    shape = group.whole
    length = [int(np.prod([shape[j] for j in over])) for over in (group.axes, axes)]
    if way.parents.size * length[1] > _MOST_EDGES:
        return
    pairs = _pairs(shape, axes)
    zero = {(way.group, way.slot): np.zeros_like(reach.tape.groups[way.group].slots[way.slot].weight)}
    said = (
        "broadcast",
        f"in the backward pass a sum runs over {_axes(axes)}, where it runs over {_axes(group.axes)} in f,",
    )
    for number, (left, right) in enumerate(_shared_out(way)):
        for scale in {1.0: None, length[0] / length[1]: None}:
            a, b = scale * left.reshape(-1)[pairs[0]], right.reshape(-1)[pairs[1]]
            edges = Slot(way.children.reshape(-1)[pairs[1]], way.parents.reshape(-1)[pairs[0]], a * b)
            code = float(number + 100 * sum(2**j for j in axes)) + (0.5 if scale != 1 else 0.0)
            changed = Edges(zero, {way.group: edges})
            yield Variant("other axes: sum", Unit((g,)), way.group - g, changed, code, said=said)


def _axes(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"the axes {', '.join(map(str, axes))}"


def _pairs(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Return flat places (of the entry, of the result) that share their place off the axes."""
    flat = np.arange(int(np.prod(shape))).reshape(shape)
    rest = [j for j in range(len(shape)) if j not in axes]
    lines = np.transpose(flat, (*rest, *axes)).reshape(-1, int(np.prod([shape[j] for j in axes])))
    n = lines.shape[1]
    return np.repeat(lines, n, axis=1).reshape(-1), np.tile(lines, (1, n)).reshape(-1)


def _shared_out(way: _Way) -> Iterator[tuple[Array, Array]]:
    """Yield what stands outside the sum and what inside: factors that belong to the line may be in either."""
    with np.errstate(all="ignore"):
        for power in (0.0, 1.0, -1.0):
            moved = way.value**power if power else np.ones_like(way.value)
            yield way.into * way.along / moved, way.out * moved
            yield way.into / moved, way.out * way.along * moved
