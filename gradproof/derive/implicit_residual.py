"""From a residual to the linear system that it states: `solve Y: left = right`, linear in Y."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Add, Basic, Expr, Mul, S, Symbol

from gradproof.derive.conditions import Condition, equals_zero
from gradproof.derive.edges import Edge
from gradproof.derive.implicit import LinearSystem
from gradproof.derive.index import Index, fresh
from gradproof.derive.nodes import (
    Call,
    Element,
    Iverson,
    Product,
    Reduce,
    elements,
    free,
    names_in,
    rebuild,
    substitute,
)
from gradproof.derive.partials import Partial, partials
from gradproof.derive.reads import reads


class ResidualError(ValueError):
    """A residual that defines no tensor by a linear system: what was expected, and what came."""

    def __init__(self, message: str, *, expected: str, hint: str = "") -> None:
        super().__init__(message)
        self.expected, self.hint = expected, hint


@dataclass(frozen=True, slots=True)
class _Axes:
    """The axes of the unknown: `batch` stand in every read alike, `columns` (with the target's index) do not."""

    columns: dict[int, Index]
    rows: tuple[Index, ...]


def solved(target: Element, residual: Expr, indices: Sequence[Index]) -> Expr:
    """Return the value of the target: the solution of residual = 0.

    Args:
        target: the unknown, over distinct indices.
        residual: left side less right side.
        indices: the free indices of the residual, in order.

    Raises:
        ResidualError: the residual is not linear in the unknown, or has not as many rows as there are unknowns.
    """
    _check_linear(target.name, residual)
    _check_inside(target, residual)
    axes = _axes(target, residual, indices)
    renaming = {i: fresh(i.size) for i in axes.rows}
    inside = substitute(residual, renaming)
    matrix = Add(*[_entry(p, axes) for p in partials(inside) if p.element.name == target.name])
    right = -_without(inside, target.name)
    if not axes.columns:
        return right / matrix
    slots = tuple(target.indices[a] for a in axes.columns)
    return LinearSystem(tuple(renaming.values()), tuple(axes.columns.values()), matrix, right, slots).value


# ---------------------------------------------------------------- linear in the unknown?


def _check_linear(name: str, residual: Expr) -> None:
    if name not in names_in(residual):
        raise ResidualError(f"{name} does not stand in it", expected=f"an equation in {name}")
    hidden = [e for e in residual.atoms(Condition, Call) if name in names_in(e)]
    hidden += [e for e in elements(residual) if any(name in names_in(i) for i in e.indices)]
    if hidden or any(name in names_in(f) for p in _reads(residual, name) for f in (*p.factors, *p.conditions)):
        raise ResidualError(
            f"it is not linear in {name}",
            expected=f"{name} in no product with itself, in no bracket or index, and in no function",
            hint="only linear systems can be solved; another fixed point is a recurrence, or an input",
        )


def _check_inside(target: Element, residual: Expr) -> None:
    """An equation of the system for a row past the edge would have no unknown there."""
    edge = Edge(tuple(i.size for i in target.indices))
    for read in reads(residual):
        slots = [i for i in read.element.indices if not isinstance(i, Index) and not free(i) & read.guarded]
        if read.element.name == target.name and slots and edge.guards(read.element):
            raise ResidualError(
                f"{read.element} may lie past its edge",
                expected=f"what a read past the edge gives: outside {target.name} = 0; or a bracket that guards it",
            )


def _reads(residual: Expr, name: str) -> Iterable[Partial]:
    return (p for p in partials(residual) if p.element.name == name)


def _axes(target: Element, residual: Expr, indices: Sequence[Index]) -> _Axes:
    found = [p.element for p in _reads(residual, target.name)]
    batch = {a for a, i in enumerate(target.indices) if i in indices and all(e.indices[a] == i for e in found)}
    columns = {a: fresh(i.size) for a, i in enumerate(target.indices) if a not in batch}
    rows = tuple(i for i in indices if i not in {target.indices[a] for a in batch})
    if Mul(*[i.size for i in rows]) != Mul(*[i.size for i in columns.values()]):
        raise ResidualError(
            f"it is not square: {_counted('equation', rows)} for {_counted('unknown', list(columns.values()))}",
            expected="as many equations as unknowns, each axis with its size",
        )
    return _Axes(columns, rows)


def _counted(what: str, axes: Sequence[Index]) -> str:
    count = " x ".join(str(i.size) for i in axes) or "1"
    return f"{count} {what}{'' if count == '1' else 's'}"


# ---------------------------------------------------------------- matrix and right side


def _entry(p: Partial, axes: _Axes) -> Expr:
    """The part of the matrix that one read of the unknown gives: a bound index that stands alone is the column."""
    renaming: dict[Symbol, Index] = {}
    conditions = list(p.conditions)
    for a, column in axes.columns.items():
        slot = p.element.indices[a]
        if slot in p.binders and slot not in renaming:
            renaming[slot] = column
        else:
            conditions.append(equals_zero(slot - column))
    factors = [substitute(f, renaming) for f in p.factors]
    kept = [substitute(c, renaming) for c in conditions]
    binders = [b for b in p.binders if b not in renaming]
    return Reduce("sum", Mul(*factors), binders, None, kept) if binders else Mul(*factors, Iverson(*kept))


def _without(e: Basic, name: str) -> Basic:
    """Return the expression with 0 for the unknown, in which it is linear."""
    if name not in names_in(e):
        return e
    if isinstance(e, Element):
        return S.Zero
    if isinstance(e, Reduce):
        opened, body, conditions = e.open()
        left = _without(body, name)
        return S.Zero if left == 0 else Reduce(e.op, left, opened, e.sizes, conditions)
    parts = [_without(a, name) for a in e.args]
    if isinstance(e, Mul | Product):
        return Mul(*parts)
    return rebuild(e, parts)
