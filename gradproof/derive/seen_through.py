"""Definitions that may stand for their tensor, element by element."""

from __future__ import annotations

from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import names_in


def seen_through(system: System) -> dict[str, Equation]:
    """Return the definitions that may stand for their tensor: one equation, all axes free, no recurrence, no edge."""
    found = {}
    for tensor in system.tensors:
        equations = system.equations_of(tensor.name)
        if len(equations) == 1 and tensor.outside is None and not _recurrent(system, tensor.name):
            indices = equations[0].target.indices
            plain = all(isinstance(i, Index) for i in indices) and len(set(indices)) == len(indices)
            if plain and equations[0].kind is Kind.DEFINE:
                found[tensor.name] = equations[0]
    return found


def _recurrent(system: System, name: str) -> bool:
    seen: set[str] = set()
    todo = [name]
    while todo:
        for equation in system.equations_of(todo.pop()):
            read = names_in(equation.value)
            if name in read:
                return True
            todo += sorted(read - seen)
            seen |= read
    return False
