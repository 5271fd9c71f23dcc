"""An unknown that its equation reads under sums, and linearly: the coefficients read off as a matrix."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.canonical.rational import parts
from gradproof.derive.conditions import equals_zero
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson, Reduce, free, names_in, substitute
from gradproof.derive.normal.factors import factors, plain


@dataclass(frozen=True, slots=True)
class Coefficients:
    """`left` holds the unknown and equals `right`; `matrix` is the coefficient of u[columns] in it."""

    left: Expr
    right: Expr
    matrix: Expr
    columns: tuple[Index, ...]


def coefficients(gradient: Expr, unknown: Element, columns: tuple[Index, ...]) -> Coefficients | None:
    """Return the linear system that says that the gradient (in canonical form) is 0, or None if it is not linear."""
    num, den = parts(gradient)
    if unknown.name in names_in(den):
        return None
    left, right, matrix = S.Zero, S.Zero, S.Zero
    content = num.as_content_primitive()[0] if num.is_Add else S.One
    for scaled in Add.make_args(num):
        term = scaled / content
        if unknown.name not in names_in(term):
            right -= term
            continue
        found = _coefficient(term, unknown, columns)
        if found is None:
            return None
        left, matrix = left + term, matrix + found
    return Coefficients(left, right, matrix, columns)


def _coefficient(term: Expr, unknown: Element, columns: tuple[Index, ...]) -> Expr | None:
    """Return the coefficient of u[columns] in a term with one factor of the unknown; None for any other term."""
    number, pairs = factors(term)
    holding = [(b, x) for b, x in pairs if unknown.name in names_in(b)]
    if len(holding) != 1 or holding[0][1] != 1:
        return None
    base = holding[0][0]
    rest = Mul(number, *[Pow(b, x) for b, x in pairs if b is not base])
    if isinstance(base, Element):
        deltas = [equals_zero(i - k) for i, k in zip(base.indices, columns, strict=True)]
        return rest * Iverson(*deltas)
    if not isinstance(base, Reduce) or base.op != "sum":
        return None
    opened, body, conditions = base.open()
    inner_number, inner = factors(body)
    own = [(b, x) for b, x in inner if unknown.name in names_in(b)]
    if len(own) != 1 or own[0][1] != 1 or not isinstance(own[0][0], Element):
        return None
    slots = own[0][0].indices
    if len(set(slots)) < len(slots) or not all(i in opened for i in slots):
        return None
    mapping = dict(zip(slots, columns, strict=True))
    kept = [i for i in opened if i not in mapping]
    value = Mul(inner_number, *[Pow(b, x) for b, x in inner if b is not own[0][0]])
    value, conditions = substitute(value, mapping), [substitute(c, mapping) for c in conditions]
    return rest * (Reduce("sum", value, kept, None, conditions) if kept else value * Iverson(*conditions))


def identity_part(matrix: Expr, indices: tuple[Expr, ...]) -> tuple[Expr, Expr]:
    """Return c and the rest of `c*[j == k] + rest`, c without an index; 0 and all where there are not two indices."""
    if len(indices) != 2:
        return S.Zero, matrix
    delta = Iverson(equals_zero(indices[0] - indices[1]))
    scale, rest = S.Zero, S.Zero
    for term in Add.make_args(plain(matrix)):
        number, pairs = factors(term)
        others = Mul(number, *[Pow(b, x) for b, x in pairs if b != delta])
        if any(b == delta for b, _ in pairs) and free(others).isdisjoint(indices):
            scale += others
        else:
            rest += term
    return scale, rest
