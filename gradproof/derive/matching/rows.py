"""The rows of a recurrence: which axis it walks along, in which direction, and what stands before its first row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Integer

from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element, elements, substitute


class NotByRows(Exception):
    """An element is read that is not a fixed number of rows away."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one tensor.

    Attributes:
        shape: of the tensor.
        axis: the axis of the rows.
        forward: whether each row reads earlier ones; else it reads later ones.
        starts: start equations by row.
        outside: what a read past an edge gives, if it may be.
    """

    shape: tuple[Expr, ...]
    axis: int
    forward: bool
    starts: Mapping[int, Equation]
    outside: Expr | None

    @property
    def size(self) -> Expr:
        return self.shape[self.axis]

    def distance(self, element: Element, row: Expr) -> int:
        """Return how many rows back the element stands.

        Raises:
            NotByRows: no fixed number, or rows that come later; or another axis is not read as it stands.
        """
        back = row - element.indices[self.axis] if self.forward else element.indices[self.axis] - row
        if not back.is_Integer or back < 0 or not self.is_inside(element):
            raise NotByRows
        return int(back)

    def is_inside(self, element: Element) -> bool:
        """Is the element read over the whole of each other axis, so that it leaves none of them?"""
        others = [(i, n) for k, (i, n) in enumerate(zip(element.indices, self.shape, strict=True)) if k != self.axis]
        return all(isinstance(i, Index) and i.size == n for i, n in others)

    def goes_with(self, other: Rows) -> bool:
        """Have both the same rows, walked in the same direction?"""
        return self.forward == other.forward and self.size == other.size

    def first(self, count: int) -> tuple[Expr, ...]:
        """Return the rows that are computed first."""
        return tuple(Integer(k) if self.forward else self.size - 1 - k for k in range(count))

    def later(self, count: int) -> Expr:
        """Return a row that stands for all but the first ones."""
        return fresh(self.size - count) + (count if self.forward else 0)

    def is_beyond(self, element: Element) -> bool:
        """Does the element stand before the first row that is computed?"""
        slot = element.indices[self.axis]
        past = -1 - slot if self.forward else slot - self.size
        return bool(past.is_Integer and past >= 0)

    def beyond(self, element: Element) -> Expr:
        """Return what an element before the first row is: a start row's value, or the edge's.

        Raises:
            NotByRows: there is neither.
        """
        slot = element.indices[self.axis]
        start = self.starts.get(int(slot)) if slot.is_Integer else None
        if start is not None and self.is_inside(element):
            return substitute(start.value, dict(zip(start.target.indices, element.indices, strict=True)))
        if self.outside is None or start is not None:
            raise NotByRows
        return self.outside


def rows_of(system: System, definition: Equation) -> Rows | None:
    """Return the rows of a recurrence, or None where it does not walk along one axis.

    Args:
        system: the equations, for shape, edge and start rows.
        definition: the tensor's equation, with other definitions written in.
    """
    tensor = system[definition.name]
    starts = [e for e in system.equations_of(definition.name) if e.kind is Kind.START]
    fixed = {axis for e in starts for axis, i in enumerate(e.target.indices) if not isinstance(i, Index)}
    own = [e for e in elements(definition.value) if e.name == definition.name]
    axes = fixed or {
        axis for axis, row in enumerate(definition.target.indices) if own and all(_moved(e, axis, row) for e in own)
    }
    if len(axes) != 1 or not all(isinstance(i, Index) for i in definition.target.indices):
        return None
    axis = axes.pop()
    row = definition.target.indices[axis]
    if not all(e.target.indices[axis].is_Integer for e in starts):
        return None
    forward = bool(starts) or all(e.indices[axis] - row < 0 for e in own)
    by_row = {int(e.target.indices[axis]): e for e in starts}
    return Rows(tensor.shape, axis, forward, by_row, tensor.outside)


def _moved(element: Element, axis: int, row: Expr) -> bool:
    """Does the element stand a fixed number of rows away, and not 0?"""
    distance = element.indices[axis] - row
    return bool(distance.is_Integer and distance != 0)
