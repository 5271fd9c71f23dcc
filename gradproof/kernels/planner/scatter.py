"""Sums whose conditions say where each term goes: terms are added there, instead of being looked for everywhere.

`d_E[v,d] = sum[t, v == tok[t]] d_x[t,d]` becomes `d_E[v,d] = 0` and, for all t, `d_E[tok[t],d] += d_x[t,d]`. So does
a sum under a position of a maximum. Threads then share an index that stands by itself in the target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import sympy as sp
from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition, at_least_zero
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free, substitute
from gradproof.kernels.division import Rest, Whole
from gradproof.kernels.plan import Statement

#: For a condition on a position: the element that holds it, the indices that it means, and their ranges.
Positions = Mapping[Condition, tuple[Element, tuple[Expr, ...], tuple[Expr, ...]]]


def scattered(s: Statement, positions: Positions) -> Iterator[Statement]:
    """Yield the statement, or those that add its terms where they belong."""
    found = _solved(s, positions) if s.kind == "sum" else None
    if found is None:
        yield s
        return
    slots, conditions = found
    yield replace(s, kind="map", reduced=(), expr=sp.Integer(0), conditions=(), guards=())
    target = substitute(s.target, slots)
    own = tuple(i for i in s.free if i not in slots)
    yield replace(
        s, kind="add", target=target, free=(*own, *s.reduced), reduced=(), expr=substitute(s.expr, slots),
        conditions=tuple(substitute(c, slots) for c in conditions),
    )  # fmt: skip


def _solved(s: Statement, positions: Positions) -> tuple[dict[Index, Expr], tuple[Condition, ...]] | None:
    """Return for free indices of the target what they must be, and the conditions that are left."""
    slots: dict[Index, Expr] = {}
    left: list[Condition] = []
    for c in s.conditions:
        if c in positions:
            position, indices, sizes = positions[c]
            components = zip(indices, _components(position, sizes), strict=True)
            solved = [_solution(e - part, s) for e, part in components]
            left.append(at_least_zero(position))
        elif c.kind == "eq" and elements(c.operands[0]):
            solved = [_solution(c.operands[0], s)]
        else:
            left.append(c)
            continue
        if any(pair is None for pair in solved):
            return None
        slots.update(pair for pair in solved if pair is not None)
    if not slots or free(s.expr) & set(slots) or any(free(e) & set(slots) for e in slots.values()):
        return None
    return slots, tuple(c for c in left if not _is_range_of(c, slots, positions, s))


def _components(position: Element, sizes: tuple[Expr, ...]) -> Iterator[Expr]:
    """Yield the indices that a flat position means."""
    for k, n in enumerate(sizes):
        step = sp.Mul(*sizes[k + 1 :])
        index = position if step == 1 else Whole(position, step)
        yield index if k == 0 else Rest(index, n)


def _solution(e: Expr, s: Statement) -> tuple[Index, Expr] | None:
    """Return the free index of the target that e = 0 determines, and its value."""
    for i in s.free:
        factor = sp.expand(e).coeff(i)
        if factor in (1, -1) and i in s.target.indices:
            value = integer_form(sp.expand(i - e / factor))
            if i not in free(value):
                return i, value
    return None


def _is_range_of(c: Condition, slots: dict[Index, Expr], positions: Positions, s: Statement) -> bool:
    """Does the condition only say that a position's index lies in its range, as the position's own do?"""
    if c.kind != "ge" or not free(c) & set(slots):
        return False
    known = [(e, n) for d in s.conditions if d in positions for e, n in zip(*positions[d][1:], strict=True)]
    return any(integer_form(c.operands[0] - b) == 0 for e, n in known for b in (e, n - 1 - e))
