"""Operands of a product as matrices: slices, transposes, and several axes run together as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Integer, Mul

from gradproof.derive.index import Index
from gradproof.derive.nodes import free
from gradproof.errors import InternalError
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.places import Access
from gradproof.kernels.emission.views import slot_text
from gradproof.kernels.expressions import Facts, Writer

#: Where a stretch of an axis begins and ends; None for all of it.
_Stretch = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix as text, and whether what is meant is its transpose."""

    text: str
    turned: bool

    def __str__(self) -> str:
        return f"{self.text}.T" if self.turned else self.text

    @property
    def other_way(self) -> Matrix:
        """The transpose."""
        return Matrix(self.text, not self.turned)


@dataclass(frozen=True, slots=True)
class _Axis:
    """An axis that runs: its place in the array, its index, and how far the index is shifted."""

    axis: int
    index: Index
    shift: Expr


class Matrices:
    """Writes accesses as matrices.

    Attributes:
        writer: writes slots and sizes.
        stretches: the indices of which only a stretch is meant, and where that begins and ends.
        facts: what is known of the open indices.
    """

    def __init__(self, writer: Writer, stretches: Mapping[Index, tuple[str, str]], facts: Facts) -> None:
        self.writer, self.stretches, self.facts = writer, stretches, facts

    def matrix(self, access: Access, rows: tuple[Index, ...], columns: tuple[Index, ...]) -> Matrix:
        """Return the access as a matrix with these indices along its rows and columns."""
        axes = [a for axis in range(len(access.slots)) if (a := self._axis(access, axis, {*rows, *columns}))]
        order = tuple(a.index for a in axes)
        if order not in ((*rows, *columns), (*columns, *rows)):
            raise InternalError(f"{access.array} is no matrix over {rows} and {columns}: its axes are {order}")
        turned = order != (*rows, *columns)
        first = len(columns) if turned else len(rows)
        text = self._plain(access, axes) if len(axes) == 2 else self._joined(access, axes, first)
        return Matrix(text, turned)

    def _axis(self, access: Access, axis: int, running: set[Index]) -> _Axis | None:
        found = running & free(access.slots[axis])
        if not found:
            return None
        (index,) = found
        shift = sp.expand(access.slots[axis] - index)
        if shift.free_symbols & running:
            raise InternalError(f"{access.array} is read at {access.slots[axis]}: no slice of it is a matrix")
        return _Axis(axis, index, shift)

    def _plain(self, access: Access, axes: list[_Axis]) -> str:
        """Return a stretch of an array: `cut(x, t, (lo, hi))`."""
        running = {a.axis: a for a in axes}
        return _cut_text(
            access.array,
            [
                self._slice(running[k], access) if k in running else slot_text(access, k, self.writer, self.facts)
                for k in range(len(access.slots))
            ],
            [access.extents[k] for k in range(len(access.slots))],
            self.writer,
        )

    def _slice(self, a: _Axis, access: Access) -> _Stretch:
        if a.index in self.stretches:
            start, stop = self.stretches[a.index]
            if access.strip(a.axis):
                return "0", f"{stop} - {start}"
            return self._shifted(start, a.shift), self._shifted(stop, a.shift)
        if a.shift == 0 and access.extents[a.axis] == a.index.size:
            return None
        return self.writer.integer(a.shift), self.writer.integer(sp.expand(a.shift + a.index.size))

    def _shifted(self, bound: str, shift: Expr) -> str:
        """Return the text of a bound plus a shift."""
        if shift == 0:
            return bound
        if shift.is_Integer and bound.isdigit():
            return str(int(bound) + int(shift))
        return (
            f"{bound} - {-shift}" if shift.is_Integer and shift < 0 else f"{bound} + {self.writer.tight_integer(shift)}"
        )

    def _joined(self, access: Access, axes: list[_Axis], first: int) -> str:
        """Return an array whose axes run together: `cut(as_matrix(x, T*N, D), (lo*N, hi*N))`."""
        before = axes[0].axis
        if [a.axis for a in axes] != list(range(before, len(access.slots))):
            raise InternalError(f"the axes of {access.array} that run do not lie together")
        groups = axes[:first], axes[first:]
        base = cut_text(access.array, [slot_text(access, k, self.writer, self.facts) for k in range(before)])
        sizes = [Mul(*[access.extents[a.axis] for a in g]) for g in groups]
        matrix = f"as_matrix({base}, {', '.join(map(self.writer.integer, sizes))})"
        return _cut_text(matrix, [self._cut(g, access) for g in groups], sizes, self.writer)

    def _cut(self, group: list[_Axis], access: Access) -> _Stretch:
        """Return the stretch of a joined axis; only its first index may be shifted or shared out."""
        head, *rest = group
        if any(a.shift != 0 or access.extents[a.axis] != a.index.size or a.index in self.stretches for a in rest):
            raise InternalError(f"an inner axis of {access.array} is shifted or shared out")
        each = Mul(*[access.extents[a.axis] for a in rest]) if rest else Integer(1)
        if head.index in self.stretches:
            start, stop = self.stretches[head.index]
            if access.strip(head.axis):
                length = f"{stop} - {start}"
                return "0", length if each == 1 else f"({length})*{self.writer.tight_integer(each)}"
            bounds = [self._shifted(b, head.shift) for b in (start, stop)]
            if each == 1:
                return bounds[0], bounds[1]
            tight = self.writer.tight_integer(each)
            start, stop = (f"{b}*{tight}" if b.isidentifier() else f"({b})*{tight}" for b in bounds)
            return start, stop
        if head.shift == 0 and access.extents[head.axis] == head.index.size:
            return None
        start, stop = (self.writer.integer(sp.expand(e * each)) for e in (head.shift, head.shift + head.index.size))
        return start, stop


def _cut_text(array: str, cuts: Sequence[str | _Stretch], sizes: Sequence[Expr], writer: Writer) -> str:
    """Return the text of a view; an axis without a stretch is whole."""
    while cuts and cuts[-1] is None:
        cuts = cuts[:-1]
    whole = [("0", writer.integer(n)) for n in sizes]
    return cut_text(array, [whole[k] if c is None else c for k, c in enumerate(cuts)])
