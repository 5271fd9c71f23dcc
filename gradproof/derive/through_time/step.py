"""One step cut out of a recurrence: the old state comes in, so that the step can be differentiated by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr

from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Call, Element, elements, names_in
from gradproof.derive.stops import STOP
from gradproof.derive.through_time.recurrence import Recurrence
from gradproof.errors import NotYet

#: Stands between a tensor's name and the row that is read of it: no name of the notation holds it.
_AT = "@"


def old_name(name: str, lag: int) -> str:
    """Return what the row before is called while a step is differentiated."""
    return f"{name}{_AT}{lag:+d}"


def cut(system: System, recurrence: Recurrence) -> System:
    """Return the step alone: what moves is computed, and rows of other times come in as tensors of their own."""
    equations = tuple(
        replace(e, value=_renamed(e, system, recurrence))
        for e in system.definitions
        if e.kind is Kind.DEFINE and e.name in recurrence.moving
    )
    tensors = [replace(system[n], role=Role.OUTPUT) for n in recurrence.moving]
    for name in sorted({n for e in equations for n in names_in(e.value)} - set(recurrence.moving)):
        known = system[name.partition(_AT)[0]]
        tensors.append(Tensor(name, known.shape, Role.GIVEN, known.bound, known.outside))
    return System(
        "one step",
        tuple(tensors),
        equations,
        functions=system.functions,
        sizes=system.sizes,
        index_names=system.index_names,
    )


def _renamed(equation: Equation, system: System, recurrence: Recurrence) -> Expr:
    started = {e.name for e in system.definitions if e.kind is Kind.START}
    names = {x.name for x in elements(equation.value) if x.name in started}

    def renamed(x: Element) -> Element:
        lag = recurrence.offset(equation, x)
        if lag == 0:
            return x
        if not lag.is_Integer:
            raise NotYet(f"equation ({equation.number}) reads {x.name} at other rows than the one before")
        return Element(old_name(x.name, int(lag)), *_moved(x, recurrence.axis, -lag))

    return map_elements(equation.value, dict.fromkeys(names, renamed))


def put_back(value: Expr, axis: int) -> Expr:
    """Write h[t-1,n,k] for the old state again."""

    def back(x: Element) -> Element:
        name, _, lag = x.name.partition(_AT)
        return Element(name, *_moved(x, axis, int(lag)))

    names = [n for n in names_in(value) if _AT in n]
    return map_elements(value, dict.fromkeys(sorted(names), back))


def held(system: System, recurrence: Recurrence) -> System:
    """Return the system in which the rows before of all that is held are constants: the path of the state alone."""
    if not recurrence.held:
        return system
    return replace(system, equations=tuple(_stopped(e, recurrence) for e in system.definitions))


def _stopped(equation: Equation, recurrence: Recurrence) -> Equation:
    def stopped(x: Element) -> Expr:
        return x if recurrence.offset(equation, x) == 0 else Call(STOP, x)

    if equation.kind is not Kind.DEFINE or len(equation.target.indices) <= recurrence.axis:
        return equation
    inside: dict[str, Callable[[Element], Expr]] = dict.fromkeys(recurrence.held, stopped)
    return replace(equation, value=map_elements(equation.value, inside))


def _moved(x: Element, axis: int, by: Expr | int) -> tuple[Expr, ...]:
    return tuple(i + by if a == axis else i for a, i in enumerate(x.indices))
