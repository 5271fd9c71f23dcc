"""What people get wrong at a step: its derivative left out, its sign, a factor, a path, a sum, a transpose."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gradproof.verify.diagnosis.tape.record import Array, Group, Slot, Tape
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.rules import LINEAR
from gradproof.verify.diagnosis.tape.units import Unit

_PRODUCTS = frozenset({"multiply", "divide"})


@dataclass(frozen=True)
class Variant:
    """A mistake at a step.

    Attributes:
        what: "drop", "slope", "sign", "factor", ...: what was done.
        unit: where.
        operand: which operand's derivative.
        edges: the changed edges.
        number: a factor, or a size.
        source: of an elementwise stretch, the group that it begins after.
        said: its kind and words, where they need no look at what is around; "" and "" else.
    """

    what: str
    unit: Unit
    operand: int
    edges: Edges
    number: float = 0.0
    source: int = -1
    said: tuple[str, str] = ("", "")


Weigh = Callable[[Slot], Array]


@dataclass(frozen=True)
class _Step:
    """One operand of a unit, and the slots that belong to it, by (group, slot)."""

    tape: Tape
    unit: Unit
    operand: int
    slots: tuple[tuple[int, int], ...]

    @property
    def first(self) -> Group:
        return self.tape.groups[self.unit.groups[0]]

    def slot(self, key: tuple[int, int]) -> Slot:
        return self.tape.groups[key[0]].slots[key[1]]

    def changed(self, what: str, weigh: Weigh, number: float = 0.0) -> Variant:
        """Return the variant with other weights for every slot."""
        with np.errstate(all="ignore"):
            weights = {key: weigh(self.slot(key)) for key in self.slots}
        return Variant(what, self.unit, self.operand, Edges(weights), number)


def at_steps(tape: Tape, unit: Unit, sizes: tuple[int, ...]) -> Iterator[Variant]:
    """Yield the mistakes in the derivatives of one unit, operand by operand."""
    for operand in sorted({w for g in unit.groups for w in tape.groups[g].which}):
        slots = [(g, s) for g in unit.groups for s, w in enumerate(tape.groups[g].which) if w == operand]
        step = _Step(tape, unit, operand, tuple(slots))
        yield step.changed("drop", lambda s: np.zeros_like(s.weight))
        yield from _partly(step)
        yield step.changed("sign", lambda s: -s.weight)
        yield from _slopes(step)
        yield from _of_powers(step)
        yield from _factors(step, sizes)
        yield from _repeated(step)
        if step.first.name == "matmul":
            yield from _transposed(step)


def _slopes(step: _Step) -> Iterator[Variant]:
    """Yield: the derivative itself, or the other factor of a product, is left out, doubled, or turned over."""
    name = step.first.name
    if name in LINEAR:
        return
    what = "coefficient" if name in _PRODUCTS else "slope"
    yield step.changed(what, lambda s: np.ones_like(s.weight))
    if name == "multiply" and len(step.unit.groups) == 1:
        yield from _whole_product(step)
    yield step.changed(f"{what} twice", lambda s: s.weight**2)
    yield step.changed(f"inverse {what}", lambda s: 1 / s.weight)


def _factors(step: _Step, sizes: tuple[int, ...]) -> Iterator[Variant]:
    for c in (2.0, 0.5):
        yield step.changed("factor", lambda s, c=c: c * s.weight, c)  # type: ignore[misc]
    for n in sizes:
        for c in (float(n), 1 / n, math.sqrt(n), 1 / math.sqrt(n)):
            yield step.changed("size", lambda s, c=c: c * s.weight, c)  # type: ignore[misc]


def _repeated(step: _Step) -> Iterator[Variant]:
    """Yield: of several edges to one number only the first or the last counts, or their mean."""
    if any(len(np.unique(step.slot(key).parent)) < len(step.slot(key).parent) for key in step.slots):
        yield step.changed("first", lambda s: s.weight * _end(s, last=False))
        yield step.changed("last", lambda s: s.weight * _end(s, last=True))
        yield step.changed("mean", lambda s: s.weight / _count(s))


def _partly(step: _Step) -> Iterator[Variant]:
    """Yield: only the last steps of a loop are followed back."""
    for kept in range(1, len(step.slots) - 1):
        zero = {key: np.zeros_like(step.slot(key).weight) for key in step.slots[:-kept]}
        yield Variant("drop", step.unit, step.operand, Edges(zero), float(kept))


def _whole_product(step: _Step) -> Iterator[Variant]:
    """Yield: the other factor is missing for all further factors of a product as well, as b is in d((b*x)*y)."""
    tape, (key,) = step.tape, step.slots
    mine = step.slot(key)
    factor = dict(zip(mine.child.tolist(), mine.weight.tolist(), strict=True))
    weights = {key: np.ones_like(mine.weight)}
    product = dict(zip(mine.child.tolist(), mine.child.tolist(), strict=True))
    for k in range(key[0] + 1, len(tape.groups)):
        later = tape.groups[k]
        if later.name != "multiply" or len(later.slots) != 2:
            continue
        inside = [all(p in product for p in s.parent.tolist()) for s in later.slots]
        if inside[0] == inside[1]:
            continue
        through, beside = later.slots[inside.index(True)], later.slots[inside.index(False)]
        origin = dict(zip(through.child.tolist(), [product[p] for p in through.parent.tolist()], strict=True))
        if not set(beside.child.tolist()) <= set(origin):
            continue
        below = np.array([factor[origin[c]] for c in beside.child.tolist()])
        weights[k, inside.index(False)] = beside.weight / np.where(below == 0, 1.0, below)
        product |= origin
    if len(weights) > 1:
        yield Variant("coefficient", step.unit, step.operand, Edges(weights), 1.0)


def _of_powers(step: _Step) -> Iterator[Variant]:
    """Yield mistakes with powers: the exponent, the power itself, the square of a quotient's rule."""
    values, first = np.array(step.tape.values), step.first
    exponent = first.constants[1] if first.name == "power" and step.operand == 0 else None
    if exponent:
        yield step.changed("exponent", lambda s: s.weight / exponent)
        yield step.changed("own power", lambda s: exponent * values[s.child])
    if first.name == "square":
        yield step.changed("exponent", lambda s: s.weight / 2)
    if first.name == "divide" and step.operand == 1:
        yield step.changed("quotient", lambda s: -values[s.child])
        yield step.changed("quotient", lambda s: s.weight * values[s.parent], 1.0)


