"""Reads of tensor elements: which are certainly inside the array, and what guards the others."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sympy import Expr

from gradproof.derive.bounds import data_bounds, nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Quotient, elements, free, order_key

if TYPE_CHECKING:
    from gradproof.kernels.expressions import Writer

Facts = tuple[Expr, ...]


def element_text(e: Element, writer: Writer, facts: Facts) -> str:
    """Return the text that reads an element: `h[t + 1, k]` where one start row stands before row 0."""
    storage, name = writer.storage[e.name], writer.scope.tensor(e.name)
    if storage.local or not e.indices:
        return name
    slots, tests = [], []
    for axis, index in enumerate(e.indices):
        low, high = storage.low[axis], storage.shape[axis] + storage.high[axis]
        slot = writer.integer(index + low, facts)
        if not _proved(index, -low, high, _all_facts(e, writer, facts)):
            bounds = f"{-low}", writer.integer(high, facts)
            tests.append((axis, slot, writer.integer(index, facts), *bounds))
        slots.append(slot)
    return _guarded(e, name, slots, tests, writer)


def _guarded(
    e: Element, name: str, slots: list[str], tests: list[tuple[int, str, str, str, str]], writer: Writer
) -> str:
    plain = f"{name}[{', '.join(slots)}]"
    if not tests:
        return plain
    tensor = writer.system.by_name.get(e.name)
    outside = None if tensor is None else tensor.outside
    if outside is None and not writer.unguarded:
        for axis, slot, index, low, high in tests:
            check = writer.call("inside", index, low, high)
            slots[axis] = check if slot == index else f"{check} + {-int(low)}"
        return f"{name}[{', '.join(slots)}]"
    test = " and ".join(f"{low} <= {index} < {high}" for _, _, index, low, high in tests)
    return f"({plain} if {test} else {'real(np.nan)' if outside is None else writer.real(outside)})"


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
    sizes = {s: Size(s.name, 0) for s in free(e) if isinstance(s, Size)}
    indices = {i: Index(i.name, i.size.xreplace(_sizes(i.size))) for i in free(e) if isinstance(i, Index)}
    return e.xreplace({**sizes, **indices})


def _sizes(e: Expr) -> dict[Size, Size]:
    return {s: Size(s.name, 0) for s in free(e) if isinstance(s, Size)}
