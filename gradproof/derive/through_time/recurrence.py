"""The shape of a recurrence: which axis is time, what carries the state on, which axes never meet one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element, elements
from gradproof.errors import InputError, NotYet


@dataclass(frozen=True, slots=True)
class Recurrence:
    """One step of a recurrence, from h[t-1] to h[t].

    Attributes:
        state: its name, `h`.
        equation: its equation.
        axis: the position of time among its axes.
        lag: -1 where h[t] reads h[t-1], 1 where it reads h[t+1].
        moving: what depends on h[t-1] on the way to h[t], h[t] included; in the order of the equations.
        held: other tensors whose row at t-1 the step reads; along the path of h alone they are constants.
        shared: axes whose entries do not meet in a step, like those of a batch.
        across: all other axes but time: the rows and columns of the step's Jacobian.
    """

    state: str
    equation: Equation
    axis: int
    lag: int
    moving: tuple[str, ...]
    held: tuple[str, ...]
    shared: tuple[int, ...]
    across: tuple[int, ...]

    def offset(self, equation: Equation, element: Element) -> Expr:
        """Return how far in time a read lies from the row that is computed."""
        return element.indices[self.axis] - equation.target.indices[self.axis]


def recurrence_of(system: System, state: str) -> Recurrence:
    """Return the recurrence by which a tensor is computed.

    Raises:
        InputError: the tensor is no recurrence.
        NotYet: a recurrence of another shape: it reads more than the row before, or its tensors differ in their axes.
    """
    axis = _time_axis(system, state)
    equations = {e.name: e for e in system.definitions if e.kind is Kind.DEFINE}
    circle = _circle(equations, state)
    lags = {(e.name, x.name, _lag(e, x, axis)) for e, x in _reads(equations, circle)}
    steps = sorted({k for _, _, k in lags if k != 0})
    if len(steps) != 1 or abs(steps[0]) != 1:
        read = ", ".join(f"{'t' if k == 0 else f't{k:+d}'}" for k in steps)
        raise NotYet(f"the steps from {state} to itself read rows {read}", expected="the row before alone, t-1 or t+1")
    carriers = tuple(n for n in equations if any(x == n and k for _, x, k in lags))
    if state not in carriers:
        raise InputError(
            f"{state} is not read at the step before", expected=f"one of {', '.join(carriers)}: what carries on"
        )
    moving = _moving(equations, lags, state)
    shared = _shared(equations, moving, state, axis)
    rest = [a for a in range(system[state].rank) if a != axis]
    held = tuple(n for n in carriers if n != state)
    across = tuple(a for a in rest if a not in shared)
    return Recurrence(state, equations[state], axis, steps[0], moving, held, shared, across)


def _time_axis(system: System, state: str) -> int:
    starts = [e for e in system.equations_of(state) if e.kind is Kind.START]
    if not starts:
        known = dict.fromkeys(e.name for e in system.definitions if e.kind is Kind.START)
        what = f"one of {', '.join(known)}" if known else "a tensor with a start row, as h in `gradproof derive rnn`"
        raise InputError(f"{state} is no recurrence", expected=what)
    places = [k for k, i in enumerate(starts[0].target.indices) if i not in starts[0].indices]
    if len(starts) != 1 or len(places) != 1:
        raise NotYet(f"{state} has {len(starts)} start rows over {len(places)} axes", expected="one row along one axis")
    return places[0]


def _circle(equations: dict[str, Equation], state: str) -> set[str]:
    """Return what depends on the state and what the state depends on."""
    reads = {n: {x.name for x in elements(e.value)} & set(equations) for n, e in equations.items()}
    users = {n: {m for m in reads if n in reads[m]} for n in reads}
    return _reached([state], reads) & _reached([state], users)


def _reached(start: Iterable[str], following: dict[str, set[str]]) -> set[str]:
    found, work = set(start), list(start)
    while work:
        new = following.get(work.pop(), set()) - found
        found |= new
        work += sorted(new)
    return found


def _reads(equations: dict[str, Equation], circle: set[str]) -> Iterator[tuple[Equation, Element]]:
    for name in sorted(circle):
        yield from ((equations[name], x) for x in elements(equations[name].value) if x.name in circle)


def _lag(equation: Equation, element: Element, axis: int) -> int:
    both = (equation.target, element)
    if any(len(x.indices) <= axis for x in both):
        name = next(x.name for x in both if len(x.indices) <= axis)
        raise NotYet(f"{name} lies between one step and the next and has no axis of time", expected="one beside time")
    lag = element.indices[axis] - equation.target.indices[axis]
    if not lag.is_Integer:
        raise NotYet(f"equation ({equation.number}) reads {element.name} at other rows than the one before")
    return int(lag)


def _moving(equations: dict[str, Equation], lags: set[tuple[str, str, int]], state: str) -> tuple[str, ...]:
    now: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for user, read, lag in lags:
        if lag == 0:
            now.setdefault(read, set()).add(user)
            before.setdefault(user, set()).add(read)
    first = [user for user, read, lag in lags if read == state and lag]
    found = _reached(first, now) & _reached([state], before)
    return tuple(n for n in equations if n in found)


def _shared(equations: dict[str, Equation], moving: tuple[str, ...], state: str, axis: int) -> tuple[int, ...]:
    """Return the axes that every read on the way keeps in their place."""
    rank = len(equations[state].target.indices)
    if any(len(equations[n].target.indices) != rank for n in moving):
        return ()
    reads = [(equations[n], x) for n in moving for x in elements(equations[n].value) if x.name in {*moving, state}]
    return tuple(a for a in range(rank) if a != axis and all(x.indices[a] == e.target.indices[a] for e, x in reads))
