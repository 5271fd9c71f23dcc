"""Reads past a tensor's edge: noted where they happen, forgotten where a false bracket takes them out of the value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradproof.derive.check import EquationError
from gradproof.derive.index import Index
from gradproof.derive.interpret.fields import Array
from gradproof.derive.interpret.scope import Scope
from gradproof.derive.model import Equation

#: Stands for a value that is not there, as 1/0: it is met and forgotten as reads past an edge are.
UNDEFINED = ""


@dataclass(frozen=True, slots=True)
class EdgeRead:
    """A read that leaves its tensor somewhere.

    Attributes:
        name: the tensor.
        axis: the axis in which it is left.
        place: the position asked for, over the axes of the indices in scope.
        rows: the first position there is, and the one after the last.
        where: whether it is left there; the axes in front are those of bound indices.
    """

    name: str
    axis: int
    place: Array
    rows: tuple[int, int]
    where: Array

    def within(self, mask: Array) -> EdgeRead:
        """Return the read where the mask is true as well."""
        return replace(self, where=np.asarray(self.where & mask))


def still_met(found: Iterable[EdgeRead], mask: Array) -> list[EdgeRead]:
    """Return the reads that leave their tensor at a place where the mask is true."""
    inside = [read.within(mask) for read in found]
    return [read for read in inside if np.any(read.where)]


def note_undefined(result: Array, arguments: Iterable[Array], scope: Scope) -> Array:
    """Return the result; where it has no finite value though all arguments have one, note that as a read of nothing."""
    if scope.field.strict and not np.all(np.isfinite(result)):
        bad = ~np.isfinite(result)
        for a in arguments:
            bad = bad & np.isfinite(a)
        if np.any(bad):
            scope.edges.append(EdgeRead(UNDEFINED, 0, np.zeros((), dtype=np.int64), (0, 0), np.asarray(bad)))
    return result


def met_at(found: Iterable[EdgeRead], depth: int) -> Array:
    """Return where any of the reads leaves its tensor, over the last `depth` axes."""
    out = np.asarray(False)
    for read in found:
        out = out | np.any(read.where, axis=tuple(range(max(read.where.ndim - depth, 0))))
    return np.asarray(out)


def refuse(found: Iterable[EdgeRead], equation: Equation, fixed: Mapping[Index, int], scope: Scope) -> None:
    """Raise InputError for the first read past an edge that enters a value of the equation."""
    free = [i for i in equation.indices if i not in fixed]
    everywhere = np.ones([scope.indices[i].size for i in free], dtype=bool)
    for read in still_met(found, everywhere):
        first = tuple(np.argwhere(read.where)[0])
        position = int(np.broadcast_to(read.place, read.where.shape)[first])
        values = {**fixed, **dict(zip(free, first[len(first) - len(free) :], strict=True))}
        if read.name == UNDEFINED:
            raise EquationError(equation.number, f"{_element(equation, values)} holds a part without a finite value")
        raise EquationError(
            equation.number,
            f"{_element(equation, values)} reads {read.name} at {position} in axis {read.axis}, {_extent(read)}",
            hint=f"say what a read past the edge gives: outside {read.name} = 0; or guard it by a bracket",
        )


def _extent(read: EdgeRead) -> str:
    first, end = read.rows
    return f"whose rows are {first} to {end - 1}" if first else f"which has the length {end}"


def _element(equation: Equation, values: Mapping[Index, int]) -> str:
    slots = ",".join(str(values.get(i, i)) for i in equation.target.indices)
    return f"{equation.name}[{slots}]" if slots else equation.name
