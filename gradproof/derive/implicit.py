"""A tensor that is given by its residual: `solve Y: sum[j] A[i,j]*Y[j,k] = B[i,k]`.

The value of its equation is a reduction "solve" over the rows of the linear system, then over its columns; the body
holds the matrix, the right side, and the column of which the entry is taken. So it is an expression like any other:
for Y above, rows i, columns j, matrix A[i,j], right side B[i,k], and of the solution the entry j of Y[j,k].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Symbol

from gradproof.derive.conditions import equals_zero
from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Element, Iverson, Linear, Reduce, free, substitute


@dataclass(frozen=True, slots=True)
class LinearSystem:
    """sum over `columns` of `matrix` * x = `right`, for all `rows`; of x the entry at `slots`."""

    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    matrix: Expr
    right: Expr
    slots: tuple[Expr, ...]

    @property
    def value(self) -> Reduce:
        """The entry of the solution."""
        return Reduce("solve", Linear(self.matrix, self.right, *self.slots), [*self.rows, *self.columns])


def is_solution(e: Basic) -> bool:
    """Is it the entry of a linear system's solution?"""
    return isinstance(e, Reduce) and e.op == "solve"


def opened(e: Reduce, indices: Sequence[Index] | None = None) -> LinearSystem:
    """Return the linear system over fresh (or the given) rows and columns."""
    symbols, body, _ = e.open(indices)
    split = len(symbols) - len(body.slots)
    return LinearSystem(tuple(symbols[:split]), tuple(symbols[split:]), body.matrix, body.right, body.slots)


def identity(rows: Sequence[Expr], others: Sequence[Expr]) -> Expr:
    """Return [i == k]: the right side under which the solution is the inverse."""
    return Iverson(*[equals_zero(i - k) for i, k in zip(rows, others, strict=True)])


def inverse_at(rows: Sequence[Index], columns: Sequence[Index], matrix: Expr) -> Reduce:
    """Return the entry (columns, rows) of the inverse of a matrix."""
    again = {i: fresh(i.size) for i in (*rows, *columns)}
    inner = tuple(again[i] for i in rows)
    body = substitute(matrix, again)
    return LinearSystem(inner, tuple(again[j] for j in columns), body, identity(inner, rows), tuple(columns)).value


# ---------------------------------------------------------------- an inverse that has a name


def named_inverse(known: Iterable[Equation], system: LinearSystem, row: Sequence[Expr]) -> Element | None:
    """Return the element of a defined tensor that is the inverse of the system's matrix at (its slots, row)."""
    from gradproof.derive.normal.match import match

    for equation in known:
        pattern = _inverse_of(equation, system)
        if pattern is None:
            continue
        matrix, at_rows, slots = pattern
        batch = frozenset(i for i in equation.indices if i not in at_rows and i not in slots)
        inner = {*system.rows, *system.columns}
        for found in match(matrix, system.matrix, {}, batch):
            if len(found) == len(batch) and all(free(v).isdisjoint(inner) for v in found.values()):
                places: Mapping[Symbol, Basic] = dict(zip((*slots, *at_rows), (*system.slots, *row), strict=True))
                return substitute(equation.target, {**found, **places})
    return None


def is_inverse(equation: Equation) -> bool:
    """Does the equation define the inverse of a matrix?"""
    return is_solution(equation.value) and _inverse_of(equation, opened(equation.value)) is not None


def _inverse_of(equation: Equation, like: LinearSystem) -> tuple[Expr, list[Index], tuple[Expr, ...]] | None:
    """Return matrix, row and column indices of an equation that defines an inverse, over the other system's indices."""
    e = equation.value
    if not is_solution(e) or e.sizes != tuple(i.size for i in (*like.rows, *like.columns)):
        return None
    own = opened(e, [*like.rows, *like.columns])
    if len(own.rows) != len(like.rows):
        return None
    at_rows = [next((k for k in equation.indices if _is_unit(own, i, k)), None) for i in own.rows]
    found = [k for k in at_rows if k is not None]
    if len(found) < len(at_rows) or own.right != identity(own.rows, found) or not free(own.matrix).isdisjoint(found):
        return None
    return own.matrix, found, own.slots


def _is_unit(system: LinearSystem, row: Index, k: Index) -> bool:
    return isinstance(system.right, Iverson) and equals_zero(row - k) in system.right.conditions


def with_names(factors: Iterable[Expr], known: Sequence[Equation]) -> tuple[Expr, ...]:
    """Write the name of a defined inverse where it stands among the factors."""
    return tuple(_with_name(f, known) for f in factors)


def _with_name(e: Expr, known: Sequence[Equation]) -> Expr:
    if not is_solution(e):
        return e
    system = opened(e)
    units = system.right.conditions if isinstance(system.right, Iverson) else ()
    row = [next((s for c in units if (s := _other(c.operands[0], i)) is not None), None) for i in system.rows]
    if any(s is None for s in row) or system.right != identity(system.rows, [s for s in row if s is not None]):
        return e
    return named_inverse(known, system, [s for s in row if s is not None]) or e


def _other(e: Expr, row: Index) -> Index | None:
    """Return k where e is i - k or k - i."""
    other = [s for s in free(e) if s != row and isinstance(s, Index)]
    return other[0] if len(other) == 1 and e in (row - other[0], other[0] - row) else None
