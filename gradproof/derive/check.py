"""Check a system: declared tensors, ranks, index ranges, order of definition. Run when a system is built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sympy import Basic, Symbol

from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Grad, elements, free, names_in, order_key
from gradproof.derive.order import cycles
from gradproof.derive.reads import certainly_outside, reads
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.model import Equation, System

INPUT = ("given", "param")


class EquationError(InputError):
    """An equation does not fit into its system; `number` says which, for a reader that knows its place in a text."""

    def __init__(self, number: int, message: str, *, expected: str = "", hint: str = "") -> None:
        super().__init__(f"equation ({number}): {message}", expected=expected, hint=hint)
        self.number = number


def check_system(system: System) -> None:
    """Raise InputError, naming the equation, where the system is not well formed."""
    _check_names(system)
    for equation in system.equations:
        _check_target(system, equation)
        _check_value(system, equation)
    for assumption in system.assumptions:
        for element in _ordered(elements(assumption.left) | elements(assumption.right)):
            if problem := _element_problem(system, element):
                raise InputError(f"the assumption about {assumption.name}: {problem}")
    _check_definitions(system)
    _check_start_rows(system)
    _check_order(system)


def require_system(value: object, verb: str) -> System:
    """Return the value if it is a system.

    Raises:
        InputError: it is something else: say how a system is made of it.
    """
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation

    if isinstance(value, System):
        return value
    shown = "a derivation" if isinstance(value, Derivation) else f"a {type(value).__name__}"
    hint = {
        Derivation: "of a derivation, d.evaluate(inputs) evaluates the gradients and d.joint is the whole system",
        str: f"read the text first: gp.{verb}(gp.system(text), ...)",
    }.get(type(value), "")
    raise InputError(
        f"{verb} is given {shown}" + (f": {value[:60]!r}" if isinstance(value, str) else ""),
        expected="a system, as gp.system(text) and gp.load(name) return it",
        hint=hint,
    )


def _ordered(found: Iterable[Basic]) -> list[Element]:
    return sorted(found, key=order_key)


def _check_names(system: System) -> None:
    seen: set[str] = set()
    for name in (*(t.name for t in system.tensors), *(s.name for s in system.sizes), *system.functions):
        if name in seen:
            raise InputError(f"{name} is declared twice", expected="one tensor, size or function of each name")
        seen.add(name)


# ---------------------------------------------------------------- one equation


def _check_target(system: System, equation: Equation) -> None:
    target = equation.target
    if problem := _element_problem(system, target):
        raise EquationError(equation.number, problem)
    tensor = system[target.name]
    slots = [s for s in target.indices if isinstance(s, Index)]
    if len(set(slots)) < len(slots):
        raise EquationError(equation.number, "an index stands twice at the left", expected="one index for each axis")
    for axis, (slot, n) in enumerate(zip(target.indices, tensor.shape, strict=True)):
        if isinstance(slot, Index) and slot.size != n:
            raise EquationError(
                equation.number,
                f"the index {slot.name} runs to {slot.size}, but axis {axis} of {target.name} has the size {n}",
                expected=f"an index of range {n}",
            )
        if not isinstance(slot, Index) and equation.kind != "start":
            raise EquationError(
                equation.number, f"{slot} stands at the left", expected="an index that runs over the axis"
            )
    if tensor.role in INPUT and equation.kind == "define":
        raise EquationError(equation.number, f"{target.name} comes in and is computed too", expected="one of the two")


def _element_problem(system: System, element: Element) -> str:
    if element.name not in system.by_name:
        return f"{element.name} is neither declared nor defined"
    rank = system[element.name].rank
    if rank != len(element.indices):
        return f"{element.name} has {rank} axes, but {len(element.indices)} indices stand here"
    for inner in _ordered(e for i in element.indices for e in elements(i)):
        if inner.name in system.by_name and system[inner.name].bound is None:
            return f"{inner.name} is real and cannot stand in an index of {element.name}"
    return ""


def _check_value(system: System, equation: Equation) -> None:
    number, value = equation.number, equation.value
    for element in _ordered(elements(value)):
        if problem := _element_problem(system, element):
            raise EquationError(number, problem)
    unbound = sorted(s.name for s in free(value) if isinstance(s, Index) and s not in equation.indices)
    if unbound:
        raise EquationError(
            number,
            f"the index {unbound[0]} is neither at the left nor bound by a reduction",
            expected=f"{unbound[0]} at the left, or inside sum[{unbound[0]}]",
        )
    for node in sorted(value.atoms(Call, Grad), key=order_key):
        if problem := _call_problem(system, node):
            raise EquationError(number, problem)
    for read in reads(value):
        if problem := certainly_outside(system, read):
            raise EquationError(number, problem, hint=_outside_hint(system, read.element))


def _call_problem(system: System, node: Call | Grad) -> str:
    if isinstance(node, Grad):
        scalar = node.of in system.by_name and system[node.of].rank == 0
        return "" if scalar else f"grad of {node.of}, which is no scalar of this system"
    known = node.name in FUNCTIONS or node.name.rstrip("'") in system.functions
    return "" if known else f"{node.name} is neither an elementwise function nor declared as unknown"


def _outside_hint(system: System, element: Element) -> str:
    name = element.name
    if system[name].role in INPUT:
        return f"say what a read past the edge gives: outside {name} = 0"
    return f"say where the recurrence begins: start {name}[...] = ... (or what lies past the edge: outside {name} = 0)"


# ---------------------------------------------------------------- the system as a whole


def _check_definitions(system: System) -> None:
    """Single assignment: one equation a tensor, and one for each start row."""
    first: dict[tuple[Basic, ...], int] = {}
    for equation in system.definitions:
        rows = tuple("*" if isinstance(s, Index) else s for s in equation.target.indices)
        number = first.setdefault((equation.name, *rows), equation.number)
        if number != equation.number:
            raise EquationError(
                equation.number,
                f"{equation.name} is already defined by equation ({number})",
                expected="one equation for each tensor",
            )
    defined = {e.name for e in system.definitions if e.kind != "start"}
    for equation in system.definitions:
        comes_in = system[equation.name].role in INPUT  # with rows below 0, as a backward system reads a state
        if equation.kind == "start" and equation.name not in defined and not comes_in:
            raise EquationError(
                equation.number,
                f"{equation.name} has start rows, but no equation",
                expected=f"{equation.name}[...] = ...",
            )


def _check_start_rows(system: System) -> None:
    """The rows below 0 that start lines give have no gap: h[-1] stands beside h[-2]."""
    rows: dict[tuple[str, int], dict[int, int]] = {}
    for equation in system.definitions:
        for axis, slot in enumerate(equation.target.indices):
            if equation.kind == "start" and slot.is_Integer and slot < 0:
                rows.setdefault((equation.name, axis), {})[int(slot)] = equation.number
    for (name, axis), numbers in rows.items():
        missing = next((row for row in range(-1, min(numbers), -1) if row not in numbers), None)
        if missing is not None:
            raise EquationError(
                numbers[min(numbers)],
                f"{name} begins at {min(numbers)} in axis {axis}, but nothing gives its row {missing}",
                expected="one start line for each row before 0",
                hint=f"add: start {name}[{missing}] = ..., with the other indices beside it",
            )


def _check_order(system: System) -> None:
    """No use before definition, other than a recurrence; and a recurrence reads another row."""
    definitions = [e for e in system.definitions if e.kind != "start"]
    place = {e.name: k for k, e in reversed(list(enumerate(definitions)))}
    circle = cycles(system.equations)
    for position, equation in enumerate(definitions):
        own = set(equation.target.indices)
        later = {n for n in names_in(equation.value) if place.get(n, -1) >= position}
        for element in _ordered(e for e in elements(equation.value) if e.name in later):
            _check_use(
                equation, element, definitions[place[element.name]].number, own, circle.get(equation.name, frozenset())
            )


def _check_use(equation: Equation, element: Element, place: int, own: set[Symbol], circle: frozenset[str]) -> None:
    if element.name == equation.name and element.indices == equation.target.indices:
        raise EquationError(
            equation.number,
            f"{element.name} is defined by itself",
            expected="an earlier row, as in h[t-1], or other tensors",
            hint="use := for an update",
        )
    if element.name not in circle or (element.name != equation.name and set(element.indices) == own):
        raise EquationError(
            equation.number,
            f"{element.name} is used before its definition, equation ({place})",
            expected=f"equation ({place}) above equation ({equation.number})",
        )
