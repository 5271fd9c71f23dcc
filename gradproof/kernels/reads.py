"""Reads of tensor elements: which are certainly inside the array, and what guards the others."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from gradproof.derive.bounds import data_bounds, nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Quotient, elements, free, order_key

if TYPE_CHECKING:
    from gradproof.kernels.expressions import Writer

Facts = tuple[Expr, ...]


def element_text(e: Element, writer: Writer, facts: Facts) -> str:
    """Return the text that reads an element: `h[t + 1, k]` where one start row stands before row 0.

    A read that may lie past the edge is guarded: it gives the tensor's `outside`, else nan.
    """
    storage, name = writer.storage[e.name], writer.scope.tensor(e.name)
    if storage.local or not e.indices:
        return name
    slots, tests = [], []
    known = _all_facts(e, writer, facts)
    for axis, index in enumerate(e.indices):
        low, high = storage.low[axis], storage.shape[axis] + storage.high[axis]
        slots.append(writer.integer(index + low, facts))
        if not _proved(index, -low, high, known):
            tests.append(f"{-low} <= {writer.integer(index, facts)} < {writer.integer(high, facts)}")
    plain = f"{name}[{', '.join(slots)}]"
    return f"({plain} if {' and '.join(tests)} else {_outside(e, writer)})" if tests else plain


def _outside(e: Element, writer: Writer) -> str:
    if writer.storage[e.name].integer:
        return "0"
    tensor = writer.system.by_name.get(e.name)
    return "real(np.nan)" if tensor is None or tensor.outside is None else writer.real(tensor.outside)


def _all_facts(e: Element, writer: Writer, facts: Facts) -> Facts:
    """Add that a label lies below its bound: the wrapper has checked it."""
    labels = sorted((a for i in e.indices for a in elements(i)), key=order_key)
    bounds = [(a, t.bound) for a in labels if (t := writer.system.by_name.get(a.name)) is not None]
    return (*facts, *(f for a, n in bounds if n is not None for f in data_bounds(a, n)))


def _proved(index: Expr, low: int, high: Expr, facts: Facts) -> bool:
    """Is low <= index < high for all sizes, 0 included?"""
    known = tuple(_possibly_empty(f) for f in facts)
    index, high = _possibly_empty(index), _possibly_empty(high)
    if isinstance(index, Quotient):
        return _sure(index.num - low * index.den, known) and _sure(index.den * (high - 1) - index.num, known)
    return _sure(index - low, known) and _sure(high - 1 - index, known)


def _sure(e: Expr, facts: Facts) -> bool:
    return nonnegative(e.expand(), facts)


@lru_cache(None)
def _possibly_empty(e: Expr) -> Expr:
    """Return the expression with sizes that may be 0: a kernel accepts empty axes, where a derivation does not care."""
    indices = {i: Index(i.name, i.size.xreplace(_sizes(i.size))) for i in free(e) if isinstance(i, Index)}
    return e.xreplace(_sizes(e) | indices)


def _sizes(e: Expr) -> dict[Symbol, Symbol]:
    return {s: Size(s.name, 0) for s in free(e) if isinstance(s, Size)}
