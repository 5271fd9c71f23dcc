"""Stop: what stands in `stop(...)` keeps its value and is treated as a constant by every derivative.

Its derivative is 0 by definition, so what is derived of a system with one is not the derivative of its output. In
other places it is called stop_gradient (JAX), detach (PyTorch) or sg.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sympy import Basic
from sympy.core.symbol import Str

from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, Reduce, names_in, rebuild

STOP = "stop"
#: What a step says that met one.
RULE = "stop: treated as a constant here"


def stand_in(system: System) -> bool:
    """Is there a `stop(...)` in an equation of the system?"""
    return any(c.name == STOP for e in system.definitions for c in e.value.atoms(Call))


def stops(equation: Equation, moving: Collection[str]) -> bool:
    """Does the equation hold a `stop(...)` in which one of the tensors stands?"""
    return any(c.name == STOP and not names_in(c).isdisjoint(moving) for c in equation.value.atoms(Call))


def met(system: System, of: Iterable[str], wrt: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers of the equations whose `stop(...)` takes something from the derivative of `of` for `wrt`."""
    moving = _closed(set(wrt), [(names_in(e.value), {e.name}) for e in system.definitions])
    needed = _closed(set(of), [({e.name}, names_in(e.value)) for e in system.definitions])
    return tuple(e.number for e in system.definitions if e.name in needed and stops(e, moving))


def _closed(found: set[str], edges: list[tuple[Collection[str], Collection[str]]]) -> set[str]:
    """Return what is reached along the edges."""
    before = -1
    while len(found) != before:
        before = len(found)
        for start, end in edges:
            if not found.isdisjoint(start):
                found |= set(end)
    return found


def released(e: Basic) -> Basic:
    """Write a for stop(a), everywhere: the two have one value."""
    if not any(c.name == STOP for c in e.atoms(Call)):
        return e
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        return Reduce(e.op, released(body), opened, e.sizes, [released(c) for c in conditions])
    if isinstance(e, Call) and e.name == STOP:
        return released(e.arguments[0])
    return rebuild(e, [a if isinstance(a, Str) else released(a) for a in e.args])
