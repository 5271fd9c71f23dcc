"""The order in which equations run: groups of equations, and for a recurrence the axis along which it steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Basic, Expr
from sympy.utilities.iterables import strongly_connected_components

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import nonnegative
from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import Element, Iverson, Reduce, names_in
from gradproof.errors import NotYet


@dataclass(frozen=True, slots=True)
class Group:
    """Equations that run together.

    Attributes:
        equations: in order; a single one, or the members of a recurrence in the order of one step.
        axis: for each tensor of a recurrence the axis along which it steps.
        direction: +1 or -1 for a recurrence, 0 for a single equation.
    """

    equations: tuple[Equation, ...]
    axis: tuple[tuple[str, int], ...] = ()
    direction: int = 0


def ordered_groups(equations: tuple[Equation, ...]) -> tuple[Group, ...]:
    """Return the equations in an order that computes before it reads, as near to the given order as can be."""
    position = {e: k for k, e in enumerate(equations)}
    sources = {e: _sources(e, equations) for e in equations}
    edges = [(e, s) for e in equations for s in sources[e]]
    parts = [
        tuple(sorted(c, key=position.__getitem__)) for c in strongly_connected_components((list(equations), edges))
    ]
    home = {e: k for k, part in enumerate(parts) for e in part}
    needs = {k: {home[s] for e in part for s in sources[e]} - {k} for k, part in enumerate(parts)}
    done: list[int] = []
    while len(done) < len(parts):
        ready = [k for k in needs if k not in done and needs[k] <= set(done)]
        done.append(min(ready, key=lambda k: position[parts[k][0]]))
    return tuple(_group(parts[k], parts[k][0] in sources[parts[k][0]] or len(parts[k]) > 1) for k in done)


def _sources(equation: Equation, equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    read = names_in(equation.value) | (names_in(equation.target) - {equation.name})
    starts = equation.kind is Kind.DEFINE
    return tuple(
        e for e in equations if e.name in read or (starts and e.kind is Kind.START and e.name == equation.name)
    )


def _group(equations: tuple[Equation, ...], recurrent: bool) -> Group:
    if not recurrent:
        return Group(equations)
    return _Recurrence(equations).group()


@dataclass(frozen=True, slots=True)
class Read:
    """`element` is read in an equation where the conditions hold."""

    element: Element
    conditions: tuple[Condition, ...]


def integer_facts(conditions: tuple[Condition, ...]) -> tuple[Expr, ...]:
    """Return expressions that are at least 0 where the conditions hold."""
    return tuple(c.operands[0] for c in conditions if c.kind == "ge")


@lru_cache(None)
def reads(e: Basic) -> tuple[Read, ...]:
    """Return every tensor read of an expression, reductions opened, with the conditions that guard it."""
    return tuple(_reads(e, ()))


def _reads(e: Basic, conditions: tuple[Condition, ...]) -> Iterator[Read]:
    if isinstance(e, Reduce):
        _, body, own = e.open()
        for c in own:
            yield from _reads(c, conditions)
        yield from _reads(body, (*conditions, *own))
        return
    if isinstance(e, Element):
        yield Read(e, conditions)
    if e.is_Mul:
        conditions = (*conditions, *(c for f in e.args if isinstance(f, Iverson) for c in f.conditions))
    for a in e.args:
        yield from _reads(a, conditions)


class _Recurrence:
    """Finds for each tensor of a strongly connected set the axis along which all reads step one way."""

    def __init__(self, equations: tuple[Equation, ...]) -> None:
        self.equations = equations
        self.names = tuple(dict.fromkeys(e.name for e in equations))
        self.numbers = ", ".join(f"({e.number})" for e in equations)
        self.reads = tuple((e, r) for e in equations for r in reads(e.value) if r.element.name in self.names)

    def group(self) -> Group:
        if any(e.kind is not Kind.DEFINE for e in self.equations):
            raise NotYet(f"equations {self.numbers}: a start row that depends on its own recurrence")
        for axis in self._axes({}):
            shifts = [self._shift(axis, e, r) for e, r in self.reads]
            for direction in (1, -1):
                if all(s is not None and s * direction <= 0 for s in shifts):
                    order = self._order(shifts)
                    if order is not None and self._same_extent(axis):
                        return Group(order, tuple(axis.items()), direction)
        raise NotYet(
            f"equations {self.numbers} define {', '.join(self.names)} by each other, along no axis in one direction",
            expected="a recurrence whose reads step by constants along one axis, like h[t-1,k]",
        )

    def _axes(self, chosen: dict[str, int]) -> Iterator[dict[str, int]]:
        """Yield choices of one axis a tensor, dropping a choice as soon as a read cannot step along it."""
        if len(chosen) == len(self.names):
            yield chosen
            return
        name = self.names[len(chosen)]
        rank = len(next(e for e in self.equations if e.name == name).target.indices)
        for a in range(rank):
            wider = {**chosen, name: a}
            if all(
                self._shift(wider, e, r) is not None
                for e, r in self.reads
                if e.name in wider and r.element.name in wider
            ):
                yield from self._axes(wider)

    def _shift(self, axis: dict[str, int], e: Equation, read: Read) -> int | None:
        """Return how far the read is from the equation's own step (a bounded distance counts as one step)."""
        step = e.target.indices[axis[e.name]]
        if not isinstance(step, Index):
            return None
        distance = integer_form(read.element.indices[axis[read.element.name]] - step)
        if distance.is_Integer:
            return int(distance)
        facts = integer_facts(read.conditions)
        if nonnegative(integer_form(-1 - distance), facts):
            return -1
        return 1 if nonnegative(integer_form(distance - 1), facts) else None

    def _order(self, shifts: list[int | None]) -> tuple[Equation, ...] | None:
        """Return the members in the order of one step, or None if they need each other within it."""
        within = [(e, r.element.name) for (e, r), s in zip(self.reads, shifts, strict=True) if s == 0]
        left, order = list(self.equations), []
        while left:
            waiting = {e.name for e in left}
            ready = [e for e in left if not any(f is e and n in waiting for f, n in within)]
            if not ready:
                return None
            order.append(ready[0])
            left.remove(ready[0])
        return tuple(order)

    def _same_extent(self, axis: dict[str, int]) -> bool:
        sizes: set[Expr] = {e.target.indices[axis[e.name]].size for e in self.equations}
        return len(sizes) == 1
