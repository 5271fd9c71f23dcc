"""Expression -> display tree: the order of terms and factors, and what stands under a fraction line.

No decision depends on the names of bound or fresh indices, or on hash order: the keys are made of the canonical names
that `Reduce` gives its binders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp
from sympy import Add, Expr, Mul, Pow, Rational, Symbol

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Bound, Index, Size
from gradproof.derive.nodes import (
    Call,
    Element,
    Grad,
    Iverson,
    Linear,
    Product,
    Quotient,
    Reduce,
    free,
    height,
    order_key,
)
from gradproof.derive.notation.boxes import (
    Big,
    Binder,
    Box,
    Const,
    Deriv,
    Frac,
    Fun,
    Iver,
    Num,
    Power,
    Prod,
    Root,
    Sum,
    Sym,
)
from gradproof.derive.notation.cases import split_cases
from gradproof.derive.notation.declared import PREFIXES
from gradproof.derive.notation.digits import coefficient_boxes
from gradproof.derive.notation.integer_layout import integer_box
from gradproof.derive.notation.letters import Names
from gradproof.derive.notation.roots import joined_roots
from gradproof.derive.notation.written import flat_factors, in_order


class Layout:
    """Lays expressions out; `names` says what comes in (a lone scalar input stands last in a sum)."""

    def __init__(self, names: Names, first: Iterable[Symbol] = ()) -> None:
        self.names = names
        self.ranges: dict[Symbol, Index] = {}
        self.position = {s: j for j, s in enumerate(first)}

    def box(self, e: Expr) -> Box:
        """Return the display tree of an expression."""
        if isinstance(e, Add):
            return self._sum(e)
        sign, box = self._signed(e)
        return box if sign > 0 else Sum(((-1, box),))

    # ------------------------------------------------------------ sums

    def _sum(self, e: Add) -> Box:
        cases, terms = split_cases(self._terms(e))
        boxes = [(1, self._where(*c)) for c in cases] + [self._signed(t) for t in terms]
        return boxes[0][1] if len(boxes) == 1 and boxes[0][0] > 0 else Sum(tuple(boxes))

    def _terms(self, e: Add) -> list[Expr]:
        """Return the terms as the text wrote them (but never a minus first), else in the order of the keys."""
        place = in_order(self.names.written, "+", e.args)
        if place is None:
            return sorted(e.args, key=self._term_key)
        terms = sorted(e.args, key=lambda t: (place[t], *self._term_key(t)))
        return sorted(terms, key=is_negative) if is_negative(terms[0]) else terms

    def _where(self, conditions: tuple[Condition, ...], value: Expr, elsewhere: Expr) -> Box:
        shown = self._conditions(conditions)
        return Fun("where", (shown[0] if len(shown) == 1 else Iver(shown), self.box(value), self.box(elsewhere)))

    def _term_key(self, t: Expr) -> tuple[object, ...]:
        """Positive terms first; then whole numbers, then terms with more free indices, then the simpler ones."""
        e = -t if is_negative(t) and not isinstance(t, Product) else t
        lone_input = isinstance(e, Element) and not e.indices and e.name in self.names.inputs
        indices = sum(isinstance(s, Index | Bound) for s in free(e))
        return (
            is_negative(t),
            not e.is_Integer,
            lone_input + 2 * bool(e.is_Rational),
            -indices,
            height(e),
            weight(e),
            order_key(e),
        )

    def _signed(self, e: Expr) -> tuple[int, Box]:
        """Return a term's sign, and the term without it."""
        if isinstance(e, Mul | Product) or e.is_Rational or (isinstance(e, Pow) and _is_divisor(e)):
            return self._product(e)
        if isinstance(e, Add) and all(is_negative(t) for t in e.args):
            return -1, self._sum(-e)
        return 1, self.box(e) if isinstance(e, Add) else self._factor(e)

    # ------------------------------------------------------------ products

    def _product(self, e: Expr) -> tuple[int, Box]:
        """Split a product into sign, numerator, denominator and trailing reductions."""
        factors = self._said(_factors(e), self.ranges)
        number = Mul(*[f for f in factors if f.is_Rational])
        coefficient, others, above, below = joined_roots(number, [f for f in factors if not f.is_Rational])
        for f in others:
            if isinstance(f, Pow) and _is_divisor(f):
                below.append(Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base)
            else:
                above.append(f)
        if not isinstance(e, Product):
            place = in_order(self.names.written, "*", flat_factors(e)) or {}
            above.sort(key=lambda f: (place.get(f, 0), *self._factor_key(f)))
            below.sort(key=lambda f: (place.get(1 / f, 0), *self._factor_key(f)))
        sign, numbers, divisors = coefficient_boxes(coefficient)
        sums = [self._factor(f) for f in above if isinstance(f, Reduce)]
        rest = [self._factor(f) for f in above if not isinstance(f, Reduce)]
        num = [*numbers, *rest]
        den = [*divisors, *[self._factor(f) for f in below]]
        return sign, _fraction(num, den, sums)

    def _factor_key(self, f: Expr) -> tuple[object, ...]:
        """Numbers, sizes, brackets, elements, sums, functions, sums of reductions.

        Elements stand in the order of the left side's indices, so that `X[i,d]*W[d,c]` reads like the matrix product.
        """
        base = f.base if isinstance(f, Pow) else f
        cotangent = isinstance(base, Element) and base.name.startswith(PREFIXES)
        return (_rank(base), height(f), self._place(base), not cotangent, order_key(base), order_key(f))

    def _place(self, base: Expr) -> tuple[int, ...]:
        """Scalars first, sums of them after the lone ones; then elements by the left side's indices in them."""
        if isinstance(base, Add):
            return (-1,)
        if not isinstance(base, Element) or not base.indices:
            return ()
        return tuple(sorted(self.position[s] for s in free(base) if s in self.position)) or (len(self.position),)

    def _said(self, factors: list[Expr], ranges: Mapping[Symbol, Index]) -> list[Expr]:
        """Leave out brackets that only repeat what an `outside` line says of a read beside them."""
        implied = []
        for f in factors if self.names.edges else ():
            base = f.base if isinstance(f, Pow) and f.exp.is_Integer and f.exp > 0 else f
            if isinstance(base, Element) and base.name in self.names.edges:
                back = {i: b for b, i in ranges.items()}
                guards = self.names.edges[base.name].guards(base.xreplace(dict(ranges)))
                implied.append(Iverson(*[g.xreplace(back) for g in guards]))
        return [f for f in factors if f not in implied or f == 1]

    # ------------------------------------------------------------ factors

    def _factor(self, e: Expr) -> Box:
        match e:
            case Reduce():
                return self.reduction(e)
            case Linear():
                return Fun("solution", (self.box(e.matrix), self.box(e.right), *[self.box(s) for s in e.slots]))
            case Call():
                return Fun(e.name, tuple(self.box(a) for a in _arguments(e)))
            case Iverson():
                return Iver(self._conditions(e.conditions))
            case Grad():
                return Deriv(e.of, self._factor(e.element))
            case Pow():
                return self._power(e)
            case Condition():
                return self._conditions((e,))[0]
        return self.box(e) if e.is_Rational or isinstance(e, Mul | Add | Product) else _leaf(e)

    def _power(self, e: Pow) -> Box:
        if e.exp == Rational(1, 2):
            return Root(self.box(e.base))
        return Power(self.box(e.base), self.box(e.exp))

    # ------------------------------------------------------------ reductions and conditions

    def _conditions(self, conditions: tuple[Condition, ...]) -> tuple[Box, ...]:
        from gradproof.derive.notation.condition_layout import condition_boxes

        return condition_boxes(self, conditions)

    def reduction(self, e: Reduce, op: str = "") -> Big:
        """Return the reduction; a comparison in which a bound index stands alone is shown on that index."""
        from gradproof.derive.notation.condition_layout import attach

        outer = self.ranges
        self.ranges = {**outer, **{b: Index(f"?{b.name}", n) for b, n in zip(e.binders, e.sizes, strict=True)}}
        body = self.box(e.body)
        conditions = self._conditions(e.conditions)
        self.ranges = outer
        binders = {b: Binder(Sym(b), size=n) for b, n in zip(e.binders, e.sizes, strict=True)}
        binders, conditions = attach(self, e, binders, conditions)
        return Big(op or e.op, tuple(binders.values()), conditions, body, e.op in ("max", "min"))


