"""Sums of integers and integer multiples of symbols as plain dictionaries: most index expressions are such sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from sympy import Add, Expr, Symbol

from gradproof.derive.index import Index, Size

#: Symbol -> its coefficient; the constant stands at None.
Linear = Mapping[Symbol | None, int]


@lru_cache(8192)
def linear_form(e: Expr) -> Linear | None:
    """Return the coefficients of a sum of integers and integer multiples of symbols, None for what is none.

    Example:
        >>> from gradproof.derive.index import Size
        >>> dict(linear_form(2*Size("n") - 1))
        {None: -1, n: 2}
    """
    out: dict[Symbol | None, int] = {}
    for term in Add.make_args(e):
        factor, rest = term.as_coeff_Mul() if term.is_Mul else (None, term)
        if rest.is_Integer and factor is None:
            out[None] = out.get(None, 0) + int(rest)
        elif rest.is_Symbol and (factor is None or factor.is_Integer):
            out[rest] = out.get(rest, 0) + (1 if factor is None else int(factor))
        else:
            return None
    return MappingProxyType(out)


def is_nonnegative(e: Linear, facts: Iterable[Linear] = ()) -> bool | None:
    """Is e minus the facts >= 0 for all indices in their ranges and all sizes from their least value on?

    None: a range is not linear, and nothing is said.
    """
    difference = dict(e)
    for fact in facts:
        for s, c in fact.items():
            difference[s] = difference.get(s, 0) - c
    least: dict[Symbol | None, int] = {}
    for s, c in difference.items():
        if not isinstance(s, Index):
            least[s] = least.get(s, 0) + c
        elif c < 0:
            end = linear_form(s.size)
            if end is None or any(isinstance(n, Index) for n in end):
                return None
            for n, k in end.items():
                least[n] = least.get(n, 0) + c * k
            least[None] = least.get(None, 0) - c
    constant = least.pop(None, 0) + sum(c * s.least for s, c in least.items() if isinstance(s, Size))
    return constant >= 0 and all(c >= 0 for c in least.values())
