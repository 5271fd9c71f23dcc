"""Which reads are certainly inside their array, for all sizes, 0 included."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Symbol

from gradproof.derive.bounds import data_bounds, nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.model import System
from gradproof.derive.nodes import Element, Quotient, elements, free, order_key
from gradproof.kernels.plan import Storage

Facts = tuple[Expr, ...]


def unproved(
    e: Element, storage: Storage, system: System, facts: Facts, *, checked: bool = True
) -> list[tuple[int, bool, bool]]:
    """Return the axes in which a read may lie outside: (axis, below the first row, past the last).

    Args:
        e: the read.
        storage: of its tensor.
        system: what gives labels their bounds.
        facts: what is at least 0 there.
        checked: has somebody looked whether all labels keep to their bounds?
    """
    known = tuple(_possibly_empty(f) for f in (*facts, *(_label_facts(e, system) if checked else ())))
    out = []
    for axis, index in enumerate(e.indices):
        low, high = -storage.low[axis], storage.shape[axis] + storage.high[axis]
        below, past = _outside(_possibly_empty(index), low, _possibly_empty(high), known)
        if below or past:
            out.append((axis, below, past))
    return out


def _label_facts(e: Element, system: System) -> Facts:
    """Labels lie below their bound: the wrapper has checked it."""
    labels = sorted((a for i in e.indices for a in elements(i)), key=order_key)
    bounds = [(a, t.bound) for a in labels if (t := system.by_name.get(a.name)) is not None]
    return tuple(f for a, n in bounds if n is not None for f in data_bounds(a, n))


def _outside(index: Expr, low: int, high: Expr, facts: Facts) -> tuple[bool, bool]:
    """Return what is not proved: low <= index, and index < high."""
    if isinstance(index, Quotient):
        return not _sure(index.num - low * index.den, facts), not _sure(index.den * (high - 1) - index.num, facts)
    return not _sure(index - low, facts), not _sure(high - 1 - index, facts)


def _sure(e: Expr, facts: Facts) -> bool:
    return nonnegative(e.expand(), facts)


@lru_cache(None)
def _possibly_empty(e: Expr) -> Expr:
    """Return the expression with sizes that may be 0: a kernel accepts empty axes, where a derivation does not care."""
    indices = {i: Index(i.name, i.size.xreplace(_sizes(i.size))) for i in free(e) if isinstance(i, Index)}
    return e.xreplace(_sizes(e) | indices)


def _sizes(e: Expr) -> dict[Symbol, Symbol]:
    return {s: Size(s.name, 0) for s in free(e) if isinstance(s, Size)}