def _end(s: Slot, *, last: bool) -> Array:
    """Return 1 for the first (or last) edge to each parent, 0 for the others."""
    parents = s.parent[::-1] if last else s.parent
    _, places = np.unique(parents, return_index=True)
    out = np.zeros(len(parents))
    out[places] = 1
    return out[::-1] if last else out


def _count(s: Slot) -> Array:
    _, inverse, counts = np.unique(s.parent, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse], dtype=float)


def _transposed(step: _Step) -> Iterator[Variant]:
    """Yield: the other matrix of a product is transposed where it should not be, or the other way round."""
    weights = {}
    for key in step.slots:
        group, slot = step.tape.groups[key[0]], step.slot(key)
        if group.ids.ndim > 2 or not group.ids.size or len(slot.child) % group.ids.size:
            return
        inner = len(slot.child) // group.ids.size
        for rows, columns in _shapes(group.ids.shape):
            w = slot.weight.reshape(rows, columns, inner)
            if inner > 1 and (columns, rows)[step.operand] == inner:
                weights[key] = np.swapaxes(w, 1 - step.operand, 2).reshape(-1)
    if len(weights) == len(step.slots):
        yield Variant("transpose", step.unit, step.operand, Edges(weights))


def _shapes(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return what a product's shape is as a matrix: a vector is a row or a column."""
    if len(shape) == 2:
        return [(shape[0], shape[1])]
    return [(1, shape[0]), (shape[0], 1)] if shape else [(1, 1)]
