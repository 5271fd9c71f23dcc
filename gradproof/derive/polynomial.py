"""Polynomials in indices and sizes with whole coefficients, as dictionaries: nearly all index expressions are such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from sympy import Add, Expr, Mul, S, Symbol

from gradproof.derive.index import Index, Size

#: Symbols with their powers.
Monomial = frozenset[tuple[Symbol, int]]
#: Monomial -> its coefficient, which is not 0.
Polynomial = Mapping[Monomial, int]

_ONE: Monomial = frozenset()


@lru_cache(8192)
def polynomial(e: Expr) -> Polynomial | None:
    """Return the coefficients of an expanded polynomial, None for what is none.

    Example:
        >>> from gradproof.derive.index import Size
        >>> polynomial(2*Size("n") - 1) == {frozenset(): -1, frozenset({(Size("n"), 1)}): 2}
        True
    """
    out: dict[Monomial, int] = {}
    for term in Add.make_args(e):
        coefficient, powers = 1, []
        for factor in Mul.make_args(term):
            base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, S.One)
            if factor.is_Integer:
                coefficient *= int(factor)
            elif base.is_Symbol and exponent.is_Integer and exponent > 0:
                powers.append((base, int(exponent)))
            else:
                return None
        _add(out, frozenset(powers), coefficient)
    return MappingProxyType(out)


def is_nonnegative(e: Polynomial, facts: Iterable[Polynomial] = ()) -> bool | None:
    """Is e minus the facts >= 0 proved, for all indices in their ranges and all sizes from their least value on?

    Each index is replaced by the end of its range that makes e least. None: a range is no such polynomial.
    """
    for fact in facts:
        e = _plus(e, fact, -1)
    while True:
        for index in _indices(e):
            factor, rest = _split(e, index)
            if factor is None:
                continue
            if _grows(factor):
                e = rest
                break
            if _grows({m: -c for m, c in factor.items()}):
                size = polynomial(index.size)
                if size is None:
                    return None
                e = _plus(rest, _times(factor, _plus(size, {_ONE: 1}, -1)))
                break
        else:
            return not _indices(e) and _grows(e)


def _indices(e: Polynomial) -> list[Index]:
    return sorted({s for m in e for s, _ in m if isinstance(s, Index)}, key=lambda s: s.name)


def _split(e: Polynomial, index: Index) -> tuple[Polynomial | None, Polynomial]:
    """Return f and g of e = f*index + g, None for f where e is not linear in the index."""
    factor: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, c in e.items():
        if (index, 1) in monomial:
            factor[monomial - {(index, 1)}] = c
        elif any(s == index for s, _ in monomial):
            return None, e
        else:
            rest[monomial] = c
    return factor, rest


def _grows(e: Polynomial) -> bool:
    """Is no coefficient negative, once each size is written as its least value and what goes beyond it?"""
    if all(c >= 0 for c in e.values()):
        return True
    out: dict[Monomial, int] = {}
    for monomial, c in e.items():
        term: Polynomial = {_ONE: c}
        for s, power in monomial:
            least = s.least if isinstance(s, Size) else 0
            if least == 0:
                term = _times(term, {frozenset({(s, power)}): 1})
            else:
                for _ in range(power):
                    term = _times(term, {frozenset({(s, 1)}): 1, _ONE: least})
        for m, k in term.items():
            _add(out, m, k)
    return all(c >= 0 for c in out.values())


def _plus(a: Polynomial, b: Polynomial, factor: int = 1) -> Polynomial:
    out = dict(a)
    for monomial, c in b.items():
        _add(out, monomial, factor * c)
    return out


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    out: dict[Monomial, int] = {}
    for m, c in a.items():
        for n, k in b.items():
            _add(out, _joined(m, n), c * k)
    return out


def _joined(m: Monomial, n: Monomial) -> Monomial:
    powers = dict(m)
    for s, k in n:
        powers[s] = powers.get(s, 0) + k
    return frozenset(powers.items())


def _add(out: dict[Monomial, int], monomial: Monomial, c: int) -> None:
    total = out.get(monomial, 0) + c
    if total:
        out[monomial] = total
    else:
        out.pop(monomial, None)
