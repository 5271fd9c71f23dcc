"""Definitions written into one another, so that what is left reads inputs and recurrences only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element, names_in, substitute
from gradproof.derive.order import reach


def closed_values(system: System, kept: Collection[str] = ()) -> dict[str, Equation]:
    """Return for each tensor that may be written in its equation, with all others of them written in.

    What has no single plain equation (a recurrence, a start row, an edge), and what is in `kept`, stays a name.
    """
    plain = {t.name: e for t in system.tensors if t.name not in kept and (e := _plain(system, t.name)) is not None}
    graph = {n: frozenset(names_in(e.value) & plain.keys()) for n, e in plain.items()}
    plain = {n: e for n, e in plain.items() if n not in reach(graph, n)}
    closed: dict[str, Equation] = {}
    for name in plain:
        _close(name, plain, closed)
    return closed


def _plain(system: System, name: str) -> Equation | None:
    """Return the tensor's equation, if it has one alone, over all of its axes, and no edge."""
    equations = system.equations_of(name)
    if len(equations) != 1 or equations[0].kind is not Kind.DEFINE or system[name].outside is not None:
        return None
    indices = equations[0].target.indices
    return equations[0] if len(set(indices)) == len(indices) and all(isinstance(i, Index) for i in indices) else None


def _close(name: str, plain: Mapping[str, Equation], closed: dict[str, Equation]) -> None:
    if name not in closed:
        equation = plain[name]
        for read in sorted(names_in(equation.value) & plain.keys()):
            _close(read, plain, closed)
        closed[name] = written_in(equation, closed)


def written_in(equation: Equation, closed: Mapping[str, Equation]) -> Equation:
    """Return the equation with the values of the closed definitions that it reads put in."""
    read = sorted(names_in(equation.value) & closed.keys())
    if not read:
        return equation

    def value_at(element: Element) -> Expr:
        definition = closed[element.name]
        slots = dict(zip(definition.target.indices, element.indices, strict=True))
        return substitute(definition.value, slots)

    return replace(equation, value=map_elements(equation.value, dict.fromkeys(read, value_at)))
