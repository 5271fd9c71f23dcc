"""The order in which terms and factors are read: numbers first, then what belongs to the first index, sums last."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Mul, Pow, S, Symbol

from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Iverson, Product, Reduce, elements, free, height, order_key

_CLASSES = (Symbol, Element, Call, Iverson)


def flat_factors(e: Expr) -> list[Expr]:
    """Return the factors of a product, products inside it opened."""
    if isinstance(e, Mul | Product):
        return [f for a in e.args for f in flat_factors(a)]
    return [e]


def sign_and_size(e: Expr) -> tuple[bool, Expr]:
    """Return whether the term has a minus sign in front, and the term without it."""
    numbers = [f for f in flat_factors(e) if f.is_Rational]
    if not any(n < 0 for n in numbers):
        return False, e
    rest = [f for f in flat_factors(e) if not f.is_Rational]
    coefficient = -Mul(*numbers)
    if isinstance(e, Product) or any(f.is_Add for f in rest):
        parts = ([coefficient] if coefficient != 1 else []) + rest
        return True, parts[0] if len(parts) == 1 else Product(*parts)
    return True, Mul(coefficient, *rest)


def ordered_terms(e: Expr, scope: Sequence[Index] = ()) -> list[tuple[bool, Expr]]:
    """Return (is subtracted, term) in reading order: what is added first, arrays of most axes before a bias."""
    terms = [sign_and_size(t) for t in e.args]
    return sorted(terms, key=lambda t: (t[0], bool(elements(t[1])), -_rank(t[1]), height(t[1]), order_key(t[1])))


def ordered_factors(e: Expr, scope: Sequence[Index] = ()) -> tuple[list[Expr], list[Expr]]:
    """Return the factors above and below the fraction line, in reading order; 1 is left out."""
    above: list[Expr] = []
    below: list[Expr] = []
    coefficient = S.One
    for f in flat_factors(e):
        if f.is_Rational:
            coefficient *= f
        elif isinstance(f, Pow) and f.exp.is_Rational and f.exp < 0:
            below.append(Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base)
        else:
            above.append(f)
    numerator, denominator = coefficient.as_numer_denom()
    key = _factor_key(list(scope))
    above, below = sorted(above, key=key), sorted(below, key=key)
    return ([numerator] if numerator != 1 else []) + above, ([denominator] if denominator != 1 else []) + below


def _factor_key(scope: list[Index]) -> object:
    def key(f: Expr) -> tuple[object, ...]:
        base = f.base if isinstance(f, Pow) else f
        kind = next((k for k, c in enumerate(_CLASSES) if isinstance(base, c)), len(_CLASSES))
        first = min((k for k, i in enumerate(scope) if i in free(f)), default=len(scope))
        scalar = isinstance(base, Element) and not base.indices
        cotangent = isinstance(base, Element) and not base.name[1:2].strip("_0123456789")
        late = (isinstance(base, Reduce), isinstance(base, Add))
        return (*late, kind != 0, not scalar, kind, first, not cotangent, height(f), order_key(f))

    return key


def _rank(e: Expr) -> int:
    return max((len(a.indices) for a in elements(e)), default=0)
