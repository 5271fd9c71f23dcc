"""The order in which factors and terms are written, close to how the equations print."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Add, Expr, Pow, preorder_traversal

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Call, Element, free, order_key

Key = tuple[object, ...]


def factor_key(e: Expr, position: Mapping[Index, int]) -> Key:
    """Sizes, elements in the order of the left side's indices, functions, sums in brackets, then temporaries."""
    base = e.base if isinstance(e, Pow) else e
    kinds = (Size, Index, Element, Call, Add)
    rank = next((k for k, kind in enumerate(kinds) if isinstance(base, kind)), len(kinds))
    if is_temporary(base):
        rank = len(kinds) + 1
    cotangent = isinstance(base, Element) and base.name.startswith("d_")
    return (rank, _place(base, position), not cotangent, order_key(base), order_key(e))


def term_key(e: Expr) -> Key:
    """Positive terms first; then terms with more indices, then simpler ones; plain numbers first, lone scalars last."""
    bare = -e if is_negative(e) else e
    lone = isinstance(bare, Element) and not bare.indices and not is_temporary(bare)
    indices = sum(isinstance(s, Index) for s in free(bare))
    weight = sum(1 for _ in preorder_traversal(bare))
    return (is_negative(e), not e.is_Integer, lone or bare.is_number, -indices, weight, order_key(bare))


def is_negative(e: Expr) -> bool:
    """Is the term written with a minus sign?"""
    coefficient = e.as_coeff_Mul()[0]
    return bool(coefficient.is_number and coefficient.is_negative)


def is_temporary(e: Expr) -> bool:
    """Is it a value that lowering took out of an equation?"""
    return isinstance(e, Element) and "~" in e.name


def _place(base: Expr, position: Mapping[Index, int]) -> tuple[int, ...]:
    if not isinstance(base, Element) or not base.indices:
        return ()
    return tuple(sorted(position[s] for s in free(base) if s in position)) or (len(position),)
