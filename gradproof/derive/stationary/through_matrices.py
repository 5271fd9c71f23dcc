"""Unknowns behind a matrix: an invertible one in front of the gradient, or a matrix that is met as its inverse."""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive.conditions import equals_zero
from gradproof.derive.index import Index
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Element, Iverson, Reduce, substitute
from gradproof.derive.normal import normalise
from gradproof.derive.stationary.invertible import inverse_there, inverses_of, invertible, let_pass
from gradproof.derive.stationary.matrices import inverse_text
from gradproof.derive.stationary.solution import Line, Linear, Unknown
from gradproof.derive.stationary.state import FIRST, SECOND, State, columns_of, gradient_line, target_of


def passed_on(gradient: Equation, state: State) -> tuple[Equation, tuple[Line, ...]]:
    """Return the gradient without an invertible matrix in front of it, and the line that says so."""
    indices = gradient.target.indices
    value = normalise(gradient.value, state.soft)
    found = let_pass(value, indices[0], invertible(state.system)) if len(indices) == 1 else None
    if found is None:
        return gradient, ()
    line = state.line(FIRST, state.tidy(found.value), "0", f"{found.matrix} is invertible")
    return replace(gradient, value=found.value), (line,)


def with_reason(unknown: Unknown, lines: tuple[Line, ...]) -> Unknown:
    """Put the line in; the derivative of what is left is no second derivative of the output, and is not shown."""
    if not lines:
        return unknown
    about = (FIRST, SECOND) if unknown.values else ()
    first, *rest = (x for x in unknown.lines if x.rule not in about)
    return replace(unknown, second=(), nature=(), lines=(first, *lines, *rest))


def by_inverse(equation: Equation, shown: Equation, state: State) -> Unknown | None:
    """Return an unknown matrix that is met as its inverse alone: the linear system that says so."""
    target = target_of(equation, state)
    inverses = inverses_of(state.system, target.name)
    found = inverse_there(normalise(equation.value, state.soft), target.name, inverses) if inverses else None
    if found is None or len(target.indices) != 2:
        return None
    element, value = found
    (middle,) = columns_of(Element(target.name, target.indices[0]), state.system, also=target.indices)
    row, column = target.indices
    places = {i: k for i, k in zip(element.indices, (row, middle), strict=True) if isinstance(i, Index)}
    entry = state.tidy(substitute(value, places))
    left = state.tidy(Reduce("sum", entry * Element(target.name, middle, column), [middle]))
    matrix = Equation(0, Element("A", row, middle), entry)
    right = Equation(0, target, Iverson(equals_zero(row - column)))
    lines: tuple[Line, ...] = (
        gradient_line(shown, state),
        state.line(FIRST, Element(element.name, row, middle), entry),
        state.line(f"{target.name} is its inverse", left, right.value, "a linear system"),
    )
    texts = [inverse_text(matrix, target.name, state.system, ascii=plain) for plain in (False, True)]
    lines += (Line("in matrix notation", texts[0], plain=texts[1]),) if texts[0] else ()
    return Unknown(target, (), Linear(left, matrix, right), (), (), lines)
