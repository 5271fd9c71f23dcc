"""Prove that an integer expression is never negative, from the ranges of its indices and from known facts."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import sympy as sp
from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Node, free_indices
from gradproof.derive.polynomial import is_nonnegative, polynomial


def size_nonnegative(e: Expr) -> bool:
    """Is the polynomial in sizes at least 0 for all sizes at or above their least value? (False: not proved.)"""
    e = sp.expand(e)
    if e.atoms(Node):
        return False
    shift = {s: s + s.least for s in e.free_symbols if isinstance(s, Size)}
    terms = sp.Add.make_args(sp.expand(e.xreplace(shift)))
    return all(t.as_coeff_Mul()[0] >= 0 for t in terms)


@lru_cache(None)
def nonnegative(e: Expr, facts: tuple[Expr, ...] = ()) -> bool:
    """Is e >= 0 proved from the index ranges alone, or after taking one or two facts (each >= 0) away from it?"""
    taken = ((), *((f,) for f in facts), *combinations(facts, 2))
    return any(_without(e, t) for t in taken)


def _without(e: Expr, facts: tuple[Expr, ...]) -> bool:
    """Is e minus these facts >= 0 over the whole box? In plain integers where all are polynomials."""
    forms = [form for x in (e, *facts) if (form := polynomial(x)) is not None]
    known = is_nonnegative(forms[0], forms[1:]) if len(forms) == 1 + len(facts) else None
    return _over_box(sp.expand(e - sp.Add(*facts)) if facts else e) if known is None else known


def in_range(e: Expr, size: Expr, facts: tuple[Expr, ...] = ()) -> bool:
    """Is 0 <= e < size proved?"""
    return nonnegative(e, facts) and nonnegative(integer_form(size - 1 - e), facts)


def _over_box(e: Expr) -> bool:
    """Replace each index by the end of its range that makes e least; what is left are sizes."""
    e = integer_form(e)
    while True:
        candidates = [i for i in free_indices(e) if _linear(e, i)]
        for index in candidates:
            factor = e.coeff(index)
            rest = e - factor * index
            if size_nonnegative(factor):
                e = sp.expand(rest)
                break
            if size_nonnegative(-factor):
                e = sp.expand(rest + factor * (index.size - 1))
                break
        else:
            return not free_indices(e) and size_nonnegative(e)


def _linear(e: Expr, index: Index) -> bool:
    factor = e.coeff(index)
    return factor != 0 and not sp.expand(e - factor * index).has(index)


def data_bounds(e: Element, bound: Expr) -> tuple[Expr, Expr]:
    """Return the two facts 0 <= e and 0 <= bound - 1 - e for an integer tensor with values below `bound`."""
    return e, integer_form(bound - 1 - e)
