"""Sums that lose their digits where erf comes near 1 or -1, in a form that keeps them."""

from __future__ import annotations

from sympy import Add, Expr, Mul

from gradproof.derive.nodes import Call
from gradproof.kernels.mathematics import COMPLEMENT


def with_complement(e: Expr) -> Expr | None:
    """c + c*erf(u) = c*erfc(-u), and c - c*erf(u) = c*erfc(u); None where there is no such pair of terms.

    Far below 0 the normal distribution function (1 + erf(x/sqrt(2)))/2 is rounding error, erfc(-x/sqrt(2))/2 is not.
    """
    for term in e.args:
        for u, c in _error_functions(term):
            others = [t for t in e.args if t != term]
            for factor, argument in ((c, -u), (-c, u)):
                if factor in others:
                    others.remove(factor)
                    return Add(*others, factor * Call(COMPLEMENT, argument))
    return None


def _error_functions(term: Expr) -> list[tuple[Expr, Expr]]:
    """Return for each factor erf(u) of a term u, and the product of the other factors."""
    factors = Mul.make_args(term)
    found = [f for f in factors if isinstance(f, Call) and f.name == "erf"]
    return [(f.arguments[0], Mul(*[g for g in factors if g != f])) for f in found]
