"""When tensors are matrices as they lie in memory, and which indices must be loops so that they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, free
from gradproof.kernels.plan import Storage
from gradproof.kernels.planner.accesses import plain, shifted


@dataclass(frozen=True, slots=True)
class Sides:
    """The indices of a product: of its rows, of its columns, of its inner sum, and those of the loops around it."""

    rows: frozenset[Index]
    columns: frozenset[Index]
    inner: frozenset[Index]
    loops: frozenset[Index]
    ranked: tuple[Index, ...]

    @property
    def all(self) -> frozenset[Index]:
        """Every index of the product."""
        return self.rows | self.columns | self.inner | self.loops

    @property
    def running(self) -> frozenset[Index]:
        """Those that run inside the product."""
        return self.rows | self.columns | self.inner

    def opening(self, index: Index) -> Sides:
        """Return the same with a loop over the index."""
        one = frozenset([index])
        return replace(self, rows=self.rows - one, columns=self.columns - one, inner=self.inner - one,
                       loops=self.loops | one)  # fmt: skip


#: The indices along the rows and along the columns of a matrix, in the order of its axes.
Orders = tuple[tuple[Index, ...], tuple[Index, ...]]


def opened_for(target: Element, sides: Sides, storage: Mapping[str, Storage]) -> tuple[Sides, Orders] | None:
    """Return the sides with so many loops that the target is a matrix, and its rows and columns in their order.

    None where no index is left to run along its rows, or along its columns.
    """
    while sides.rows and sides.columns:
        orders = matrix(target, sides.rows, sides.columns, storage)
        if orders is not None:
            return sides, orders
        axes = (plain(slot) for slot in target.indices)
        sides = sides.opening(next(i for i in axes if i is not None and i not in sides.loops))
    return None


def matrix(access: Element, group: frozenset[Index], other: frozenset[Index], storage: Mapping[str, Storage]
           ) -> Orders | None:  # fmt: skip
    """Return the indices of two groups as they run along an access's rows and columns, or columns and rows.

    Each runs alone in its axis. More than two axes are joined: they lie side by side and reach to the last one, and
    only the first of each group may be shifted or run over a part of its axis.
    """
    slots = [(axis, shifted(slot)) for axis, slot in enumerate(access.indices)]
    held = [(axis, i) for axis, i in slots if i in group or i in other]
    if any(i is None and free(access.indices[axis]) & (group | other) for axis, i in slots):
        return None
    run = tuple(i for _, i in held if i is not None)
    orders = tuple(i for i in run if i in group), tuple(i for i in run if i in other)
    if len(run) != len(group | other) or set(run) != group | other:
        return None
    if run not in (orders[0] + orders[1], orders[1] + orders[0]):
        return None
    if len(run) > 2 and [axis for axis, _ in held] != list(range(len(slots) - len(run), len(slots))):
        return None
    inside = [axis for axis, i in held if i not in (orders[0][0], orders[1][0])]
    return orders if all(_whole(access, axis, storage) for axis in inside) else None


def _whole(access: Element, axis: int, storage: Mapping[str, Storage]) -> bool:
    """Does the index of an axis run over all of it?"""
    kept, index = storage[access.name], plain(access.indices[axis])
    return index is not None and not kept.low[axis] and not kept.high[axis] and kept.shape[axis] == index.size
