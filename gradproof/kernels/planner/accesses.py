"""What a statement reads and writes, and how far apart two accesses lie along an index."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free, order_key
from gradproof.kernels.plan import Statement


@lru_cache(4096)
def reads(s: Statement) -> tuple[Element, ...]:
    """Return the elements that a statement reads, those in indices, conditions and guards included."""
    found = elements(s.expr).union(*[elements(c) for c in (*s.conditions, *s.guards)])
    found = found.union(*[elements(i) for i in s.target.indices])
    return tuple(sorted(found, key=order_key))


def plain(slot: Expr) -> Index | None:
    """Return the index that stands alone in a slot."""
    return slot if isinstance(slot, Index) else None


def shifted(slot: Expr) -> Index | None:
    """Return the index of a slot that is one plus a whole number or a size: t, t - 1, T - 1 - t is none."""
    found = [s for s in free(slot) if isinstance(s, Index)]
    if len(found) != 1 or elements(slot):
        return None
    rest = integer_form(slot - found[0])
    return found[0] if found[0] not in free(rest) else None


def distance(producer: Statement, access: Element, index: Index) -> int | None:
    """Return how far from its own place an access reads along an index, in places; None where that is not fixed.

    0 where the producer has no axis over the index and does not reduce it: its value is there for all of it.
    """
    if index in producer.reduced:
        return None
    found = 0
    for own, read in zip(producer.target.indices, access.indices, strict=True):
        if index not in free(own):
            continue
        if own != index:
            return None
        apart = integer_form(read - index) if not elements(read) else None
        if apart is None or not apart.is_Integer:
            return None
        found = int(apart)
    return found
