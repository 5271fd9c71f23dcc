"""Expressions, equations and systems -> LaTeX, as a book prints them; what is printed reads back to the same."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Basic, Symbol

from gradproof.derive.implicit import is_solution
from gradproof.derive.latex.first import counts_from_zero
from gradproof.derive.latex.writer import Writer
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.notation.boxes import Elem
from gradproof.derive.notation.letters import Names
from gradproof.derive.notation.printer import equation_boxes, expression_box


def latex_expr(e: Basic, names: Names | System | Mapping[Symbol, str] | None = None) -> str:
    """Return an expression in LaTeX.

    Args:
        e: expression, condition or size.
        names: the system that it belongs to, what is known of names, or letters for its free indices.
    """
    if isinstance(names, Mapping):
        return Writer(None).write(expression_box(e, letters=names))
    return Writer(names if isinstance(names, System) else None).write(expression_box(e, names))


def latex_equation(equation: Equation, system: System | None = None) -> str:
    """Return an equation in LaTeX; with its system, indices bear the letters of the system's text."""
    _, value = equation_boxes(equation, system)
    return _equation(equation, Writer(system, zero=counts_from_zero(value)), system)


def _equation(equation: Equation, writer: Writer, system: System | None) -> str:
    target, value = equation_boxes(equation, system)
    sign = ":=" if equation.kind is Kind.UPDATE else "="
    start = rf"\text{{solve }} {writer.write(Elem(equation.name, ()))} : " if is_solution(equation.value) else ""
    return f"{start}{writer.write(target)} {sign} {writer.write(value)}"


def latex_system(system: System) -> str:
    """Return a page that reads back to the system: a block of declarations, then a display for each equation."""
    from gradproof.derive.notation import format_system

    declared = [
        line
        for line in format_system(system).splitlines()
        if line.startswith(("given ", "param ", "shape ", "assume ", "outside "))
    ]
    block = "\n".join(["```gradproof", *declared, "```"]) if declared else ""
    writer = Writer(system, zero=counts_from_zero(*(equation_boxes(e, system)[1] for e in system.equations)))
    displays = [f"$$\n{_equation(e, writer, system)}\n$$" for e in system.equations]
    return "\n\n".join([x for x in (block, *displays) if x])
