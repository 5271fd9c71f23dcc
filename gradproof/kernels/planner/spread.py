"""Sums that read through an exact quotient, as terms that are added where they belong.

In `d_x[c,h] = sum[o, u, s | h+p-r*u] d_y[o,(h+p-r*u)/s]*k[o,c,u]` all but one of s terms are none. Each place i of
d_y goes to the one place h = s*i+r*u-p: `t[c,u,i] = sum[o] d_y[o,i]*k[o,c,u]` is a product without a term too many,
and `d_x[c,s*i+r*u-p] += t[c,u,i]` adds its rows. So does a sum whose condition says where a term goes:
`s*h+r*u-p == i`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Mul

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition, at_least_zero, divides
from gradproof.derive.index import Index, fresh
from gradproof.derive.nodes import Element, Quotient, elements, free, free_indices, substitute
from gradproof.kernels.plan import Statement, Storage


@dataclass(frozen=True, slots=True)
class _Goal:
    """Where terms go: `index` of the target is `value`; a quotient that is read is the new index `place`."""

    index: Index
    value: Expr
    used: tuple[Condition, ...]
    quotient: Quotient | None = None
    place: Index | None = None


def spread(s: Statement, storage: dict[str, Storage]) -> Iterator[Statement]:
    """Yield the statement, or those that add its terms where they belong."""
    goals = tuple(_goals(s, storage)) if s.kind == "sum" and not s.guards and _is_plain(s) else ()
    found = {g.index for g in goals}
    if not goals or len(found) < len(goals) or any(free(g.value) & found for g in goals):
        yield s
        return
    yield replace(s, kind="map", reduced=(), expr=sp.Integer(0), conditions=())
    yield from _terms(s, goals, storage)


def _is_plain(s: Statement) -> bool:
    """Do the conditions stand in indices alone, and the target's indices too?"""
    return all(isinstance(c, Condition) and not elements(c) for c in s.conditions) and all(
        isinstance(slot, Index) for slot in s.target.indices
    )


def _goals(s: Statement, storage: dict[str, Storage]) -> Iterator[_Goal]:
    for e in sorted(elements(s.expr), key=str):
        for slot, n in zip(e.indices, storage[e.name].shape, strict=True):
            if isinstance(slot, Quotient) and (goal := _through(s, slot, n)) is not None:
                yield goal
    for c in s.conditions:
        if c.kind == "eq" and (solved := _solution(s, c.operands[0])) is not None:
            yield _Goal(*solved, (c,))


def _through(s: Statement, q: Quotient, n: Expr) -> _Goal | None:
    """Return where terms go that read at a quotient, if it stays inside the axis of n places."""
    needed = (divides(q.den, q.num), at_least_zero(q.num), at_least_zero(q.den * (n - 1) - q.num))
    place = fresh(n)
    solved = _solution(s, integer_form(q.num - q.den * place))
    if solved is None or not set(needed) <= set(s.conditions):
        return None
    return _Goal(*solved, needed, q, place)


def _solution(s: Statement, e: Expr) -> tuple[Index, Expr] | None:
    """Return the one index of the target that e = 0 determines, and its value."""
    found = [i for i in s.free if i in free(e)]
    if len(found) != 1:
        return None
    (index,) = found
    factor = sp.expand(e).coeff(index)
    value = integer_form(sp.expand(index - e * factor))
    return (index, value) if factor in (1, -1) and index not in free(value) else None


def _terms(s: Statement, goals: tuple[_Goal, ...], storage: dict[str, Storage]) -> Iterator[Statement]:
    """Yield the sum of what goes to one place from one place, if there is any, and what adds it."""
    places = {g.quotient: g.place for g in goals if g.quotient is not None and g.place is not None}
    values = {g.index: g.value for g in goals}
    used = {c for g in goals for c in g.used}
    expr = substitute(substitute(s.expr, places), values)
    left = [substitute(substitute(c, places), values) for c in s.conditions if c not in used]
    ends = [at_least_zero(e) for g in goals for e in (g.value, g.index.size - 1 - g.value)]
    own = tuple(i for i in s.free if i not in values)
    inner = tuple(i for i in s.reduced if not any(i in free(g.value) for g in goals))
    outer = _ordered([*[i for i in s.reduced if i not in inner], *places.values()], expr, own)
    if inner:
        apart = [c for c in left if free(c) & set(inner)]
        left = [c for c in left if c not in apart]
        axes = (*own, *outer)
        element = _temporary(s, axes, storage)
        yield replace(s, target=element, free=axes, reduced=inner, expr=expr, conditions=tuple(apart))
        expr = element
    target = substitute(s.target, values)
    conditions = tuple(dict.fromkeys((*left, *ends)))
    yield replace(s, kind="add", target=target, free=(*own, *outer), reduced=(), expr=expr, conditions=conditions)


def _ordered(indices: list[Index], expr: Expr, own: tuple[Index, ...]) -> tuple[Index, ...]:
    """Return the indices with those first that stand in one factor with the target's last: they are rows together."""
    factors = [f for f in Mul.make_args(expr) if own and own[-1] in free(f)]
    rows = {i for f in factors for i in free_indices(f)}
    return (*[i for i in indices if i in rows], *[i for i in indices if i not in rows])


def _temporary(s: Statement, axes: tuple[Index, ...], storage: dict[str, Storage]) -> Element:
    base = f"{s.name.split('~', maxsplit=1)[0]}~terms"
    name = next(n for n in (base if k == 1 else f"{base}~{k}" for k in range(1, 1000)) if n not in storage)
    nothing = (0,) * len(axes)
    storage[name] = Storage(tuple(i.size for i in axes), nothing, nothing)
    return Element(name, *axes)
