"""Check a system: declared tensors, ranks, index ranges, order of definition. Run when a system is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive.nodes import elements, order_key
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.model import Equation, System


def check_system(system: System) -> None:
    """Raise InputError, naming the equation, where the system is not well formed."""
    names = [t.name for t in system.tensors]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"tensor {name} is declared twice")
    for equation in system.equations:
        for element in sorted(elements(equation.value) | {equation.target}, key=order_key):
            _check_element(system, equation, element)


def _check_element(system: System, equation: Equation, element: object) -> None:
    name, indices = element.name, element.indices  # type: ignore[attr-defined]
    if name not in system.by_name:
        raise InputError(f"equation ({equation.number}) uses {name}, which is not declared or defined")
    rank = system[name].rank
    if rank != len(indices):
        raise InputError(f"equation ({equation.number}): {name} has {rank} axes, but {len(indices)} indices stand here")
