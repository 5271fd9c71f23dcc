"""The two sides of an equation that is given by its residual, as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Symbol

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition
from gradproof.derive.implicit import LinearSystem, is_solution, opened
from gradproof.derive.index import Index
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Element, Iverson, Product, Reduce, free, substitute


@dataclass(frozen=True, slots=True)
class Residual:
    """`left = right` for all `rows`, and for the indices that the unknown has in every read."""

    left: Expr
    right: Expr
    rows: tuple[Index, ...]


def residual_sides(equation: Equation) -> Residual | None:
    """Return the sides of the residual; None for an equation that states its value."""
    if not is_solution(equation.value):
        return None
    own = opened(equation.value)
    if not set(own.slots) <= set(equation.target.indices):
        return None
    place: Mapping[Expr, Expr] = dict(zip(own.slots, own.columns, strict=True))
    unknown = substitute(equation.target, place)
    parts = [p for t in Add.make_args(own.matrix) for p in Add.make_args(_distributed(t))]
    terms = [_term(p, own, unknown) for p in parts]
    return Residual(Add(*terms), own.right, own.rows)


def sides_over_axes(equation: Equation) -> tuple[Expr, Expr, tuple[Index, ...]] | None:
    """Return left side, right side and their axes: those of the unknown, the row in the place of the column.

    None where there is more than one row, or more than two axes.
    """
    sides = residual_sides(equation)
    if sides is None or len(sides.rows) != 1 or len(equation.indices) > 2:
        return None
    batch = free(sides.left)
    return sides.left, sides.right, tuple(i if i in batch else sides.rows[0] for i in equation.indices)


def _distributed(matrix: Expr) -> Expr:
    """(A + lam*[i == j])*f is A*f + lam*[i == j]*f, where a bracket chooses the column."""
    if not isinstance(matrix, Mul | Product):
        return matrix
    inner = next((f for f in matrix.args if isinstance(f, Add) and f.atoms(Iverson)), None)
    if inner is None:
        return matrix
    rest = [f for f in matrix.args if f is not inner]
    return Add(*[Mul(*rest, t) for t in inner.args])


def _term(term: Expr, own: LinearSystem, unknown: Element) -> Expr:
    """Sum a term of the matrix over the columns; a bracket [i == j] among its factors chooses the column."""
    factors = list(term.args) if isinstance(term, Mul | Product) else [term]
    conditions = [c for f in factors if isinstance(f, Iverson) for c in f.conditions]
    others = [f for f in factors if not isinstance(f, Iverson)]
    chosen: dict[Symbol, Expr] = {}
    kept = []
    for c in conditions:
        found = _column(c, own.columns, chosen, conditions)
        if found is None:
            kept.append(c)
        else:
            chosen.update(found)
    kept = [substitute(c, chosen) for c in kept]
    left = [j for j in own.columns if j not in chosen]
    if not left:
        return Mul(substitute(Mul(*others, unknown), chosen), Iverson(*kept))
    outer = [f for f in others if free(f).isdisjoint(left)]
    inner = [f for f in others if f not in outer]
    return Mul(*outer, Reduce("sum", substitute(Mul(*inner, unknown), chosen), left, None, kept))


def _column(
    c: Condition, columns: tuple[Index, ...], chosen: Mapping[Symbol, Expr], conditions: Sequence[Condition]
) -> dict[Symbol, Expr] | None:
    """Return j: i for a condition i == j on a column of the same range, j: i-1 where another condition guards that.

    Other conditions stay.
    """
    if c.kind != "eq":
        return None
    e = c.operands[0]
    for j in columns:
        if j not in chosen and e.coeff(j) in (1, -1):
            other = integer_form(j - e / e.coeff(j))
            guarded = any(d is not c and free(d) & free(other) for d in conditions)
            if free(other).isdisjoint(columns) and ((isinstance(other, Index) and other.size == j.size) or guarded):
                return {j: other}
    return None
