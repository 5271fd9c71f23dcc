"""Local partial derivatives: walk an expression factor by factor down to its tensor elements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul, Pow, S, Symbol

from gradproof.derive.conditions import Condition, equals_zero, greater, is_arg, not_zero
from gradproof.derive.functions import FUNCTIONS, Kink, unknown_derivative
from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Iverson, Quotient, Reduce, elements
from gradproof.errors import NotYet

CLAMP = Kink("a = 0", "0")


@dataclass(frozen=True, slots=True)
class Partial:
    """d e = sum over `binders` where `conditions` of the product of `factors` * d `element`, one term of it.

    Attributes:
        element: the tensor element at the end of the path.
        factors: the local derivatives along the path, kept apart (SymPy turns 2*(p - y) into 2*p - 2*y).
        binders: indices of the reductions the path went through, open.
        conditions: their conditions.
        rules: names of the rules used along the path, outermost first.
        kinks: (function, its arguments, kink) met along the path.
    """

    element: Element
    factors: tuple[Expr, ...] = ()
    binders: tuple[Index, ...] = ()
    conditions: tuple[Condition, ...] = ()
    rules: tuple[str, ...] = ()
    kinks: tuple[tuple[str, tuple[Expr, ...], Kink], ...] = ()


def partials(e: Expr) -> Iterator[Partial]:
    """Yield one Partial for each tensor element that e reads, a term or factor at a time.

    Raises:
        NotYet: for an expression the rules do not cover, by name.
    """
    if not elements(e) or isinstance(e, Iverson | Quotient | Symbol):
        return
    rule = next((r for kind, r in _RULES.items() if isinstance(e, kind)), None)
    if rule is None:
        raise NotYet(f"no derivative rule for {type(e).__name__} in {e}")
    yield from rule(e)


def _element(e: Element) -> Iterator[Partial]:
    """The end of a path."""
    yield Partial(e)


def _add(e: Add) -> Iterator[Partial]:
    """d (f + g) = df + dg."""
    for term in e.args:
        yield from _through(term, (), "sum rule")


def _mul(e: Mul) -> Iterator[Partial]:
    """d (f*g) = g*df + f*dg."""
    for j, factor in enumerate(e.args):
        yield from _through(factor, (*e.args[:j], *e.args[j + 1 :]), "product rule")


def _pow(e: Pow) -> Iterator[Partial]:
    """d f**a = a*f**(a - 1) df, and for an exponent that varies f**a log(f) da."""
    yield from _through(e.base, (e.exp, Pow(e.base, e.exp - 1)), "power rule")
    if elements(e.exp):
        yield from _through(e.exp, (e, Call("log", e.base)), "exponential rule")


def _through(inner: Expr, local: tuple[Expr, ...], rule: str) -> Iterator[Partial]:
    """Chain rule: every partial of the inner expression times the local derivative."""
    for p in partials(inner):
        yield replace(p, factors=(*local, *p.factors), rules=(rule, *p.rules))


def _call(e: Call) -> Iterator[Partial]:
    """The chain rule through an elementwise function of the table, or an unknown one."""
    if e.name == "max" and S.Zero in e.arguments:
        # max(0, a) is relu(a), and takes relu's convention at 0, not the half of a tie.
        argument = next((a for a in e.arguments if a != 0), S.Zero)
        yield from _with_kink(Call("relu", argument), argument, Iverson(greater(argument, S.Zero)), CLAMP)
        return
    if e.name not in FUNCTIONS:
        try:
            local = unknown_derivative(e)
        except NotImplementedError as reason:
            raise NotYet(f"{reason} is not supported yet") from None
        yield from _through(e.arguments[0], (local,), "chain rule")
        return
    record = FUNCTIONS[e.name]
    for argument, local in zip(e.arguments, record.partials(e, *e.arguments), strict=True):
        if local != 0 and elements(argument):
            yield from _with_kink(e, argument, local, record.kink)


def _with_kink(e: Call, argument: Expr, local: Expr, kink: Kink | None) -> Iterator[Partial]:
    for p in _through(argument, (local,), "chain rule"):
        yield p if kink is None else replace(p, kinks=((e.name, e.arguments, kink), *p.kinks))


def _sum(e: Reduce) -> Iterator[Partial]:
    """d sum_i f = sum_i df."""
    opened, body, conditions = e.open()
    for p in partials(body):
        yield replace(
            p,
            binders=(*opened, *p.binders),
            conditions=(*conditions, *p.conditions),
            rules=("derivative of a sum", *p.rules),
        )


def _product(e: Reduce) -> Iterator[Partial]:
    """d prod_i f_i = sum_i (prod_{k != i} f_k) df_i."""
    opened, body, conditions = e.open()
    if len(opened) > 1:
        raise NotYet(f"the derivative of a product over several indices is not supported yet: {e}")
    others, other_body, other_conditions = e.open()
    rest = Reduce("prod", other_body, others, e.sizes, [*other_conditions, not_zero(others[0] - opened[0])])
    for p in _through(body, (rest,), "derivative of a product"):
        yield replace(p, binders=(*opened, *p.binders), conditions=(*conditions, *p.conditions))


def _extremum(e: Reduce) -> Iterator[Partial]:
    """d max_i f_i = df at the (first) position where the maximum is reached."""
    opened, body, conditions = e.open()
    here = is_arg(e, tuple(opened))
    kink = Kink(f"the {e.op}imum of a is reached twice", "1 for the first position, 0 for the others")
    for p in partials(body):
        yield replace(
            p,
            binders=(*opened, *p.binders),
            conditions=(*conditions, here, *p.conditions),
            rules=(f"derivative of a {e.op}imum", *p.rules),
            kinks=((e.op, (body,), kink), *p.kinks),
        )


def _reduction(e: Reduce) -> Iterator[Partial]:
    yield from _REDUCTIONS[e.op](e)


_REDUCTIONS = {"sum": _sum, "prod": _product, "max": _extremum, "min": _extremum}
_RULES = {Element: _element, Add: _add, Mul: _mul, Pow: _pow, Call: _call, Reduce: _reduction}


def delta(slots: tuple[Expr, ...], element: Element) -> tuple[Condition, ...]:
    """Return the equations slot == index, axis by axis, under which the element is the one that is asked for."""
    pairs = zip(slots, element.indices, strict=True)
    return tuple(equals_zero(a - b) for a, b in pairs if a != b)
