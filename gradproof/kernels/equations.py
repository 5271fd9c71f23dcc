"""Equations as the reader knows them, for headers and comments."""

from __future__ import annotations

from collections.abc import Iterable

from gradproof.derive.model import Equation, System


def equation_text(equation: Equation, system: System) -> str:
    """Return the equation in the notation, on one line."""
    from gradproof.derive.notation import format_equation

    return " ".join(format_equation(equation, system).split())


def numbered_equations(equations: Iterable[Equation], system: System) -> list[str]:
    """Return the equations with their numbers: `(1) p[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])`."""
    return [f"({e.number}) {equation_text(e, system)}" for e in equations]
