"""Rows that step through an array by a size: where it is 1 they get contiguous views, in a helper of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp
from sympy import Basic, Expr, Integer

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Quotient, elements, free, substitute
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Row


def step_size(row: Row) -> Size | None:
    """Return the size by which the row steps through what it reads or writes; None where there is none or several."""
    found = {size for s in row.statements for e in _parts(s) for size in _sizes(e, row.index)}
    return found.pop() if len(found) == 1 else None


def with_unit_step(row: Row, size: Size) -> Row:
    """Return the row for the case that the size is 1."""
    one = {size: Integer(1)}
    return replace(row, statements=tuple(_substituted(s, one) for s in row.statements))


def _substituted(s: Statement, one: dict[Basic, Basic]) -> Statement:
    return replace(
        s,
        target=substitute(s.target, one),
        expr=substitute(s.expr, one),
        conditions=tuple(substitute(c, one) for c in s.conditions),
        guards=tuple(substitute(c, one) for c in s.guards),
    )


def _parts(s: Statement) -> Iterator[Basic]:
    yield from (s.target, s.expr, *s.conditions, *s.guards)


def _sizes(e: Basic, index: Index) -> Iterator[Size]:
    for slot in (slot for element in elements(e) for slot in element.indices):
        if index not in free(slot) or elements(slot):
            continue
        for quotient in slot.atoms(Quotient):
            if index in free(quotient) and isinstance(quotient.den, Size):
                yield quotient.den
        step: Expr = sp.expand(slot).coeff(index)
        if isinstance(step, Size):
            yield step