def _leaf(e: Expr) -> Box:
    if isinstance(e, Element | Quotient):
        return integer_box(e)
    return Sym(e) if isinstance(e, Symbol) else Const(str(e))


def _arguments(e: Call) -> tuple[Expr, ...]:
    """The arguments; max(max(a, b), c) is shown as max(a, b, c)."""
    first = e.arguments[0] if e.arguments else None
    if e.name in ("max", "min") and isinstance(first, Call) and first.name == e.name:
        return (*_arguments(first), *e.arguments[1:])
    return e.arguments


# ---------------------------------------------------------------- keys

_KINDS = (Size, Symbol, Iverson, Element, Quotient, Grad, Call)
_ELEMENT = _KINDS.index(Element) + 1


def is_negative(t: Expr) -> bool:
    """Is the term shown with a minus sign?"""
    if isinstance(t, Product):
        return bool(sp.Mul(*[a for a in t.args if a.is_Rational]) < 0)
    if isinstance(t, Add):
        return all(is_negative(a) for a in t.args)
    return not isinstance(t, Symbol) and bool(t.as_coeff_Mul()[0] < 0)


def weight(e: Expr) -> int:
    """The number of nodes, as a measure of how simple a term is."""
    return sum(1 for _ in sp.preorder_traversal(e))


def _is_scalar(e: Expr) -> bool:
    return not any(isinstance(s, Index | Bound) for s in free(e))


def _rank(base: Expr) -> int:
    if isinstance(base, Add) and not height(base):
        return 8 if base.has(Call) else _ELEMENT if _is_scalar(base) else 6
    for rank, kind in enumerate(_KINDS, start=1):
        if isinstance(base, kind):
            return rank
    return 0 if base.is_number else 9


def _is_divisor(e: Pow) -> bool:
    """Is it a power with a minus sign: 1/m, 10000**(-k/D)?"""
    return bool(e.exp.as_coeff_Mul()[0] < 0)


def _factors(e: Expr) -> list[Expr]:
    if isinstance(e, Mul | Product):
        return [f for a in e.args for f in _factors(a)]
    return [e]


def _fraction(num: list[Box], den: list[Box], sums: list[Box]) -> Box:
    head: list[Box] = []
    if den:
        head = [Frac(_joined(num), _joined(den))]
    elif num:
        head = num
    return _joined([*head, *sums])


def _joined(factors: list[Box]) -> Box:
    if not factors:
        return Num("1")
    return factors[0] if len(factors) == 1 else Prod(tuple(factors))
