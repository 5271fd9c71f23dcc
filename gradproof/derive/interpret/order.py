"""The order of evaluation: equations one after another, and loops along the axis of a recurrence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import Element, elements, order_key
from gradproof.errors import NotYet


@dataclass(frozen=True, slots=True)
class Loop:
    """A recurrence: the body is run once for each position along an axis.

    Attributes:
        axes: for each tensor of the recurrence, which of its axes the loop runs over.
        backwards: from the last position to the first.
        body: what is done at each position; it may hold a further loop.
    """

    axes: Mapping[str, int]
    backwards: bool
    body: tuple[Plan, ...]


Plan = Equation | Loop


@dataclass(frozen=True, slots=True)
class _Read:
    """`user` reads `element`, a tensor that is computed too."""

    user: Equation
    element: Element


def schedule(equations: Sequence[Equation]) -> tuple[Plan, ...]:
    """Return the equations in an order in which each reads only what stands before it; recurrences as loops.

    Raises:
        NotYet: if a cycle has no axis along which all its reads reach back (or all reach forward).
    """
    computed = {e.name for e in equations}
    reads = [_Read(e, a) for e in equations for a in _sorted(elements(e.value)) if a.name in computed]
    return _schedule(equations, reads)


def _schedule(equations: Sequence[Equation], reads: Sequence[_Read]) -> tuple[Plan, ...]:
    names = list(dict.fromkeys(e.name for e in equations))
    needs: dict[str, set[str]] = {n: set() for n in names}
    for read in reads:
        needs[read.user.name].add(read.element.name)
    plan: list[Plan] = []
    while names:
        group = _next_group(names, needs)
        chosen = [e for e in equations if e.name in group]
        if len(group) == 1 and group[0] not in needs[group[0]]:
            plan += [e for e in chosen if e.kind is Kind.START] + [e for e in chosen if e.kind is not Kind.START]
        else:
            plan += _recurrence(chosen, [r for r in reads if r.user in chosen and r.element.name in group])
        names = [n for n in names if n not in group]
        for need in needs.values():
            need.difference_update(group)
    return tuple(plan)


def _next_group(names: Sequence[str], needs: Mapping[str, set[str]]) -> list[str]:
    """Return a tensor that needs no other, or else the tensors of a cycle that needs none outside itself."""
    for name in names:
        if not needs[name]:
            return [name]
    reached = {n: _reach(n, needs) for n in names}
    first = min(names, key=lambda n: len(reached[n]))
    return [n for n in names if n in reached[first] | {first}]


def _reach(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        for n in needs[todo.pop()] - found:
            found.add(n)
            todo.append(n)
    return found


def _recurrence(equations: Sequence[Equation], reads: Sequence[_Read]) -> tuple[Plan, ...]:
    starts = [e for e in equations if e.kind is Kind.START]
    steps = [e for e in equations if e.kind is not Kind.START]
    inner = [r for r in reads if r.user in steps]
    for axes in _candidate_axes(steps, inner):
        shifts = [_shift(r, axes) for r in inner]
        backwards = any(s.is_positive for s in shifts)
        away = [s for s in shifts if s != 0]
        if away and all(s.is_positive if backwards else s.is_negative for s in away):
            same_step = [r for r, s in zip(inner, shifts, strict=True) if s == 0]
            return (*starts, Loop(axes, backwards, _schedule(steps, same_step)))
    names = ", ".join(dict.fromkeys(e.name for e in equations))
    numbers = ", ".join(f"({e.number})" for e in steps)
    raise NotYet(
        f"{names} are defined in terms of each other by equations {numbers}, and no axis orders them",
        expected="a recurrence: one axis along which every read reaches back by a constant, as h[t-1]",
    )


def _candidate_axes(equations: Sequence[Equation], reads: Sequence[_Read]) -> Iterable[dict[str, int]]:
    """Yield every choice of one loop axis in each tensor under which all reads differ by an integer shift."""
    first = equations[0]
    for axis, index in enumerate(first.target.indices):
        if isinstance(index, Index):
            axes = _propagate(first.name, axis, equations, reads)
            if axes is not None:
                yield axes


def _propagate(name: str, axis: int, equations: Sequence[Equation], reads: Sequence[_Read]) -> dict[str, int] | None:
    axes = {name: axis}
    changed = True
    while changed:
        changed = False
        for read in reads:
            user, other = read.user.name, read.element.name
            if user in axes and other not in axes:
                place = _matching_axis(read.user.target.indices[axes[user]], read.element.indices)
            elif other in axes and user not in axes:
                place = _matching_axis(read.element.indices[axes[other]], read.user.target.indices)
            else:
                continue
            if place is None:
                return None
            axes[other if user in axes else user] = place
            changed = True
    complete = all(e.name in axes and isinstance(e.target.indices[axes[e.name]], Index) for e in equations)
    return axes if complete and all(_is_shift(_shift(r, axes)) for r in reads) else None


def _matching_axis(index: Expr, candidates: Sequence[Expr]) -> int | None:
    return next((j for j, i in enumerate(candidates) if _is_shift(integer_form(i - index))), None)


def _shift(read: _Read, axes: Mapping[str, int]) -> Expr:
    there = read.element.indices[axes[read.element.name]]
    return integer_form(there - read.user.target.indices[axes[read.user.name]])


def _is_shift(e: Expr) -> bool:
    return e == 0 or bool((e.is_positive or e.is_negative) and not e.atoms(Index, Element))


def _sorted(found: Iterable[Element]) -> list[Element]:
    return sorted(found, key=order_key)
