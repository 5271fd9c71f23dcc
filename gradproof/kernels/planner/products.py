"""Sums of products of two tensors, as matrix products: which they are, and the loops that make their operands matrices.

`sum[k] A[.., k]*B[k, ..]` is one where some free indices stand in A alone (rows) and some in B alone (columns).
Indices in both are loops around it. So are rows, columns and inner indices that keep an operand from being a matrix
as it lies in memory; an operand that is no plain read, or lies badly and is small beside the product, is copied first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Add, Expr, Mul

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson, elements, free
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import plain, shifted
from gradproof.kernels.planner.layouts import Orders, Sides, matrix, opened_for
from gradproof.kernels.planner.tree import Dot

#: Products over fewer terms, or of fewer rows or columns, are loops.
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Op:
    """A statement, or one matrix product of it.

    Attributes:
        statement: what is computed.
        dot: the product; None for a statement that runs place by place.
        loops: indices that must be open around the product.
    """

    statement: Statement
    dot: Dot | None = None
    loops: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One product of a sum: factor * left * right; its rows and columns in the order that they have in the target."""

    factor: int
    left: Expr
    right: Element
    sides: Sides
    orders: Orders


class Products:
    """Turns the sums of one plan into products; the temporaries that it needs are added to `storage`."""

    def __init__(self, storage: dict[str, Storage], ranked: Sequence[Index], statements: Sequence[Statement]) -> None:
        self.storage, self.ranked = storage, tuple(ranked)
        self.made = {s.target: s for s in statements if s.kind == "map"}
        self.copies: dict[Expr, list[Element]] = {}

    def ops(self, s: Statement, step: Index | None) -> Iterator[Op]:
        """Yield what computes the statement: itself, or copies and products."""
        terms = self._terms(s, step) if s.kind == "sum" else None
        if terms is None:
            yield Op(s)
            return
        whole, s = s, _placed(s, terms)
        dots: list[Op] = []
        copies = [op for k, term in enumerate(terms) for op in self._operands(s, term, k, dots)]
        if len({frozenset(op.loops) for op in dots}) > 1 and any(set(op.loops) & set(s.reduced) for op in dots):
            yield Op(whole)  # the products would add up over different loops
            return
        yield from copies
        if any(set(op.loops) & set(s.reduced) for op in dots):
            dots = [replace(op, dot=replace(op.dot, accumulate=True)) for op in dots if op.dot is not None]
        yield from dots

    def multiplies(self, s: Statement) -> bool:
        """Is the statement a sum that matrix products compute?"""
        return s.kind == "sum" and self._terms(s, None) is not None

    # ---------------------------------------------------------------- which sums are products

    def _terms(self, s: Statement, step: Index | None) -> list[Term] | None:
        """Return the products of a sum, or None where it is not made of products alone."""
        found = []
        for part in Add.make_args(s.expr):
            term = self._term(s, part, step)
            if term is None:
                return None
            found.append(term)
        return found

    def _term(self, s: Statement, part: Expr, step: Index | None) -> Term | None:
        number, rest = part.as_coeff_Mul()
        if number not in (1, -1):
            return None
        factors = [f for f in Mul.make_args(rest) if not isinstance(f, Iverson)]
        if len(factors) != len(Mul.make_args(rest)) or len(factors) < 2:
            return None
        fits = []
        for f in (f for f in factors if isinstance(f, Element)):
            others = Mul(*[g for g in factors if g is not f])
            sides = self._sides(s, others, f, step) if self._is_operand(f) else None
            opened = opened_for(s.target, sides, self.storage) if sides is not None else None
            if opened is not None and _separable(s, opened[0]):
                fits.append(Term(int(number), others, f, *opened))
        plain = [t for t in fits if isinstance(t.left, Element) and self._is_operand(t.left)]
        first = [t for t in plain if _leads(s.target, t.sides)]
        return next(iter([*first, *plain, *fits]), None)

    def _is_operand(self, e: Element) -> bool:
        return not self.storage[e.name].integer and not any(elements(i) for i in e.indices)

    def _sides(self, s: Statement, left: Expr, right: Element, step: Index | None) -> Sides | None:
        a, b = ({i for i in free(e) if isinstance(i, Index)} for e in (left, right))
        inner, own = set(s.reduced), set(s.free) - {step}
        rows, columns = (a & own) - b, (b & own) - a
        if not (rows and columns and inner <= a and inner <= b):
            return None
        if any(_extent(group) < _LEAST for group in (rows, columns, inner)):
            return None
        loops = (own - rows - columns) | ({step} & (a | b) if step is not None else set())
        return Sides(frozenset(rows), frozenset(columns), frozenset(inner), frozenset(loops), self.ranked)

    # ---------------------------------------------------------------- operands

    def _operands(self, s: Statement, term: Term, k: int, dots: list[Op]) -> Iterator[Op]:
        """Yield the copies that a product needs; add the product to `dots`."""
        left, right, sides = term.left, term.right, term.sides
        conditions = tuple(c for c in s.conditions if not self._holds(c, left) and not self._holds(c, right))
        on_right = [c for c in conditions if not free(c) & sides.rows]
        if len(on_right) < len(conditions):  # one operand is copied for them, not two
            on_right = [c for c in on_right if free(c) & sides.columns]
        left, right = left * _bracket([c for c in conditions if c not in on_right]), right * _bracket(on_right)
        rows, columns = term.orders
        sides = self._outer_sums(sides, left, right)
        pairs = ((left, rows), (right, columns))
        for e, group in pairs:
            if isinstance(e, Element) and self._inner(e, group, sides) is None and self._opens(e, sides):
                sides = sides.opening(self._outermost_inner(e, sides))
        kept = [order for e, group in pairs if (order := self._inner(e, group, sides))]
        inner = next(iter(kept), tuple(i for i in self.ranked if i in sides.inner))
        copied = []
        for e, group in pairs:
            if isinstance(e, Element) and self._inner(e, group, sides) == inner:
                copied.append(e)
                continue
            element, op = self._copy(s, e, group, inner)
            copied.append(element)
            if op is not None:
                yield op
        dot = Dot(s, copied[0], copied[1], rows, columns, inner, term.factor, accumulate=k > 0)
        dots.append(Op(s, dot, tuple(i for i in self.ranked if i in sides.loops)))

    def _inner(self, e: Expr, group: tuple[Index, ...], sides: Sides) -> tuple[Index, ...] | None:
        """Return the inner indices in the order that they have in an operand; None where it is no matrix as it lies."""
        orders = matrix(e, frozenset(group), sides.inner, self.storage) if isinstance(e, Element) else None
        return orders[1] if orders is not None and orders[0] == group else None

    def _holds(self, c: Condition, operand: Expr) -> bool:
        """Is the operand 0 where the condition does not hold? `P[i,j] = [j <= i]*...` is."""
        made = self.made.get(operand)
        return made is not None and any(c in f.conditions for f in Mul.make_args(made.expr) if isinstance(f, Iverson))

    def _outer_sums(self, sides: Sides, left: Expr, right: Expr) -> Sides:
        """Return the sides with a loop over inner indices that lead both operands, where one must be copied anyway.

        A copy of one image's patches stays in the cache, where one of all images' would not.
        """
        if all(
            isinstance(e, Element) and matrix(e, group, sides.inner, self.storage)
            for e, group in ((left, sides.rows), (right, sides.columns))
        ):
            return sides
        leading = [
            {plain(a.indices[0]) for a in elements(e) if a.indices and free(a) & sides.all} for e in (left, right)
        ]
        for i in self.ranked:
            if i in sides.inner and len(sides.inner) > 1 and all(found == {i} for found in leading):
                sides = sides.opening(i)
        return sides

    def _opens(self, operand: Element, sides: Sides) -> bool:
        """Is a loop over an inner index better than a copy: does the operand change with the loops around?"""
        return bool(free(operand) & sides.loops) and len(sides.inner) > 1 and all(
            i in sides.loops or shifted(i) is not None or not (free(i) & sides.all) for i in operand.indices
        )  # fmt: skip

    def _outermost_inner(self, operand: Element, sides: Sides) -> Index:
        return next(i for slot in operand.indices for i in [shifted(slot)] if i in sides.inner)

    def _copy(self, s: Statement, e: Expr, group: tuple[Index, ...], inner: tuple[Index, ...]
              ) -> tuple[Element, Op | None]:  # fmt: skip
        """Return the copy of an operand as a matrix, and what makes it unless that is done already."""
        own = {i for i in free(e) if isinstance(i, Index)}
        outer = [i for i in self.ranked if i in own and i not in group and i not in inner]
        last = self._last(e, [i for side in (inner, group) for i in self.ranked if i in side])
        axes = (*outer, *inner, *group) if last in group else (*outer, *group, *inner)
        for known in self.copies.get(e, ()):
            if matrix(known, frozenset(group), frozenset(inner), self.storage) == (group, inner):
                return known, None
        name = self._name(s.name, "copy" if isinstance(e, Element) else "operand")
        nothing = (0,) * len(axes)
        self.storage[name] = Storage(tuple(i.size for i in axes), nothing, nothing)
        element = Element(name, *axes)
        self.copies.setdefault(e, []).append(element)
        return element, Op(Statement(s.number, element, axes, (), "map", e))

    def _last(self, e: Expr, candidates: list[Index]) -> Index:
        """Return the index along which most of what is read lies side by side; a long one before a short one."""
        slots = [a.indices[-1] for a in sorted(elements(e), key=str) if a.indices]
        last = [i for slot in slots for i in candidates if i in free(slot)]
        return max(last or candidates, key=lambda i: (not i.size.is_Integer, candidates.index(i)))

    def _name(self, target: str, kind: str) -> str:
        base = f"{target.split('~', maxsplit=1)[0]}~{kind}"
        names = (base if n == 1 else f"{base}~{n}" for n in range(1, 1000))
        return next(n for n in names if n not in self.storage)


