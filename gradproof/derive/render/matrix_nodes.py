"""Expressions in matrix notation: whole arrays, their products, transposes and elementwise operations.

A vector is a column. Numbers and scalars in an elementwise operation, and in a sum, count for every entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr


@dataclass(frozen=True, slots=True)
class Whole:
    """The array named `name`; with `of` the derivative of the scalar `of` with respect to it; `at` a step its row."""

    name: str
    of: str = ""
    at: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number, a size, a scalar tensor, or an expression in these."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Ones:
    """A column of ones, as long as its place asks."""


@dataclass(frozen=True, slots=True)
class Eye:
    """The identity matrix."""


@dataclass(frozen=True, slots=True)
class Turned:
    """The transpose of a matrix; of a column, the row."""

    body: Matrix


@dataclass(frozen=True, slots=True)
class Dot:
    """The matrix product of the parts, from left to right."""

    parts: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """The elementwise product of the parts."""

    parts: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """`top / bottom`, elementwise."""

    top: Matrix
    bottom: Matrix


@dataclass(frozen=True, slots=True)
class Scaled:
    """`body` times the scalars `top`, divided by the scalars `bottom`."""

    body: Matrix
    top: tuple[Matrix, ...] = ()
    bottom: tuple[Matrix, ...] = ()


@dataclass(frozen=True, slots=True)
class Plus:
    """The sum of the terms, each with its sign (True: subtracted)."""

    terms: tuple[tuple[bool, Matrix], ...]


@dataclass(frozen=True, slots=True)
class Diagonal:
    """The diagonal matrix with the entries of a column."""

    body: Matrix


@dataclass(frozen=True, slots=True)
class Inner:
    """The sum of the entries of `left ⊙ right`: a scalar."""

    left: Matrix
    right: Matrix


@dataclass(frozen=True, slots=True)
class Power:
    """`body` to a power, elementwise."""

    body: Matrix
    exponent: Expr


@dataclass(frozen=True, slots=True)
class Applied:
    """An elementwise function of whole arrays."""

    name: str
    arguments: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """1 where `left op right` holds, else 0, elementwise."""

    op: str
    left: Matrix
    right: Matrix


@dataclass(frozen=True, slots=True)
class Summed:
    """The sum of `body` over the steps that `index` counts."""

    index: Expr
    body: Matrix


@dataclass(frozen=True, slots=True)
class Triangle:
    """A matrix with what is below its diagonal set to zero (`upper`), or what is above it."""

    upper: bool
    body: Matrix


MoreMatrix = Applied | Holds | Summed | Triangle
Matrix = (
    Whole | Scalar | Ones | Eye | Turned | Dot | Times | Over | Scaled | Plus | Diagonal | Inner | Power | MoreMatrix
)


def turned(m: Matrix) -> Matrix:
    """Return the transpose, pushed inwards: (A B)ᵀ = Bᵀ Aᵀ, and (Aᵀ ⊙ Bᵀ)ᵀ = A ⊙ B where that saves signs."""
    if isinstance(m, Turned):
        return m.body
    if isinstance(m, Scalar | Eye | Diagonal | Inner):
        return m
    if isinstance(m, Dot):
        return Dot(tuple(turned(p) for p in reversed(m.parts)))
    inside = _turned_inside(m)
    return inside if inside is not None and _turns(inside) <= _turns(m) else Turned(m)


def cornered(upper: bool, m: Matrix) -> Matrix:
    """Return the triangle of a matrix; triu(Aᵀ) is tril(A)ᵀ."""
    return Turned(Triangle(not upper, m.body)) if isinstance(m, Turned) else Triangle(upper, m)


def _turned_inside(m: Matrix) -> Matrix | None:
    """Return the transpose of an elementwise operation as that operation on transposes; None for anything else."""
    match m:
        case Times(parts):
            return Times(tuple(turned(p) for p in parts))
        case Over(top, bottom):
            return Over(turned(top), turned(bottom))
        case Scaled(body):
            return replace(m, body=turned(body))
        case Plus(terms):
            return Plus(tuple((negative, turned(t)) for negative, t in terms))
        case Power(body):
            return replace(m, body=turned(body))
        case Applied(_, arguments):
            return replace(m, arguments=tuple(turned(a) for a in arguments))
        case Holds(_, left, right):
            return replace(m, left=turned(left), right=turned(right))
    return None


def _gathered(m: Matrix) -> Matrix:
    """Aᵀ ⊙ (1 - Bᵀ) = (A ⊙ (1 - B))ᵀ, where that saves signs."""
    inside = _turned_inside(m)
    return Turned(inside) if inside is not None and _turns(inside) + 1 < _turns(m) else m


def _turns(m: Matrix) -> int:
    return sum(isinstance(p, Turned) for p in parts_of(m))


def dot(*parts: Matrix) -> Matrix:
    """Return the matrix product of the parts, products in it opened, transposes gathered."""
    flat = [_gathered(q) for p in parts for q in (p.parts if isinstance(p, Dot) else (p,))]
    return flat[0] if len(flat) == 1 else Dot(tuple(flat))


def times(parts: list[Matrix]) -> Matrix:
    """Return the elementwise product of the parts; ones where there are none; Aᵀ ⊙ Bᵀ is (A ⊙ B)ᵀ."""
    flat = [q for p in parts for q in (p.parts if isinstance(p, Times) else (p,))]
    if len(flat) < 2:
        return flat[0] if flat else Ones()
    rows = [p.body for p in flat if isinstance(p, Turned)]
    return Turned(Times(tuple(rows))) if len(rows) == len(flat) else Times(tuple(flat))


def parts_of(m: Matrix) -> list[Matrix]:
    """Return the expression and all that is in it."""
    out = [m]
    for name in m.__dataclass_fields__:
        value = getattr(m, name)
        for v in value if isinstance(value, tuple) else (value,):
            inner = v[1] if isinstance(v, tuple) else v
            if isinstance(inner, Matrix):
                out += parts_of(inner)
    return out
