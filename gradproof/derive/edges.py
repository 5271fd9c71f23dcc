"""The guards of a read near a tensor's edge: what `outside x = 0` puts around `x[i-1]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import data_bounds, nonnegative
from gradproof.derive.conditions import Condition, at_least_zero
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, order_key

if TYPE_CHECKING:
    from gradproof.derive.model import System


@dataclass(frozen=True)
class Edge:
    """Where a tensor ends.

    Attributes:
        shape: sizes of its axes.
        rows: for each axis how many rows `start` lines give before the first and after the last.
        bounds: for integer tensors, the bound of their values: they may stand in an index.
    """

    shape: tuple[Expr, ...]
    rows: tuple[tuple[int, int], ...] = ()
    bounds: Mapping[str, Expr] = field(default_factory=dict)

    def guards(self, element: Element) -> list[Condition]:
        """Return the conditions, not provable from the ranges, under which the element lies inside."""
        out = []
        for axis, (e, n) in enumerate(zip(element.indices, self.shape, strict=True)):
            low, high = self.rows[axis] if self.rows else (0, 0)
            facts = tuple(f for d in sorted(elements(e), key=order_key) for f in self._facts(d))
            sides = (integer_form(e + low), integer_form(n + high - 1 - e))
            out += [at_least_zero(s) for s in sides if not nonnegative(s, facts)]
        return out

    def _facts(self, data: Element) -> tuple[Expr, ...]:
        return data_bounds(data, self.bounds[data.name]) if data.name in self.bounds else ()


def start_rows(system: System, name: str) -> tuple[tuple[int, int], ...]:
    """Return for each axis the numbers of rows that start equations give before the first and after the last."""
    shape = system[name].shape
    rows = [(0, 0)] * len(shape)
    for equation in system.equations:
        if equation.name == name and equation.kind == "start":
            rows = [_more(r, slot, n) for r, slot, n in zip(rows, equation.target.indices, shape, strict=True)]
    return tuple(rows)


def _more(rows: tuple[int, int], slot: Expr, size: Expr) -> tuple[int, int]:
    return rows if isinstance(slot, Index) else extend_rows(rows, slot, size)


def extend_rows(rows: tuple[int, int], slot: Expr, size: Expr) -> tuple[int, int]:
    """Count the fixed row `slot` of an axis of this size in."""
    low, high = rows
    if slot.is_Integer:
        low = max(low, -int(slot))
    if (slot - size).is_Integer:
        high = max(high, int(slot - size) + 1)
    return low, high


def edges_of(system: System) -> dict[str, Edge]:
    """Return the edge of every tensor whose outside reads give 0."""
    bounds = {t.name: t.bound for t in system.tensors if t.bound is not None}
    return {
        t.name: Edge(t.shape, start_rows(system, t.name), bounds)
        for t in system.tensors
        if t.outside == 0 and t.outside is not None
    }