def is_copy(s: Statement) -> bool:
    """Is the statement one that copies an operand?"""
    return s.name.split("~")[1:2] in (["copy"], ["operand"])


def is_spread(s: Statement) -> bool:
    """Does the statement add what a product has made, each number where it belongs?"""
    return s.kind == "add" and isinstance(s.expr, Element) and s.expr.name.split("~")[1:2] == ["terms"]


def _leads(target: Element, sides: Sides) -> bool:
    """Do the rows stand before the columns in the target?"""
    found = next((i for slot in target.indices for i in [shifted(slot)] if i in sides.rows | sides.columns), None)
    return found in sides.rows


def _separable(s: Statement, sides: Sides) -> bool:
    """Can all conditions that matter inside the product be put to one operand or the other?"""
    inside = [*s.conditions, *[g for g in s.guards if free(g) & sides.running]]
    return not any(elements(c) or (free(c) & sides.rows and free(c) & sides.columns) for c in inside)


def _placed(s: Statement, terms: Sequence[Term]) -> Statement:
    """Return the statement with those guards as conditions that do not hold for whole products."""
    inside = tuple(g for g in s.guards if any(free(g) & t.sides.running for t in terms))
    outside = tuple(g for g in s.guards if g not in inside)
    return replace(s, conditions=(*s.conditions, *inside), guards=outside) if inside else s


def _bracket(conditions: Sequence[Condition]) -> Expr:
    return Iverson(*conditions) if conditions else sp.Integer(1)


def _extent(group: set[Index]) -> float:
    """Return the least number of places of a group, as far as numbers tell: infinite where a size is a symbol."""
    sizes = [i.size for i in group]
    return float(sp.Mul(*sizes)) if all(n.is_Integer for n in sizes) else float("inf")
