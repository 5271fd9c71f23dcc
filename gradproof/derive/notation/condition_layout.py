"""Conditions -> display trees: which comparisons join to a chain, what stands on which side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Add, Basic, Expr, S, Symbol

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition
from gradproof.derive.index import Bound, Index, Size
from gradproof.derive.nodes import Element, Quotient, Reduce, elements, free, order_key
from gradproof.derive.notation.boxes import Binder, Box, Chain, Mod, Not, Num, Sym, Tup, map_box
from gradproof.derive.notation.integer_layout import index_count, integer_box, integer_sum, is_minus

if TYPE_CHECKING:
    from gradproof.derive.notation.layout import Layout

_REAL = {"gt": ">", "gte": ">=", "same": "==", "differs": "!="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def condition_boxes(layout: Layout, conditions: Iterable[Condition]) -> tuple[Box, ...]:
    """Return the conditions as a reader writes them: `0 <= e < n` as one chain, an exact quotient with its bounds."""
    left = sorted(conditions, key=lambda c: (_place(layout, c), order_key(c)))
    out: list[Box] = []
    for c in [c for c in left if c.kind == "divides"]:
        chain, used = _quotient_bounds(c, left)
        if chain is not None:
            out.append(chain)
            left = [x for x in left if x not in used]
    for chain, used in _two_sided(left):
        out.append(chain)
        left = [x for x in left if x not in used]
    for ends, pair in _real_chains(left):
        out.append(Chain(tuple(layout.box(x) for x in ends), tuple(_FLIPPED[_REAL[c.kind]] for c in pair)))
        left = [x for x in left if x not in pair]
    return (*out, *[single(layout, c) for c in left])


def _place(layout: Layout, c: Condition) -> int:
    """Conditions stand in the order of the left side's indices: t before s under y[t,s]."""
    return min((layout.position[s] for s in free(c) if s in layout.position), default=len(layout.position))


# ---------------------------------------------------------------- chains


def _quotient_bounds(c: Condition, others: list[Condition]) -> tuple[Chain | None, list[Condition]]:
    """For `A % s == 0`: A >= 0 and s*(n-1) - A >= 0 are 0 <= A/s < n."""
    s, a = c.operands
    low = [x for x in others if x.kind == "ge" and x.operands[0] == a]
    for x in others:
        if x.kind != "ge":
            continue
        total = sp.expand(x.operands[0] + a)
        n = sp.cancel(total / s + 1)
        if index_count(total) == 0 and n.is_polynomial() and not _fractional(n):
            ends: tuple[Box, ...] = (integer_box(Quotient(a, s)), integer_box(n))
            return (Chain((Num("0"), *ends), ("<=", "<")), [*low[:1], x]) if low else (Chain(ends, ("<",)), [x])
    return None, []


def _fractional(n: Expr) -> bool:
    return any(t.as_coeff_Mul()[0].q != 1 for t in Add.make_args(sp.expand(n)))


def _two_sided(conditions: list[Condition]) -> list[tuple[Chain, list[Condition]]]:
    """Join e >= 0 and n - 1 - e >= 0 to 0 <= e < n."""
    out, used = [], set()
    bounds = [c for c in conditions if c.kind == "ge" and index_count(c.operands[0])]
    for low in sorted(bounds, key=lambda c: (_minus_terms(c.operands[0]), order_key(c))):
        for high in bounds:
            if low == high or low in used or high in used:
                continue
            e, total = low.operands[0], sp.expand(low.operands[0] + high.operands[0])
            if index_count(total) == 0 and not e.atoms(Quotient):
                out.append((_between(e, total), [low, high]))
                used |= {low, high}
    return out


def _between(e: Expr, total: Expr) -> Chain:
    """0 <= e < n; with e = t - 1 and a bound that is no plain size, the number moves out: 0 < t < T."""
    number = e.as_coeff_Add()[0]
    if number >= 0 or not (total + 1).is_Add:
        return Chain((Num("0"), integer_box(e), integer_box(total + 1)), ("<=", "<"))
    return Chain((integer_box(-number - 1), integer_box(e - number), integer_box(total + 1 - number)), ("<", "<"))


