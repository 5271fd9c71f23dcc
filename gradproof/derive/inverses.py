"""The inverse that a log-determinant needs gets a name: `solve inv_A: sum[j] A[i,j]*inv_A[j,k] = [i == k]`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from sympy import Basic, Expr

from gradproof.derive.implicit import LinearSystem, identity, named_inverse
from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.naming import pick_letter
from gradproof.derive.nodes import Element, Reduce, free_indices, names_in, order_key, substitute


def with_inverses(system: System, path: Collection[str]) -> tuple[System, tuple[Equation, ...]]:
    """Return the system with the inverse of each matrix whose log-determinant it takes, and the equations added.

    Args:
        system: the forward equations, which keep their numbers; the new ones are numbered behind them.
        path: only matrices that read one of these tensors are inverted.
    """
    equations: list[Equation] = []
    added: list[Equation] = []
    for equation in system.equations:
        for e in _log_determinants(equation) if equation.kind is not Kind.UPDATE else ():
            if names_in(e).isdisjoint(path) or _is_named(e, (*system.definitions, *added)):
                continue
            new = _inverse(e, equation, system, added)
            added.append(replace(new, number=max(q.number for q in (*system.equations, *added)) + 1))
            equations.append(added[-1])
        equations.append(equation)
    if not added:
        return system, ()
    tensors = [Tensor(e.name, tuple(i.size for i in e.indices), Role.OUTPUT) for e in added]
    return replace(system, tensors=(*system.tensors, *tensors), equations=tuple(equations)), tuple(added)


def _log_determinants(equation: Equation) -> list[Reduce]:
    """The log-determinants in an equation's value; one under a further reduction has its indices open here."""
    found: dict[Reduce, None] = {}

    def walk(e: Expr) -> None:
        if isinstance(e, Reduce) and e.op == "logdet":
            found.setdefault(e)
        elif isinstance(e, Reduce):
            walk(e.open()[1])
        else:
            for a in e.args:
                walk(a)

    if _holds_one(equation.value):
        walk(equation.value)
    return sorted(found, key=order_key)


@lru_cache(None)
def _holds_one(e: Basic) -> bool:
    return (isinstance(e, Reduce) and e.op == "logdet") or any(_holds_one(a) for a in e.args)


def _is_named(e: Reduce, known: Sequence[Equation]) -> bool:
    (row, column), matrix, _ = e.open()
    at = fresh(row.size)
    return (
        named_inverse(known, LinearSystem((row,), (column,), matrix, identity((row,), (at,)), (column,)), (at,))
        is not None
    )


def _inverse(e: Reduce, equation: Equation, system: System, added: Sequence[Equation]) -> Equation:
    """Return the equation of the inverse: over the indices on which the matrix depends, then column and row."""
    (row, column), matrix, _ = e.open()
    renaming: dict[Index, Index] = {}
    used = [i.name for i in equation.indices]
    used.append(pick_letter(system, row.size, used))  # for the rows of the linear system
    for i in (*sorted(free_indices(e), key=lambda i: i.name), column, row):
        own = i.name if i in equation.indices else pick_letter(system, i.size, used)
        renaming[i] = Index(own, i.size)
        used.append(own)
    batch = tuple(renaming[i] for i in renaming if i not in (row, column))
    at_column, at_row = renaming[column], renaming[row]
    inner = {row: fresh(row.size), column: fresh(column.size)}
    body = substitute(matrix, {**{i: renaming[i] for i in renaming if i not in inner}, **inner})
    right = identity((inner[row],), (at_row,))
    value = LinearSystem((inner[row],), (inner[column],), body, right, (at_column,)).value
    name = _name(matrix, equation, {*system.by_name, *(a.name for a in added)})
    return Equation(0, Element(name, *batch, at_column, at_row), value)


def _name(matrix: Expr, equation: Equation, taken: Collection[str]) -> str:
    stem = matrix.name if isinstance(matrix, Element) else equation.name
    return next(n for k in (0, *range(2, 1000)) if (n := f"inv{k or ''}_{stem}") not in taken)
