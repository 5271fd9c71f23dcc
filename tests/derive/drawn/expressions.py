"""Strategies for expressions over a scope: the simplest form first, so that what fails shrinks to it."""

from __future__ import annotations

from hypothesis import strategies as st

from .reads import bounds, conditions, over_indices, reads
from .scope import Scope

#: Functions with values of order one, or that grow no faster than their argument.
TAME = ("sin", "tanh", "sigmoid", "cos", "softplus", "erf", "arctan", "phi")
#: Functions with kinks.
KINKED = ("relu", "abs", "sign")
NUMBERS = ("2", "1/2", "3", "1")


def expressions(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return a strategy for expressions in parentheses, or atoms."""
    if depth <= 0:
        return st.integers(0, 6).flatmap(lambda k: numbers(scope) if k == 6 else reads(scope))
    inner = expressions(scope, depth - 1)
    forms = [
        reads(scope),
        products(scope, depth),
        sums(inner),
        powers(inner),
        calls(inner),
        reductions(scope, depth),
        quotients(inner),
        cases(scope, inner),
        kinks(inner),
        normalised(scope, depth),
    ]
    return st.one_of(forms)


def numbers(scope: Scope) -> st.SearchStrategy[str]:
    """Return a strategy for numbers, sizes and indices used as numbers."""
    return st.sampled_from((*NUMBERS, "n", *(i.letter for i in scope.indices)))


@st.composite
def products(draw: st.DrawFn, scope: Scope, depth: int) -> str:
    parts = draw(st.lists(expressions(scope, depth - 1), min_size=2, max_size=3 if depth < 3 else 2))
    return f"({'*'.join(parts)})"


@st.composite
def sums(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    return f"({draw(inner)} {draw(st.sampled_from('+-'))} {draw(inner)})"


@st.composite
def powers(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Draw a whole power, a root of something positive, or a power that varies."""
    base, form = (
        draw(inner),
        draw(st.sampled_from(("{}**2", "{}**3", "sqrt(1 + {}**2)", "(1 + {}**2)**(-3/2)", "vary"))),
    )
    if form == "vary":
        return f"((1 + {base}**2)**tanh({draw(inner)}))"
    return f"({form.format(base)})"


@st.composite
def calls(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    form = draw(st.sampled_from((*(f"{f}({{}})" for f in TAME), "exp(tanh({}))", "log(2 + sin({}))", "log1p({}**2)")))
    return form.format(draw(inner))


@st.composite
def quotients(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    return f"({draw(inner)}/(2 + {draw(inner)}**2))"


@st.composite
def cases(draw: st.DrawFn, scope: Scope, inner: st.SearchStrategy[str]) -> str:
    """Draw a bracket or a `where`."""
    condition = draw(conditions(scope, reads(scope)))
    if draw(st.booleans()):
        return f"where({condition}, {draw(inner)}, {draw(inner)})"
    return f"([{condition}]*{draw(inner)})"


@st.composite
def kinks(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    kind = draw(st.sampled_from((*KINKED, "max", "min", "clip", "hinge")))
    if kind == "hinge":
        return f"max(0, {draw(inner)})"
    if kind == "clip":
        return f"clip({draw(inner)}, -1, 1/2)"
    return f"{kind}({draw(inner)}, {draw(inner)})" if kind in ("max", "min") else f"{kind}({draw(inner)})"


@st.composite
def reductions(draw: st.DrawFn, scope: Scope, depth: int) -> str:
    """Draw a reduction over one index, a sum over two, with conditions that leave something of a maximum."""
    free = scope.unbound()
    if not free or len(scope.indices) >= 4:
        return draw(reads(scope))
    op = draw(st.sampled_from(("sum", "mean", "prod", "max", "min")))
    index = draw(st.sampled_from(free))
    bracket = [f"{index.letter}<{index.size}" if op == "mean" else draw(st.sampled_from(bounds(index, scope)))]
    inner = scope.within(index)
    if op == "sum" and len(inner.indices) < 4 and draw(st.booleans()):
        second = draw(st.sampled_from(inner.unbound()))
        bracket.append(draw(st.sampled_from(bounds(second, inner))))
        inner = inner.within(second)
    if op in ("sum", "prod") and draw(st.booleans()):
        bracket.append(draw(conditions(inner, reads(inner)) if op == "sum" else over_indices(inner)))
    return f"({op}[{', '.join(bracket)}] {draw(expressions(inner, depth - 1))})"


@st.composite
def normalised(draw: st.DrawFn, scope: Scope, depth: int) -> str:
    """Draw a log-sum-exp or one entry of a softmax over a new index."""
    free = scope.unbound()
    if not free or len(scope.indices) >= 4:
        return draw(reads(scope))
    index = draw(st.sampled_from(free))
    inner = scope.within(index)
    logit = draw(expressions(inner, min(depth - 1, 1)))
    total = f"(sum[{draw(st.sampled_from(bounds(index, scope)))}] exp({logit}))"
    if draw(st.booleans()):
        return f"log({total})"
    return f"(exp({draw(reads(scope))})/{total})"
