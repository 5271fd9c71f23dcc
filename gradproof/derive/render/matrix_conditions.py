"""Conditions between the row and the column of a matrix: the identity, and the triangles of a causal mask."""

from __future__ import annotations

from sympy import Basic, Expr, Mul

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import Iverson, Product, Reduce
from gradproof.derive.render.order import flat_factors

Axes = tuple[Index, ...]


def is_eye(e: Expr, axes: Axes) -> bool:
    """Is it `[i == j]` over both axes?"""
    return isinstance(e, Iverson) and len(axes) == 2 and len(e.conditions) == 1 and _equates(e.conditions[0], axes)


def _equates(c: Basic, axes: Axes) -> bool:
    return isinstance(c, Condition) and c.kind == "eq" and c.operands[0] in (axes[0] - axes[1], axes[1] - axes[0])


def triangle(e: Expr, axes: Axes) -> tuple[bool, Expr] | None:
    """Return whether `[i <= j]` is a factor (else `[j <= i]`) and the product without it; None where there is neither.

    A matrix alone in brackets, of which nothing would be left, has no triangle to be taken of.
    """
    factors = flat_factors(e)
    for k, f in enumerate(factors):
        if len(axes) == 2 and len(factors) > 1 and isinstance(f, Iverson) and len(f.conditions) == 1:
            c = f.conditions[0]
            rest = [*factors[:k], *factors[k + 1 :]]
            for upper, difference in ((False, axes[0] - axes[1]), (True, axes[1] - axes[0])):
                if isinstance(c, Condition) and c.kind == "ge" and c.operands[0] == difference:
                    return upper, (Product if isinstance(e, Product) else Mul)(*rest)
    return None


def with_brackets(e: Reduce) -> Reduce:
    """Return a sum with its comparisons of indices as brackets under it: sum[j <= i] x is sum [j <= i]*x."""
    binders, body, conditions = e.open()
    compared = [c for c in conditions if c.kind == "ge"]
    if not compared:
        return e
    rest = [c for c in conditions if c not in compared]
    return Reduce(e.op, Mul(*[Iverson(c) for c in compared], body), binders, e.sizes, rest)
