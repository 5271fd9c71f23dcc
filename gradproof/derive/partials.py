"""Local partial derivatives: walk an expression factor by factor down to its tensor elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sympy import Add, Expr, Mul, Pow, S, Symbol

from gradproof.derive.conditions import Condition, equals_zero, greater, is_arg, not_zero, same
from gradproof.derive.functions import CONVENTIONS, FUNCTIONS, Kink, unknown_derivative
from gradproof.derive.index import Index
from gradproof.derive.matrix_partials import log_determinant, solution
from gradproof.derive.nodes import Call, Element, Iverson, Product, Quotient, Reduce, elements
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


def partials(e: Expr, kinks: str = "torch") -> Iterator[Partial]:
    """Yield one Partial for each tensor element that e reads, a term or factor at a time.

    Args:
        e: the expression.
        kinks: whose convention is taken where there is no derivative.

    Raises:
        NotYet: for an expression the rules do not cover, by name.
    """
    if not elements(e) or isinstance(e, Iverson | Quotient | Symbol):
        return
    rule = next((r for kind, r in _RULES.items() if isinstance(e, kind)), None)
    if rule is None:
        raise NotYet(f"no derivative rule for {type(e).__name__} in {e}")
    yield from rule(e, kinks)


def _element(e: Element, kinks: str) -> Iterator[Partial]:  # noqa: ARG001  (the signature of all rules)
    """The end of a path."""
    yield Partial(e)


def _add(e: Add, kinks: str) -> Iterator[Partial]:
    """d (f + g) = df + dg."""
    for term in e.args:
        yield from _through(term, (), "sum rule", kinks)


def _mul(e: Mul | Product, kinks: str) -> Iterator[Partial]:
    """d (f*g) = g*df + f*dg."""
    for j, factor in enumerate(e.args):
        yield from _through(factor, (*e.args[:j], *e.args[j + 1 :]), "product rule", kinks)


def _pow(e: Pow, kinks: str) -> Iterator[Partial]:
    """d f**a = a*f**(a - 1) df, and for an exponent that varies f**a log(f) da."""
    yield from _through(e.base, (e.exp, Pow(e.base, e.exp - 1)), "power rule", kinks)
    if elements(e.exp):
        yield from _through(e.exp, (e, Call("log", e.base)), "exponential rule", kinks)


def _through(inner: Expr, local: tuple[Expr, ...], rule: str, kinks: str) -> Iterator[Partial]:
    """Chain rule: every partial of the inner expression times the local derivative."""
    for p in partials(inner, kinks):
        yield replace(p, factors=(*local, *p.factors), rules=(rule, *p.rules))


def _call(e: Call, kinks: str) -> Iterator[Partial]:
    """The chain rule through an elementwise function of the table, or an unknown one."""
    if e.name == "max" and S.Zero in e.arguments and kinks != "jax":
        # max(0, a) is relu(a), and takes relu's convention at 0, not the half of a tie; jax.numpy.maximum halves it.
        argument = next((a for a in e.arguments if a != 0), S.Zero)
        yield from _with_kink(Call("relu", argument), argument, Iverson(greater(argument, S.Zero)), CLAMP, kinks)
        return
    if e.name not in FUNCTIONS:
        try:
            local = unknown_derivative(e)
        except NotImplementedError as reason:
            raise NotYet(f"{reason} is not supported yet") from None
        yield from _through(e.arguments[0], (local,), "chain rule", kinks)
        return
    slopes, kink = FUNCTIONS[e.name].under(kinks)
    for argument, local in zip(e.arguments, slopes(e, *e.arguments), strict=True):
        if local != 0 and elements(argument):
            yield from _with_kink(e, argument, local, kink, kinks)


def _with_kink(e: Call, argument: Expr, local: Expr, kink: Kink | None, kinks: str) -> Iterator[Partial]:
    for p in _through(argument, (local,), "chain rule", kinks):
        yield p if kink is None else replace(p, kinks=((e.name, e.arguments, kink), *p.kinks))


def _sum(e: Reduce, kinks: str) -> Iterator[Partial]:
    """d sum_i f = sum_i df."""
    opened, body, conditions = e.open()
    for p in partials(body, kinks):
        yield replace(
            p,
            binders=(*opened, *p.binders),
            conditions=(*conditions, *p.conditions),
            rules=("derivative of a sum", *p.rules),
        )


def _product(e: Reduce, kinks: str) -> Iterator[Partial]:
    """d prod_i f_i = sum_i (prod_{k != i} f_k) df_i."""
    opened, body, conditions = e.open()
    if len(opened) > 1:
        raise NotYet(f"the derivative of a product over several indices is not supported yet: {e}")
    others, other_body, other_conditions = e.open()
    rest = Reduce("prod", other_body, others, e.sizes, [*other_conditions, not_zero(others[0] - opened[0])])
    for p in _through(body, (rest,), "derivative of a product", kinks):
        yield replace(p, binders=(*opened, *p.binders), conditions=(*conditions, *p.conditions))


def _extremum(e: Reduce, kinks: str) -> Iterator[Partial]:
    """d max_i f_i = df at the first position where the maximum is reached, or shared among all of them."""
    opened, body, conditions = e.open()
    factors, here, kink = _EXTREMA[kinks](e, opened, body)
    for p in partials(body, kinks):
        yield replace(
            p,
            factors=(*factors, *p.factors),
            binders=(*opened, *p.binders),
            conditions=(*conditions, here, *p.conditions),
            rules=(f"derivative of a {e.op}imum", *p.rules),
            kinks=((e.op, (body,), kink), *p.kinks),
        )


def _at_the_first(e: Reduce, opened: list[Index], body: Expr) -> Chosen:  # noqa: ARG001  (the signature of both)
    """[i == argmax f]."""
    kink = Kink(_TWICE.format(e.op), "1 for the first position, 0 for the others", CONVENTIONS["torch"])
    return (), is_arg(e, tuple(opened)), kink


def _shared(e: Reduce, opened: list[Index], body: Expr) -> Chosen:  # noqa: ARG001
    """[f_i == max f] / (the number of positions where that holds)."""
    others, other_body, other_conditions = e.open()
    count = Reduce("sum", S.One, others, e.sizes, [*other_conditions, same(other_body, e)])
    return (
        (1 / count,),
        same(body, e),
        Kink(_TWICE.format(e.op), "an equal share for each position", CONVENTIONS["jax"]),
    )


#: The factors, the condition and the kink of the derivative of a maximum or minimum, by the convention.
Chosen = tuple[tuple[Expr, ...], Condition, Kink]
_TWICE = "the {}imum of a is reached twice"
_EXTREMA: Mapping[str, Callable[[Reduce, list[Index], Expr], Chosen]] = MappingProxyType(
    {"torch": _at_the_first, "jax": _shared}
)


def _reduction(e: Reduce, kinks: str) -> Iterator[Partial]:
    yield from _REDUCTIONS[e.op](e, kinks)


_REDUCTIONS = {
    "sum": _sum, "prod": _product, "max": _extremum, "min": _extremum, "logdet": log_determinant, "solve": solution,
}  # fmt: skip
_RULES = {Element: _element, Add: _add, Mul: _mul, Product: _mul, Pow: _pow, Call: _call, Reduce: _reduction}


def delta(slots: tuple[Expr, ...], element: Element) -> tuple[Condition, ...]:
    """Return the equations slot == index, axis by axis, under which the element is the one that is asked for."""
    pairs = zip(slots, element.indices, strict=True)
    return tuple(equals_zero(a - b) for a, b in pairs if a != b)
