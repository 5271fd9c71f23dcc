"""Integer expressions (indices, bounds) in one normal form."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from sympy import Expr


@lru_cache(None)
def integer_form(e: Expr) -> Expr:
    """Return the expanded form, with `s*(A/s)` written `A`.

    Raises:
        TypeError: if `e` is not an expression (a bracket or a text in an index).
    """
    if e.is_Symbol or e.is_Integer or (e.is_Add and all(_is_plain(t) for t in e.args)):
        return e
    from gradproof.derive.nodes import Quotient, order_key

    e = sp.expand(e)
    for q in sorted(e.atoms(Quotient), key=order_key) if e.has(Quotient) else ():
        factor = e.coeff(q)
        if factor == 0:
            continue
        ratio = sp.cancel(factor / q.den)
        if ratio.is_integer or (ratio.is_polynomial() and factor.has(q.den)):
            e = sp.expand(e - factor * q + ratio * q.num)
    return e


def _is_plain(term: Expr) -> bool:
    """Is the term a number, a symbol, or a number times a symbol?"""
    if term.is_Mul:
        return len(term.args) == 2 and bool(term.args[0].is_Rational) and bool(term.args[1].is_Symbol)
    return bool(term.is_Symbol or term.is_Integer)
