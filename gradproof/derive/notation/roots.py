"""Square roots of numbers in a product as one: 1/sqrt(2*pi), where SymPy keeps sqrt(2)/(2*sqrt(pi))."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy import Expr, Pow, Rational, S


def joined_roots(coefficient: Expr, factors: Sequence[Expr]) -> tuple[Expr, list[Expr], list[Expr], list[Expr]]:
    """Return the number in front, the other factors, and the one root above and below the stroke.

    >>> joined_roots(Rational(1, 2), [sp.sqrt(2), 1 / sp.sqrt(sp.pi)])
    (1, [], [], [sqrt(2*pi)])
    """
    square = sp.Mul(coefficient**2, *[f.base ** (2 * f.exp) for f in factors if _is_root(f)])
    if square == coefficient**2:
        return coefficient, list(factors), [], []
    (number, rest), others = square.as_coeff_Mul(), [f for f in factors if not _is_root(f)]
    over, under = sp.fraction(rest)
    (front, top), (back, bottom) = _without_squares(int(number.p)), _without_squares(int(number.q))
    top, bottom = top * over, bottom * under
    outside = Rational(front, back) * sp.sign(coefficient)
    if top != 1 and bottom != 1:
        return outside, others, [_root(top / bottom)], []
    return outside, others, [_root(top)] if top != 1 else [], [_root(bottom)] if bottom != 1 else []


def _is_root(f: Expr) -> bool:
    """Is it sqrt(2), 1/sqrt(pi), ...?"""
    return isinstance(f, Pow) and bool(f.base.is_Integer or f.base is S.Pi) and abs(f.exp) == Rational(1, 2)


def _without_squares(n: int) -> tuple[int, int]:
    """Return a and b with n = a**2*b, where no square divides b."""
    outer = inner = 1
    for prime, times in sp.factorint(n).items():
        outer *= prime ** (times // 2)
        inner *= prime ** (times % 2)
    return outer, inner


def _root(e: Expr) -> Expr:
    """Return the square root of a number, kept in one piece."""
    return Pow(e, Rational(1, 2), evaluate=False)