def _real_chains(conditions: list[Condition]) -> list[tuple[tuple[Expr, ...], tuple[Condition, Condition]]]:
    """Join x >= a and b >= x to a <= x <= b."""
    out: list[tuple[tuple[Expr, ...], tuple[Condition, Condition]]] = []
    used: set[Condition] = set()
    bounds = [c for c in conditions if c.kind in ("gt", "gte")]
    for low in bounds:
        for high in bounds:
            if low.operands[0] == high.operands[1] and used.isdisjoint((low, high)) and low != high:
                out.append(((low.operands[1], low.operands[0], high.operands[0]), (low, high)))
                used |= {low, high}
    return out


def _minus_terms(e: Expr) -> tuple[int, int]:
    """How many terms are subtracted: those with indices count first."""
    minus = [t for t in Add.make_args(e) if is_minus(t)]
    return sum(index_count(t) > 0 for t in minus), len(minus)


# ---------------------------------------------------------------- single conditions


def single(layout: Layout, c: Condition) -> Box:
    """Return one condition."""
    if c.kind == "ge":
        return _at_least_zero(c.operands[0])
    if c.kind in ("eq", "ne"):
        return _against(c.operands[0], "==" if c.kind == "eq" else "!=")
    if c.kind == "divides":
        return Chain((Mod(integer_box(c.operands[1]), integer_box(c.operands[0])), Num("0")), ("==",))
    if c.kind in _REAL:
        return _real(layout, c)
    if c.kind == "not":
        return _not(layout, c)
    reduction, position = c.operands
    items = tuple(integer_box(i) for i in position)
    big = layout.reduction(reduction, op="arg" + reduction.op)
    return Chain((items[0] if len(items) == 1 else Tup(items), big), ("==",))


def _real(layout: Layout, c: Condition) -> Box:
    """Return `abs(e[i]) <= delta`, not `delta >= abs(e[i])`: what has an index stands before what has none."""
    left, right = c.operands
    if _has_index(right) and not _has_index(left):
        return Chain((layout.box(right), layout.box(left)), (_FLIPPED[_REAL[c.kind]],))
    return Chain((layout.box(left), layout.box(right)), (_REAL[c.kind],))


def _has_index(e: Basic) -> bool:
    return any(not isinstance(s, Size) for s in free(e))


def _not(layout: Layout, c: Condition) -> Box:
    if len(c.operands) == 1 and c.operands[0].kind in ("divides", "arg"):
        inner = single(layout, c.operands[0])
        return Chain(inner.operands, ("!=",)) if isinstance(inner, Chain) else inner
    return Not(condition_boxes(layout, c.operands))


def _split(e: Expr) -> tuple[list[Expr], list[Expr], Expr]:
    """Return positive terms, negated negative terms, and the number."""
    number, rest = e.as_coeff_Add()
    terms = [] if rest == 0 else list(Add.make_args(rest))
    return [t for t in terms if not is_minus(t)], [-t for t in terms if is_minus(t)], number


def _at_least_zero(e: Expr) -> Chain:
    """a <= b, with the number on the side where it is positive, and as < where that is shorter."""
    plus, minus, number = _split(e)
    if number < 0:
        low, op, high = [*minus, -number - 1], "<", plus
    else:
        low, op, high = minus, "<=", [*plus, number]
    sides = (integer_sum(low), integer_sum(high))
    flip = _count(plus) > 0 and _count(minus) == 0
    return Chain(sides[::-1], (_FLIPPED[op],)) if flip else Chain(sides, (op,))


def _against(e: Expr, op: str) -> Chain:
    """a == b, with the side of the indices at the left."""
    plus, minus, number = _split(e)
    a, b = [*plus, max(number, S.Zero)], [*minus, max(-number, S.Zero)]
    if _left_rank(b) < _left_rank(a):
        a, b = b, a
    return Chain((integer_sum(a), integer_sum(b)), (op,))


