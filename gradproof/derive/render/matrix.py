"""Matrix notation of an index equation where it has one: `sum[i] X[i,d]*dZ[i,c]` is `Xᵀ dZ`.

An expression whose free indices are the row `r` and the column `c` (or one of them, or none) is written in terms of
whole arrays. Each part is first written with the indices that it has itself: a part with r alone is a column, and it
joins a matrix as a diagonal factor or with a row of ones. What has no such form raises `_NoForm` inside, and the
public function returns None: the index notation then stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, S

from gradproof.derive.implicit import is_solution
from gradproof.derive.implicit_sides import sides_over_axes
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Product, Reduce, elements, free, free_indices
from gradproof.derive.render.matrix_conditions import is_eye, triangle, with_brackets
from gradproof.derive.render.matrix_nodes import (
    Applied,
    Diagonal,
    Eye,
    Holds,
    Inner,
    Matrix,
    Ones,
    Over,
    Plus,
    Power,
    Scalar,
    Scaled,
    Times,
    Turned,
    Whole,
    cornered,
    dot,
    times,
    turned,
)
from gradproof.derive.render.order import (
    factors_of_terms,
    inner_sum,
    ordered_factors,
    ordered_terms,
    sign_and_size,
    sum_of_terms,
)

#: The relation of each real condition.
RELATIONS = {"gt": ">", "gte": ">=", "same": "==", "differs": "!="}


class _NoForm(Exception):
    """The expression has no matrix notation (of those known here)."""


def matrix_form(equation: Equation) -> tuple[Matrix, Matrix] | None:
    """Return both sides in matrix notation, or None where there is none; `A Y` and `B` where Y solves A Y = B."""
    if (sides := (sides_over_axes if is_solution(equation.value) else _stated)(equation)) is None:
        return None
    left, right, axes = sides
    try:
        return Whole(left.name) if isinstance(left, Element) else _filled(left, axes), _filled(right, axes)
    except _NoForm:
        return None


def _stated(equation: Equation) -> tuple[Expr, Expr, tuple[Index, ...]] | None:
    """Return target, value and axes, where the axes are at most two different indices."""
    target, axes = equation.target, equation.target.indices
    fits = equation.kind is not Kind.START and len(axes) <= 2 and len(set(axes)) == len(axes)
    plain = fits and all(isinstance(i, Index) for i in axes) and _reads_arrays(equation)
    return (target, equation.value, tuple(axes)) if plain else None


def _reads_arrays(equation: Equation) -> bool:
    """Is there an array on either side? (Between scalars the index notation has no index to save.)"""
    return any(e.indices for e in elements(equation.value) | {equation.target})


def _axes(e: Basic, axes: tuple[Index, ...]) -> tuple[Index, ...]:
    return tuple(a for a in axes if a in free(e))


def _filled(e: Expr, axes: tuple[Index, ...]) -> Matrix:
    """Return e over exactly these axes: a column that stands for a matrix gets its row of ones."""
    own = _axes(e, axes)
    body = _natural(e, axes)
    if own == axes or not own or len(axes) < 2:
        return body
    return dot(body, Turned(Ones())) if own == axes[:1] else dot(Ones(), turned(body))


def _natural(e: Expr, axes: tuple[Index, ...]) -> Matrix:
    """Return e over those of the axes that it has: matrix, column or scalar."""
    own = _axes(e, axes)
    if set(free_indices(e)) - set(own):
        raise _NoForm
    if not own and not any(x.indices for x in elements(e)):
        return Scalar(e)
    for kind, convert in _CASES:
        if isinstance(e, kind):
            return convert(e, own)
    raise _NoForm


def _element(e: Element, axes: tuple[Index, ...]) -> Matrix:
    if e.indices == axes:
        return Whole(e.name)
    if len(axes) == 2 and e.indices == axes[::-1]:
        return Turned(Whole(e.name))
    raise _NoForm


def _gradient(e: Grad, axes: tuple[Index, ...]) -> Matrix:
    if e.element.indices == axes:
        return Whole(e.element.name, of=e.of)
    raise _NoForm


def _sum_of_terms(e: Add, axes: tuple[Index, ...]) -> Matrix:
    terms = [(negative, _filled(term, axes)) for negative, term in ordered_terms(e)]
    return Plus(tuple(t for negative, form in terms for t in _apart(negative, form)))


def _apart(negative: bool, form: Matrix) -> tuple[tuple[bool, Matrix], ...]:
    """Return the terms of a term that is added and a sum itself; one that is taken away keeps its parentheses."""
    return form.terms if isinstance(form, Plus) and not negative else ((negative, form),)


def _product(e: Expr, axes: tuple[Index, ...]) -> Matrix:
    negative, size = sign_and_size(e)
    if negative:
        return Plus(((True, _natural(size, axes)),))
    masked = triangle(e, axes)
    if masked is not None:
        return cornered(masked[0], _filled(masked[1], axes))
    top, bottom = ordered_factors(e, axes)
    spread = next((a for a in top if isinstance(a, Add) and any(is_eye(t, axes) for t in factors_of_terms(a))), None)
    if spread is not None and any(_axes(f, axes) for f in (*top, *bottom) if f is not spread):
        # p[j]*([j == k] - p[k]) is diag(p) - p pᵀ: the identity is only useful beside its own factors.
        rest = Mul(*[a for a in top if a is not spread], *[1 / b for b in bottom])
        return _sum_of_terms(Add(*[Mul(rest, t) for t in spread.args]), axes)
    scalars = [a for a in top if not _axes(a, axes)], [b for b in bottom if not _axes(b, axes)]
    body = _by_axes([a for a in top if _axes(a, axes)], [b for b in bottom if _axes(b, axes)], axes)
    return _scaled(body, *scalars)


def _scaled(body: Matrix | None, top: list[Expr], bottom: list[Expr]) -> Matrix:
    """Return the body times scalars: those in numbers and scalar tensors as one expression, those over arrays apart."""
    above = [_natural(a, ()) for a in top if a != 1]
    below = [_natural(b, ()) for b in bottom]
    if body is None:
        if len(above) == 1 and not below:
            return above[0]
        body, above = (above[-1], above[:-1]) if above else (Scalar(S.One), [])
    return Scaled(body, tuple(above), tuple(below)) if above or below else body


def _by_axes(top: list[Expr], bottom: list[Expr], axes: tuple[Index, ...]) -> Matrix | None:
    """Multiply parts elementwise: full ones together, row parts as diag(u) M, column parts as M diag(v)."""
    if not top and not bottom:
        return None
    full = _elementwise(top, bottom, axes)
    if len(axes) < 2:
        return full
    row, column = (_elementwise(top, bottom, (a,)) for a in axes)
    if full is None:
        return dot(row or Ones(), turned(column or Ones()))
    if full == Eye() and (row or column):
        return Diagonal(times([m for m in (row, column) if m is not None]))
    parts = [Diagonal(row)] if row else []
    return dot(*parts, full, *([Diagonal(column)] if column else []))


def _elementwise(top: list[Expr], bottom: list[Expr], axes: tuple[Index, ...]) -> Matrix | None:
    """Return the elementwise product of the parts that have exactly these axes; None if there are none."""
    above = [_natural(a, axes) for a in top if set(free_indices(a)) == set(axes)]
    below = [_natural(b, axes) for b in bottom if set(free_indices(b)) == set(axes)]
    if not above and not below:
        return None
    if not below:
        return times(above)
    return Over(times(above) if above else Scalar(S.One), times(below))


def _power(e: Pow, axes: tuple[Index, ...]) -> Matrix:
    base, exponent = e.as_base_exp()
    if free_indices(exponent):
        raise _NoForm
    body = _natural(base, axes)
    if exponent == sp.Rational(1, 2):
        return Applied("sqrt", (body,))
    if exponent == 2:
        return Times((body, body))
    if exponent.is_Rational and exponent < 0:
        return _product(e, axes)
    return Power(body, exponent)


def _call(e: Call, axes: tuple[Index, ...]) -> Matrix:
    return Applied(e.name, tuple(_filled(a, axes) for a in e.arguments))


def _bracket(e: Iverson, axes: tuple[Index, ...]) -> Matrix:
    if is_eye(e, axes):
        return Eye()
    c = e.conditions[0]
    if len(e.conditions) > 1 or c.kind not in RELATIONS:
        raise _NoForm
    left, right = c.operands
    return Holds(RELATIONS[c.kind], _filled(left, axes), _filled(right, axes))


# ---------------------------------------------------------------- sums over an index


def _reduction(e: Reduce, axes: tuple[Index, ...]) -> Matrix:
    """Return a contraction: the binders one after another, in the first order that has a form."""
    if e.op == "logdet" and not axes:
        binders, body, _ = e.open()
        return Applied("logdet", (_natural(body, tuple(binders)),))
    e = with_brackets(e)
    if e.op != "sum" or e.conditions:
        raise _NoForm
    binders, body, _ = e.open()
    if isinstance(body, Add) and len(axes) == 2:
        return _sum_of_terms(Add(*[Reduce("sum", t, binders) for t in body.args]), axes)
    if not axes and len(binders) == 2:
        return _total(body, tuple(binders))
    for k in binders:
        rest = [b for b in binders if b is not k]
        try:
            return _contract(inner_sum(body, rest) if rest else body, k, axes)
        except _NoForm:
            continue
    terms = sum_of_terms(body, binders)
    if terms is None:
        raise _NoForm
    return _sum_of_terms(terms, axes)


def _total(body: Expr, pair: tuple[Index, ...]) -> Matrix:
    """sum over i, k of A[i,k]*B[i,k] = ⟨A, B⟩; of anything else that has both: 1ᵀ M 1."""
    top, bottom = ordered_factors(body, pair)
    if not bottom and len(top) == 2 and all(set(free_indices(a)) == set(pair) for a in top):
        return Inner(*(_natural(a, pair) for a in top))
    return dot(Turned(Ones()), _filled(body, pair), Ones())


def _contract(body: Expr, k: Index, axes: tuple[Index, ...]) -> Matrix:
    """sum over k of (what has r) (what has k alone) (what has c): A diag(w) B, A w, or ⟨v, w⟩."""
    top, bottom = ordered_factors(body, axes)
    inside = [*[a for a in top if k in free(a)], *[1 / b for b in bottom if k in free(b)]]
    outside = [a for a in top if k not in free(a)], [b for b in bottom if k not in free(b)]
    if not inside:
        raise _NoForm
    core = _contract_core(inside, k, axes)
    if not outside[0] and not outside[1]:
        return core
    if set(_axes(Mul(*outside[0], *outside[1]), axes)):
        raise _NoForm
    return _scaled(core, *outside)


def _contract_core(inside: Sequence[Expr], k: Index, axes: tuple[Index, ...]) -> Matrix:
    groups: dict[tuple[Index, ...], list[Expr]] = {}
    for a in inside:
        groups.setdefault(_axes(a, axes), []).append(a)
    if len(axes) == 2 and axes in groups:
        raise _NoForm
    weights = groups.pop((), [])
    sides = [_natural(Mul(*groups[a,]), (a, k)) if (a,) in groups else None for a in axes]
    if len(sides) == 2 and None not in sides:
        middle = [Diagonal(times([_natural(w, (k,)) for w in weights]))] if weights else []
        return dot(sides[0], *middle, turned(sides[1]))  # type: ignore[arg-type]
    if len(axes) == 2:
        raise _NoForm
    columns = [_natural(w, (k,)) for w in weights]
    if len(axes) == 1:
        return dot(sides[0], times(columns))  # type: ignore[arg-type]
    if len(columns) == 1 and isinstance(columns[0], Times):
        columns = list(columns[0].parts)
    return dot(Turned(Ones()), columns[0]) if len(columns) == 1 else Inner(times(columns[:-1]), columns[-1])


_CASES = (
    (Element, _element),
    (Grad, _gradient),
    (Product, _product),
    (Mul, _product),
    (Add, _sum_of_terms),
    (Pow, _power),
    (Call, _call),
    (Iverson, _bracket),
    (Reduce, _reduction),
)
