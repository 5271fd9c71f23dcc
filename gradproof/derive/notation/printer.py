"""Expressions and equations -> notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Basic, Symbol

from gradproof.derive.conditions import Condition
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.notation.boxes import Box
from gradproof.derive.notation.layout import Layout
from gradproof.derive.notation.letters import Names, name_free, put_letters
from gradproof.derive.notation.writer import write


def format_expr(e: Basic, names: Names | System | Mapping[Symbol, str] | None = None) -> str:
    """Return an expression in the notation.

    Args:
        e: expression, condition or size.
        names: the system that it belongs to, what is known of names, or letters for its free indices.
    """
    if isinstance(names, Mapping):
        return write(expression_box(e, letters=names))
    return write(expression_box(e, names))


def format_condition(c: Condition, names: Names | System | None = None) -> str:
    """Return a condition in the notation."""
    return format_expr(c, names)


def format_equation(equation: Equation, system: Names | System | None = None) -> str:
    """Return an equation in the notation; with its system, indices bear the letters of the system's text."""
    left, right = equation_sides(equation, system)
    return f"{left} {':=' if equation.kind is Kind.UPDATE else '='} {right}"


def equation_sides(equation: Equation, system: Names | System | None = None) -> tuple[str, str]:
    """Return the texts of both sides."""
    target, value = equation_boxes(equation, system)
    return ("start " if equation.kind is Kind.START else "") + write(target), write(value)


def expression_box(
    e: Basic,
    names: Names | System | None = None,
    *,
    letters: Mapping[Symbol, str] | None = None,
    first: Iterable[Symbol] = (),
) -> Box:
    """Return the display tree of an expression, with all letters chosen; the LaTeX writer starts here too."""
    known = _names(names).plus(e)
    first = tuple(first)
    box = Layout(known, first).box(e)
    scope = {**name_free(known, box, first), **(letters or {})}
    return put_letters(known, box, scope)


def equation_boxes(equation: Equation, system: Names | System | None = None) -> tuple[Box, Box]:
    """Return the display trees of both sides; they share the letters of their free indices."""
    known = _names(system).plus(equation.target, equation.value)
    layout = Layout(known, equation.indices)
    target, value = layout.box(equation.target), layout.box(equation.value)
    scope = name_free(known, (target, value), equation.indices)
    return put_letters(known, target, scope), put_letters(known, value, scope)


def _names(names: Names | System | None) -> Names:
    if isinstance(names, System):
        return Names.of(names)
    return names or Names()