def _left_rank(side: list[Expr]) -> tuple[int, int]:
    """A lone index first, then a side with indices, data, sizes, numbers."""
    side = [t for t in side if t != 0]
    if any(t.atoms(Element) for t in side):
        return (2, len(side))
    return (0 if len(side) == 1 and isinstance(side[0], Index | Bound) else 1 if _count(side) else 3, len(side))


def _count(terms: list[Expr]) -> int:
    return sum(index_count(t) for t in terms)


# ---------------------------------------------------------------- bounds on binders


def attach(
    layout: Layout, e: Reduce, binders: Mapping[Symbol, Binder], conditions: tuple[Box, ...]
) -> tuple[dict[Symbol, Binder], tuple[Box, ...]]:
    """Put a comparison on the bound index that stands alone in it; show the range of one that no axis tells."""
    binders, left = dict(binders), []
    for c in conditions:
        placed = _on_binder(c, binders)
        if placed is None:
            left.append(c)
        else:
            binders[placed.index.symbol] = placed
    for b, n in zip(e.binders, e.sizes, strict=True):
        if not _has_axis(layout, e, b, n) and not _compared(e, b, n):
            shown = binders[b]
            if shown.bound is not None:
                left.append(Chain((shown.index, shown.bound), (shown.op,)))
            binders[b] = Binder(shown.index, n, "<", integer_box(n))
    order = list(binders)
    for k, b in enumerate(order):
        shown = binders[b]
        # A reader who meets a>=d before d<n cannot tell which of them a>=d binds.
        if shown.bound is not None and any(binders[x].op and _mentions(shown.bound, x) for x in order[k + 1 :]):
            left.append(Chain((shown.index, shown.bound), (shown.op,)))
            binders[b] = Binder(shown.index, shown.size)
    return binders, tuple(left)


def _on_binder(c: Box, binders: Mapping[Symbol, Binder]) -> Binder | None:
    if not isinstance(c, Chain) or len(c.operands) != 2 or c.ops[0] not in ("<", "<=", ">", ">="):
        return None
    for a, op, b in ((c.operands[0], c.ops[0], c.operands[1]), (c.operands[1], _FLIPPED[c.ops[0]], c.operands[0])):
        if isinstance(a, Sym) and a.symbol in binders and not binders[a.symbol].op and not _mentions(b, a.symbol):
            return replace(binders[a.symbol], op=op, bound=b)
    return None


def _mentions(box: Box, symbol: Symbol) -> bool:
    found = False

    def go(b: object) -> object:
        nonlocal found
        found = found or (isinstance(b, Sym) and b.symbol == symbol)
        return map_box(b, go)

    go(box)
    return found


def _has_axis(layout: Layout, e: Reduce, b: Symbol, size: Expr) -> bool:
    """Does the index stand alone in an axis, and in none of another range, where shapes are known?"""
    inside = {x for part in (e.body, *e.conditions) for x in elements(part)}
    axes = [(x.name, axis) for x in inside for axis, i in enumerate(x.indices) if i == b]
    shapes = layout.names.shapes
    return bool(axes) and all(name not in shapes or shapes[name][axis] == size for name, axis in axes)


def _compared(e: Reduce, b: Symbol, size: Expr) -> bool:
    """Is it compared with another index of the same range, from which a reader takes its own? Not with i + 1."""
    joined = {c for _, pair in _two_sided(list(e.conditions)) for c in pair}
    for c in e.conditions:
        if c not in joined and c.kind in ("ge", "eq", "ne"):
            shift, parts = integer_form(c.operands[0]).as_coeff_Add()
            if shift != 0 and not (c.kind == "ge" and shift == -1):
                continue
            others = free(parts) - {b}
            if b in free(parts) and len(others) == 1 and len(Add.make_args(parts)) == 2:
                other = next(iter(others))
                if (
                    isinstance(other, Index)
                    and other.size == size
                    and {abs(t.as_coeff_Mul()[0]) for t in Add.make_args(parts)} == {1}
                ):
                    return True
    return False
