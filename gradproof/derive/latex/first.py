"""Whether the sums of an equation count from 0 or from 1, as mathematics does where nothing speaks against it."""

from __future__ import annotations

from typing import Any

from gradproof.derive.index import Size
from gradproof.derive.notation.boxes import Big, Binder, Box, Chain, Elem, Num, Sum, Sym, map_box
from gradproof.derive.notation.integer_layout import integer_box


def counts_from_zero(*boxes: Box, data: frozenset[str] | None = None) -> bool:
    """Do the sums in the boxes have to count from 0?

    They do where one of them must, and where a row is fixed (h_{-1}) or an index is compared with a number or a size.

    Args:
        boxes: what is shown.
        data: the tensors whose entries are indices, so that `[label[i] == 0]` counts and `[G[t,f] > 0]` does not;
            every tensor may be one if None.
    """
    found = False

    def go(b: Any) -> Any:
        nonlocal found
        found = (
            found
            or _fixes_a_row(b, data)
            or (isinstance(b, Big) and any(from_zero(b, binder, compared=data is None) for binder in b.binders))
        )
        return b if found else map_box(b, go)

    for b in boxes:
        go(b)
    return found


def _fixes_a_row(b: Any, data: frozenset[str] | None) -> bool:
    """Is it a read of a fixed row, `h[-1]`, `h[T-1]`, or a comparison of an index with a number, `[t+1 < T]`?"""
    if isinstance(b, Elem):
        return any(isinstance(i, Num | Sum | Sym) and not _has_index(i) for i in b.indices)
    if isinstance(b, Chain):
        return len({_has_index(operand, data) for operand in b.operands}) == 2
    if isinstance(b, Binder):
        return b.op == "<" and b.bound is not None and not _has_index(b.bound) and b.bound != integer_box(b.size)
    return False


def _has_index(b: Any, data: frozenset[str] | None = None) -> bool:
    """Does an index stand in the box? What data says (`label[i]`) counts as the indices do."""
    if isinstance(b, Elem) and data is not None and b.name not in data:
        return False
    found = isinstance(b, Elem) or (isinstance(b, Sym) and not isinstance(b.symbol, Size))

    def go(inner: Any) -> Any:
        nonlocal found
        found = found or _has_index(inner, data)
        return inner

    map_box(b, go)
    return found


def from_zero(box: Big, binder: Binder, *, compared: bool = True) -> bool:
    """Does it matter that the index counts from 0? Not where it only stands in subscripts, as t or t-1.

    `compared`: it does where the index is compared with another one, whose base the page's reader may not know; people
    know that all of them count alike.
    """
    plain = True

    def go(b: Any) -> Any:
        nonlocal plain
        if isinstance(b, Elem):
            for i in b.indices:
                if not _shifts(i):
                    go(i)
            return b
        if not compared and isinstance(b, Chain) and all(_has_index(o, frozenset()) and _shifts(o) for o in b.operands):
            return b
        if isinstance(b, Sym) and b.name == binder.index.name and b.symbol == binder.index.symbol:
            plain = False
        return map_box(b, go)

    go(box.body)
    return not plain


def _shifts(index: Box) -> bool:
    """Is it the index alone, or the index plus or minus a number?"""
    if isinstance(index, Sum):
        symbols = [sign for sign, t in index.terms if isinstance(t, Sym)]
        return symbols == [1] and all(isinstance(t, Sym | Num) for _, t in index.terms)
    return isinstance(index, Sym)
