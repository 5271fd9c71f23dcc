"""Which expressions have no finite value everywhere: divisions by what may be 0, logarithms and roots.

A bracket is a strong zero, and where it is false nothing in its product counts. So [s > 0]*x/s is 0 where s is 0; with
1/s in front of the bracket it would be 0/0.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic, Expr, Mul, Pow, S

from gradproof.derive.bounds import nonnegative
from gradproof.derive.canonical.functions import is_positive
from gradproof.derive.conditions import Condition
from gradproof.derive.nodes import Call, Element, Iverson, Product, Reduce, free_indices, order_key, substitute

#: Functions that are infinite or undefined at 0 or below.
_ABOVE_ZERO = frozenset({"log", "log2", "log10", "sqrt"})


def is_partial(e: Basic) -> bool:
    """May the expression have no finite value somewhere? What stands beside a bracket of its own is kept by that."""
    if isinstance(e, Element | Iverson | Condition):
        return False
    if isinstance(e, Mul | Product) and any(isinstance(a, Iverson) for a in e.args):
        return False
    if isinstance(e, Pow) and not (e.exp.is_Integer and e.exp > 0) and not _is_above_zero(e.base):
        return True
    if isinstance(e, Call) and e.name in _ABOVE_ZERO and not _is_above_zero(e.arguments[0]):
        return True
    return any(is_partial(a) for a in e.args)


def _is_above_zero(e: Expr) -> bool:
    """Is it positive? A sum of positive terms is, if its conditions leave it one: l <= i holds for l = i."""
    if isinstance(e, Reduce) and e.op == "sum" and len(e.binders) == 1:
        return is_positive(e.body) and _has_a_term(e)
    return is_positive(e)


def _has_a_term(e: Reduce) -> bool:
    (binder,), _, conditions = e.opened()
    places = [S.Zero, *(i for i in sorted(free_indices(e), key=order_key) if i.size == binder.size)]
    return any(all(_holds(substitute(c, {binder: p})) for c in conditions) for p in places)


def _holds(c: Condition) -> bool:
    return c.kind == "ge" and nonnegative(c.operands[0])


def may_stand_before(factor: Expr, terms: Sequence[frozenset[Iverson]]) -> bool:
    """May the factor leave the products with these brackets, into which it brings the shared ones along?

    It may where one of the terms has no other brackets: there it counts anyway.
    """
    return frozenset.intersection(*terms) in terms or not is_partial(factor)
