"""Sums that lose their digits where erf comes near 1 or -1, in a form that keeps them, and the normal distribution."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow, sqrt

from gradproof.derive.nodes import Call
from gradproof.kernels.mathematics import BELL, COMPLEMENT, NORMAL


def with_complement(e: Expr, *, normal: bool) -> Expr | None:
    """c + c*erf(u) = c*erfc(-u), and c - c*erf(u) = c*erfc(u); None where there is no such pair of terms.

    Far below 0 the normal distribution function (1 + erf(x/sqrt(2)))/2 is rounding error, erfc(-x/sqrt(2))/2 is not.

    Args:
        e: a sum.
        normal: write that by the normal distribution function itself.
    """
    for term in e.args:
        for u, c in _error_functions(term):
            others = [t for t in e.args if t != term]
            for factor, argument in ((c, -u), (-c, u)):
                if factor in others:
                    others.remove(factor)
                    complement = _normal(argument) if normal else Call(COMPLEMENT, argument)
                    return Add(*others, factor * complement)
    return None


def as_bell(e: Call) -> Expr | None:
    """exp(-x**2/2) as bell(x), None where the argument is no such square.

    It does not round x**2: far from 0 the exponential makes of that an error of many units.
    """
    coefficient, square = e.arguments[0].as_coeff_Mul()
    if not (coefficient.is_Rational and coefficient < 0 and isinstance(square, Pow) and square.exp == 2):
        return None
    factor = sqrt(-2 * coefficient)
    return Call(BELL, factor * square.base) if factor.is_Rational else None


def _normal(argument: Expr) -> Expr:
    """erfc(-x/sqrt(2)) = 2*normal(x), which does not round x/sqrt(2); other erfc as they are."""
    x = -sqrt(2) * argument
    return Call(COMPLEMENT, argument) if x.has(sqrt(2)) else 2 * Call(NORMAL, x)


def _error_functions(term: Expr) -> list[tuple[Expr, Expr]]:
    """Return for each factor erf(u) of a term u, and the product of the other factors."""
    factors = Mul.make_args(term)
    found = [f for f in factors if isinstance(f, Call) and f.name == "erf"]
    return [(f.arguments[0], Mul(*[g for g in factors if g != f])) for f in found]
