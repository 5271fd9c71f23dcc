"""Sift the delta: solve an equation among the conditions for a summed index and put the solution in its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import size_nonnegative
from gradproof.derive.conditions import Condition, at_least_zero, divides, truth
from gradproof.derive.index import Index
from gradproof.derive.nodes import Quotient, free, free_indices, substitute


@dataclass(frozen=True, slots=True)
class Solution:
    """`index = value` under `guards` (range, divisibility); `cost` 0 for a coefficient of 1 or -1, else 1."""

    value: Expr
    guards: tuple[Condition, ...]
    cost: int


def solve(e: Expr, index: Index, size: Expr) -> Solution | None:
    """Solve e == 0 for the index; None where its coefficient allows no exact solution."""
    cleared = _clear_quotient(e, index)
    if cleared is None:
        return None
    factor = cleared.coeff(index)
    rest = sp.expand(cleared - factor * index)
    if factor == 0 or index in free(rest) or free_indices(factor):
        return None
    if factor in (1, -1):
        value = integer_form(-rest / factor)
        return Solution(value, (at_least_zero(value), at_least_zero(size - 1 - value)), 0)
    sign = 1 if size_nonnegative(factor) else -1 if size_nonnegative(-factor) else 0
    if sign == 0:
        return None
    den, num = sign * factor, integer_form(-sign * rest)
    value = Quotient(num, den)
    if not isinstance(value, Quotient):
        return Solution(value, (at_least_zero(value), at_least_zero(size - 1 - value)), 0)
    # With den >= 1: 0 <= num/den < size is 0 <= num <= den*(size - 1), free of the quotient.
    return Solution(value, (divides(den, num), at_least_zero(num), at_least_zero(den * (size - 1) - num)), 1)


def _clear_quotient(e: Expr, index: Index) -> Expr | None:
    """Multiply an exact quotient that holds the index through: A/s + r == 0 becomes A + s*r == 0."""
    inside = [q for q in e.atoms(Quotient) if index in free(q)]
    if not inside:
        return e
    q = inside[0]
    factor = e.coeff(q)
    if len(inside) > 1 or factor not in (1, -1) or index in free(e - factor * q):
        return None
    return integer_form(q.num + factor * q.den * (e - factor * q))


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left of a sum after sifting."""

    binders: list[Index]
    conditions: list[Condition]
    body: Expr
    changed: bool


def sift(binders: list[Index], conditions: list[Condition], body: Expr, prefer: Collection[Index] = ()) -> Sifted:
    """Eliminate summed indices by the equations among the conditions; `prefer` names those to eliminate first."""
    binders, conditions, changed = list(binders), list(conditions), False
    while True:
        best = _best(binders, conditions, prefer)
        if best is None:
            return Sifted(binders, conditions, body, changed)
        equation, index, solution = best
        binders.remove(index)
        mapping = {index: solution.value}
        rest = [substitute(c, mapping) for c in conditions if c is not equation]
        conditions = rest + [g for g in solution.guards if truth(g) is not True]
        again = substitute(equation, mapping)
        if truth(again) is None and not isinstance(solution.value, Quotient):
            conditions.append(again)
        body, changed = substitute(body, mapping), True


def _best(
    binders: list[Index], conditions: list[Condition], prefer: Collection[Index]
) -> tuple[Condition, Index, Solution] | None:
    """Choose: cheapest solution, fewest symbols in it, preferred index, first in order."""
    found = []
    for c in conditions:
        if c.kind != "eq":
            continue
        for position, index in enumerate(binders):
            if index in free(c):
                solution = solve(c.operands[0], index, index.size)
                if solution is not None:
                    rank = (solution.cost, len(free(solution.value)), index not in prefer, position)
                    found.append((rank, c, index, solution))
    return min(found, key=lambda f: f[0])[1:] if found else None
