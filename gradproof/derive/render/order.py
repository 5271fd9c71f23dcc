"""The order of terms and factors in matrix notation: as in index notation (see `notation.layout` and `arrange`)."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Mul, Pow, S, Symbol

from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Iverson, Product, Reduce, free, height, order_key
from gradproof.derive.notation.declared import PREFIXES
from gradproof.derive.notation.digits import decimal_text
from gradproof.derive.notation.roots import joined_roots

_KINDS = (Symbol, Iverson, Element, Add, Call)
_AFTER_CALLS = len(_KINDS)


def flat_factors(e: Expr) -> list[Expr]:
    """Return the factors of a product, products inside it opened."""
    if isinstance(e, Mul | Product):
        return [f for a in e.args for f in flat_factors(a)]
    return [e]


def sign_and_size(e: Expr) -> tuple[bool, Expr]:
    """Return whether the term has a minus sign in front, and the term without it; sums give theirs away."""
    if isinstance(e, Reduce):
        return _signed_sum(e)
    factors = flat_factors(e)
    coefficient = Mul(*[f for f in factors if f.is_Rational])
    signed = [_signed_sum(f) if isinstance(f, Reduce) else (False, f) for f in factors if not f.is_Rational]
    negative = bool(coefficient < 0) != (sum(n for n, _ in signed) % 2 == 1)
    if coefficient > 0 and not any(n for n, _ in signed):
        return False, e
    parts = ([abs(coefficient)] if abs(coefficient) != 1 or not signed else []) + [f for _, f in signed]
    if len(parts) == 1:
        return negative, parts[0]
    return negative, Product(*parts) if isinstance(e, Product) or parts[-1].is_Add else Mul(*parts)


def _signed_sum(e: Reduce) -> tuple[bool, Expr]:
    """sum -f = -sum f"""
    if e.op != "sum" or not isinstance(e.body, Mul | Product):
        return False, e
    binders, body, conditions = e.open()
    negative, size = sign_and_size(body)
    return negative, Reduce("sum", size, binders, None, conditions) if negative else e


def ordered_terms(e: Expr) -> list[tuple[bool, Expr]]:
    """Return (is subtracted, term): what is added first, then numbers, then arrays of most axes before a bias."""
    terms = [sign_and_size(t) for t in e.args]
    return sorted(terms, key=lambda t: (t[0], not t[1].is_Rational, *_simple(t[1])))


def _simple(e: Expr) -> tuple[object, ...]:
    return -sum(isinstance(s, Index) for s in free(e)), height(e), order_key(e)


def ordered_factors(e: Expr, scope: Sequence[Symbol] = ()) -> tuple[list[Expr], list[Expr]]:
    """Return the factors above and below the fraction line, numbers first; 1 is left out."""
    flat = flat_factors(e)
    number = Mul(*[f for f in flat if f.is_Rational])
    coefficient, others, above, below = joined_roots(number, [f for f in flat if not f.is_Rational])
    for f in others:
        if isinstance(f, Pow) and f.exp.is_Rational and f.exp < 0:
            below.append(Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base)
        else:
            above.append(f)
    if not isinstance(e, Product):
        above.sort(key=_factor_key)
        below.sort(key=_factor_key)
    numerator, denominator = (coefficient, S.One) if decimal_text(coefficient) else coefficient.as_numer_denom()
    return (
        ([numerator] if numerator != 1 else []) + _by_index(above, scope),
        ([denominator] if denominator != 1 else []) + below,
    )


def _factor_key(f: Expr) -> tuple[object, ...]:
    base = f.base if isinstance(f, Pow) else f
    rank = next((k for k, kind in enumerate(_KINDS) if isinstance(base, kind)), len(_KINDS))
    if isinstance(base, Add) and base.has(Call):
        rank = _AFTER_CALLS
    cotangent = isinstance(base, Element) and base.name.startswith(PREFIXES)
    return (not base.is_number, rank, height(f), not cotangent, order_key(base), order_key(f))


def _by_index(factors: list[Expr], scope: Sequence[Symbol]) -> list[Expr]:
    """Sort the array elements among themselves by the first index of the scope that each has."""
    places = [k for k, f in enumerate(factors) if isinstance(f, Element) and f.indices]
    out = list(factors)
    for k, f in zip(places, sorted((factors[k] for k in places), key=lambda f: _first(f, scope)), strict=True):
        out[k] = f
    return out


def _first(e: Expr, scope: Sequence[Symbol]) -> int:
    return min((k for k, i in enumerate(scope) if i in free(e)), default=len(scope))


def inner_sum(body: Expr, binders: list[Index]) -> Expr:
    """sum over l of A[i,k]*B[k,l]*C[l,j] = A[i,k] * sum over l of B[k,l]*C[l,j]"""
    factors = flat_factors(body)
    inside = [f for f in factors if not free(f).isdisjoint(binders)]
    outside = [f for f in factors if free(f).isdisjoint(binders)]
    return Mul(*outside, Reduce("sum", Mul(*inside), binders))


def sum_of_terms(body: Expr, binders: Sequence[Index]) -> Add | None:
    """sum X*(F + G) = sum X*F + sum X*G; None where no factor is a sum."""
    factors = flat_factors(body)
    inner = next((f for f in factors if isinstance(f, Add)), None)
    if inner is None:
        return None
    rest = [f for f in factors if f is not inner]
    return Add(*[Reduce("sum", Mul(*rest, t), binders) for t in inner.args])


def factors_of_terms(e: Add) -> list[Expr]:
    """Return the factors of every term."""
    return [f for t in e.args for f in Mul.make_args(t)]
