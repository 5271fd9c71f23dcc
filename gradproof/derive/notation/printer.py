"""Expressions and equations -> notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Basic, Symbol

from gradproof.derive.conditions import Condition
from gradproof.derive.implicit import is_solution
from gradproof.derive.implicit_sides import Residual, residual_sides
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Reduce, free, substitute
from gradproof.derive.notation.boxes import Box, Chain, Elem
from gradproof.derive.notation.layout import Layout
from gradproof.derive.notation.letters import Names, choose, name_free, put_letters
from gradproof.derive.notation.unknown_letters import with_letters
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
    return _opening(equation) + write(target), write(value)


def _opening(equation: Equation) -> str:
    """The words before the left side."""
    if is_solution(equation.value):
        return f"solve {equation.name}: "
    return "start " if equation.kind is Kind.START else ""


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
    """Return the display trees of both sides; they share the letters of their free indices.

    Of an equation that is given by its residual, they are the sides of the residual. A system keeps those of its
    equations: a page measures them before it sets them, and the next format shows the same.
    """
    if not isinstance(system, System):
        return _boxes(equation, _names(system))
    if equation not in system.display:
        system.display[equation] = _boxes(equation, Names.of(system))
    return system.display[equation]


def _boxes(equation: Equation, names: Names) -> tuple[Box, Box]:
    known = names.plus(equation.target, equation.value)
    sides = residual_sides(equation)
    if sides is not None:
        return _residual_boxes(equation, known, sides)
    layout = Layout(known, equation.indices)
    target, value = layout.box(equation.target), layout.box(equation.value)
    scope = name_free(known, (target, value), equation.indices)
    return put_letters(known, target, scope), put_letters(known, value, scope)


def shown_boxes(equation: Equation, system: Names | System | None = None) -> tuple[Box, str, Box]:
    """Return left side, sign and right side as a page shows them.

    Of an equation that is given by its residual, the unknown stands at the left, and the residual at the right.
    """
    left, right = equation_boxes(equation, system)
    if is_solution(equation.value):
        return Elem(equation.name, ()), ":", Chain((left, right), ("=",))
    return left, ":=" if equation.kind is Kind.UPDATE else "=", right


def _residual_boxes(equation: Equation, known: Names, sides: Residual) -> tuple[Box, Box]:
    own = [i.name for i in equation.indices]
    batch = tuple(i for i in equation.indices if i in free(sides.left))
    spare = [i.name for i in equation.indices if i not in batch]
    used = [*own]
    rows: dict[Basic, Basic] = {}
    for row in sides.rows:
        named = not sides.left.atoms(Reduce) and spare
        used.append(spare.pop(0) if named else choose(known, row.size, used))
        rows[row] = Index(used[-1], row.size)
    left, right = substitute(sides.left, rows), substitute(sides.right, rows)
    first = (*rows.values(), *batch)
    layout = Layout(known, first)
    scope = name_free(known, (), first)
    boxes = [put_letters(known, layout.box(e), scope) for e in (left, right)]
    return with_letters(boxes[0], equation.name, own, scope.values()), boxes[1]


def _names(names: Names | System | None) -> Names:
    if isinstance(names, System):
        return Names.of(names)
    return names or Names()
