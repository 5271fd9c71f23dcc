"""Which equation is the first to differ: the first whose value, on the first system's numbers, is another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gradproof.derive.index import Index
from gradproof.derive.interpret.fields import Array, Balls
from gradproof.derive.interpret.run import Machine, machine_for
from gradproof.derive.mapping import renamed_elements
from gradproof.derive.matching import Pair
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element
from gradproof.verify.draw import Point
from gradproof.verify.slopes import values_of


def first_difference(
    system: System, twins: Iterable[Pair], point: Point, functions: Mapping[str, object]
) -> tuple[Equation, Equation] | None:
    """Return the equations of the first twins that are not the same function of the same numbers; None: not seen.

    In a recurrence everything may differ after a step or two; this is the equation by which it does.

    Args:
        system: the equations of both systems.
        twins: what both compute, in the second system's order.
        point: where they differ.
        functions: the unknown functions.
    """
    pairs = list(twins)
    names = {p.second: p.first for p in pairs}
    machine = machine_for(system, point.named(), Balls(), functions=functions)  # type: ignore[arg-type]
    for pair in pairs:
        for yours in system.equations_of(pair.second):
            mine = next((e for e in system.equations_of(pair.first) if _same_rows(e, yours)), None)
            if mine is None:
                continue
            renamed = replace(yours, value=renamed_elements(yours.value, names))
            if _apart(_values(mine, machine), _values(renamed, machine)):
                return mine, yours
    return None


def _same_rows(mine: Equation, yours: Equation) -> bool:
    """Are both for the same rows: all of them, or the same fixed ones?"""
    slots = [["" if isinstance(i, Index) else str(i) for i in e.target.indices] for e in (mine, yours)]
    return mine.kind is yours.kind and slots[0] == slots[1]


def _values(equation: Equation, machine: Machine) -> Array:
    """Return the right side over the free indices."""
    free = Element(equation.name, *equation.indices)
    return values_of(machine.value(replace(equation, target=free, kind=Kind.DEFINE)))


def _apart(first: Array, second: Array) -> bool:
    pairs = zip(first.reshape(-1), second.reshape(-1), strict=True)
    return any(x.is_finite() and y.is_finite() and not x.overlaps(y) for x, y in pairs)
