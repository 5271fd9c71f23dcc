"""Equations as the reader knows them, for headers and comments."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from gradproof.derive.model import Equation, System


def equation_text(equation: Equation, system: System) -> str:
    """Return the equation in the notation, on one line."""
    from gradproof.derive.notation import format_equation

    return " ".join(format_equation(equation, system).split())


def numbered_equations(equations: Iterable[Equation], system: System) -> list[str]:
    """Return the equations with their numbers: `(1) p[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])`."""
    return [f"({e.number}) {equation_text(e, system)}" for e in equations]


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers of equations as text, runs of three or more shortened: (1), (3) to (6)."""
    ordered = enumerate(sorted(numbers))
    runs = [[n for _, n in run] for _, run in groupby(ordered, key=lambda pair: pair[1] - pair[0])]
    parts = [[f"({n})" for n in run] if len(run) < 3 else [f"({run[0]}) to ({run[-1]})"] for run in runs]
    return ", ".join(p for part in parts for p in part)
