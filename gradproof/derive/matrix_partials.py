"""Local derivatives of what a whole matrix gives: log|det M|, and the solution of a linear system.

Source: Giles (2008), Collected matrix derivative results for forward and reverse mode algorithmic differentiation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Expr, S

from gradproof.derive.implicit import LinearSystem, inverse_at, opened
from gradproof.derive.index import fresh
from gradproof.derive.nodes import Reduce, substitute

if TYPE_CHECKING:
    from gradproof.derive.partials import Partial


def log_determinant(e: Reduce, kinks: str) -> Iterator[Partial]:
    """d log|det M| = sum_ij inverse(M)[j,i] dM[i,j]."""
    from gradproof.derive.partials import partials

    (row, column), matrix, _ = e.open()
    local = inverse_at((row,), (column,), matrix)
    for p in partials(matrix, kinks):
        yield _after(p, (local,), (row, column), "derivative of a log-determinant")


def solution(e: Reduce, kinks: str) -> Iterator[Partial]:
    """M x = b: dx[j] = sum_i inverse(M)[j,i] (db[i] - sum_l dM[i,l] x[l])."""
    own = opened(e)
    at = tuple(fresh(j.size) for j in own.columns)
    local = substitute(
        inverse_at(own.rows, at, substitute(own.matrix, dict(zip(own.columns, at, strict=True)))),
        dict(zip(at, own.slots, strict=True)),
    )
    for p in of_residual(own, _entry(own, own.columns), kinks):
        yield _after(p, (local,), own.rows, "implicit differentiation")


def of_residual(system: LinearSystem, entry: Expr, kinks: str) -> Iterator[Partial]:
    """db[i] - sum_l dM[i,l] x[l], for an `entry` x[l] at the system's columns."""
    from gradproof.derive.partials import partials

    yield from partials(system.right, kinks)
    for p in partials(system.matrix, kinks):
        yield _after(p, (S.NegativeOne, entry), system.columns, "product rule")


def _entry(system: LinearSystem, at: tuple[Expr, ...]) -> Expr:
    again = {i: fresh(i.size) for i in (*system.rows, *system.columns)}
    inner = LinearSystem(
        tuple(again[i] for i in system.rows),
        tuple(again[j] for j in system.columns),
        substitute(system.matrix, again),
        substitute(system.right, again),
        at,
    )
    return inner.value


def _after(p: Partial, local: tuple[Expr, ...], binders: tuple[Expr, ...], rule: str) -> Partial:
    return replace(p, factors=(*local, *p.factors), binders=(*binders, *p.binders), rules=(rule, *p.rules))
