"""Expressions, equations and systems -> notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Basic, Expr, Symbol

from gradproof.derive.conditions import Condition
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.notation.boxes import Box
from gradproof.derive.notation.layout import Layout
from gradproof.derive.notation.letters import Names, name_free, put_letters
from gradproof.derive.notation.writer import write

_HEAD = {Kind.DEFINE: "", Kind.START: "start ", Kind.UPDATE: ""}


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


def format_equation(equation: Equation, system: System | None = None) -> str:
    """Return an equation in the notation; with its system, indices bear the letters of the system's text."""
    target, value = equation_boxes(equation, system)
    sign = ":=" if equation.kind is Kind.UPDATE else "="
    return f"{_HEAD[equation.kind]}{write(target)} {sign} {write(value)}"


def expression_box(
    e: Basic, names: Names | System | None = None, *, letters: Mapping[Symbol, str] | None = None, first: Iterable[Symbol] = ()
) -> Box:
    """Return the display tree of an expression, with all letters chosen; the LaTeX writer starts here too."""
    known = _names(names).plus(e)
    box = Layout(known).box(e)
    scope = {**name_free(known, box, first), **(letters or {})}
    return put_letters(known, box, scope)  # type: ignore[no-any-return]


def equation_boxes(equation: Equation, system: System | None = None) -> tuple[Box, Box]:
    """Return the display trees of both sides; they share the letters of their free indices."""
    known = _names(system).plus(equation.target, equation.value)
    layout = Layout(known)
    target, value = layout.box(equation.target), layout.box(equation.value)
    scope = name_free(known, (target, value), equation.indices)
    return put_letters(known, target, scope), put_letters(known, value, scope)


def _names(names: Names | System | None) -> Names:
    if isinstance(names, System):
        return Names.of(names)
    return names or Names()


def format_system(system: System) -> str:
    """Return the system in the notation; it parses back to an equal system."""
    return "\n".join(format_equation(e, system) for e in system.equations)


__all__ = ["Expr", "equation_boxes", "expression_box", "format_condition", "format_equation", "format_expr", "format_system"]
