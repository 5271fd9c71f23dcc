"""The exact path: the user's own function and gradient in ball arithmetic, with no step size.

Many inputs are differentiated in one run: each ball carries the row of its derivatives. Small problems take every
entry; large ones random directions, and what these object to is found by blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from gradproof.derive.interpret.run import bits
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.run import run, unmoved
from gradproof.verify.balls.trace import BudgetedTrace, Untraceable
from gradproof.verify.balls.traced import has_numbers, lifted, traced
from gradproof.verify.calls import Array, Problem

DIGITS = 40
#: Up to so many entries all derivatives are taken in one run; beyond, so many directions.
EVERY_ENTRY = 300
DIRECTIONS = 4
WORKING_DIGITS = 60
#: Operations on entries that a run may take, and what each direction adds to the cost of one.
_BUDGET = 3_000_000
_DIRECTION = 0.15


@dataclass(frozen=True)
class Slopes:
    """Exact derivatives at a point.

    Attributes:
        rows: one derivative for each direction, as balls.
        directions: for each of `wrt` its directions, [number of directions, *shape]; None: every entry, in order.
        events: kinks met on the way.
        value: the function's value as a float.
        work: operations on entries that the run took, weighted by their directions.
    """

    rows: list[arb]
    directions: list[Array] | None
    events: tuple[str, ...]
    value: float
    work: int = 0


def exact_slopes(
    problem: Problem,
    inputs: Sequence[Any],
    cotangent: Array | None,
    directions: list[Array] | None,
    digits: int = WORKING_DIGITS,
    *,
    kind: type[BudgetedTrace] = BudgetedTrace,
) -> Slopes:
    """Return the derivatives of f (of sum(cotangent * f)) along the directions, or for every entry.

    With the kind `LooseTrace` constants stand for all numbers that may have been rounded to them.

    Raises:
        Untraceable: f does something that balls cannot follow; the message says what.
    """
    count = len(directions[0]) if directions is not None else sum(inputs[k].size for k in problem.wrt)
    task = _Task(problem, inputs, cotangent, directions, count)
    with ctx.workprec(bits(digits)):
        found = task.run(kind)
        return task.without_harmless_ties(found, kind) if found.events and found.sides else found.slopes


@dataclass(frozen=True, slots=True)
class _Found:
    """What a run found: its slopes, the value's ball, and whether every event is one of two sides of equal value."""

    slopes: Slopes
    value: arb
    sides: bool

    @property
    def events(self) -> tuple[str, ...]:
        return self.slopes.events

    def balls(self) -> list[arb]:
        return [self.value, *self.slopes.rows]


@dataclass(frozen=True, slots=True)
class _Task:
    """The derivatives of f at a point, wanted along so many directions."""

    problem: Problem
    inputs: Sequence[Any]
    cotangent: Array | None
    directions: list[Array] | None
    count: int

    def run(self, kind: type[BudgetedTrace], *, probe: bool = False) -> _Found:
        """Return what a run finds; with a probe, there is a direction more (see `Number._either`)."""
        count = self.count + probe
        cost = 1 + _DIRECTION * count

        def fresh() -> BudgetedTrace:
            trace = kind(int(_BUDGET / cost))
            trace.probe = self.count if probe else None
            return trace

        def once(trace: BudgetedTrace) -> _Found:
            passed = _with_directions(self.problem, self.inputs, self.directions, count, trace)
            result = run(lambda: self.problem.raw_value(passed), trace, self.problem.functions)
            total = _total(result, trace, self.cotangent)
            rows = [arb(0)] * count if total.slope is None else total.slope.entries()
            value, work = float(total.value.mid()), int(trace.work * cost)
            slopes = Slopes(rows, self.directions, tuple(trace.events), value, work)
            return _Found(slopes, total.value, trace.sides)

        return unmoved(once, fresh, _Found.balls)

    def without_harmless_ties(self, found: _Found, kind: type[BudgetedTrace]) -> Slopes:
        """Return the slopes without events if nothing depends on what was guessed at a tie.

        The maximum that is taken out of a softmax and put back may be any of several: slopes go through a run
        linearly, and along the probe the guesses come out as 0.
        """
        probed = self.run(kind, probe=True)
        *rows, rest = probed.slopes.rows
        scale = max([abs(r).mid() for r in rows], default=arb(0)).max(arb(10) ** -DIGITS)
        if (
            probed.sides
            and rest.contains(0)
            and rest.rad() < scale * arb(10) ** -DIGITS
            and all(r.is_finite() for r in rows)
        ):
            return replace(found.slopes, rows=rows, events=())
        return found.slopes


def exact_gradient(
    problem: Problem,
    inputs: Sequence[Any],
    cotangent: Array | None,
    digits: int = WORKING_DIGITS,
    *,
    kind: type[BudgetedTrace] = BudgetedTrace,
) -> list[Array]:
    """Return the user's gradient evaluated in balls, an object array of `flint.arb` for each of `wrt`.

    Call it after `exact_slopes` at the same point: a gradient that reuses what f has kept finds balls there.

    Raises:
        Untraceable: the gradient does something that balls cannot follow, or meets a kink.
    """

    def once(trace: BudgetedTrace) -> list[Array]:
        trace.casts = False  # the algorithm is compared here; what its floats lose, the judge sees beside it
        passed = [_as_numbers(a, trace) for a in inputs]
        seed = None if cotangent is None else _as_numbers(cotangent, trace)
        found = run(lambda: problem.raw_gradient(passed, seed), trace, problem.functions)
        if trace.events:
            raise Untraceable(f"the gradient compares {trace.events[0]}")
        return [_balls_of(g, trace) for g in found]

    def entries(found: list[Array]) -> list[arb]:
        return [e for g in found for e in g.reshape(-1).tolist()]

    with ctx.workprec(bits(digits)):
        return unmoved(once, lambda: kind(_BUDGET), entries)


def _with_directions(
    problem: Problem, inputs: Sequence[Any], directions: list[Array] | None, count: int, trace: BudgetedTrace
) -> list[Any]:
    """Return the inputs as numbers of the run; those of `wrt` carry the rows of their directions."""
    trace.spend(sum(a.size for a in inputs if isinstance(a, np.ndarray)))
    passed = [a if k in problem.wrt else _as_numbers(a, trace) for k, a in enumerate(inputs)]
    first = 0
    for place, k in enumerate(problem.wrt):
        along = None if directions is None else directions[place]
        passed[k] = _with_slopes(inputs[k], trace, count, first, along)
        first += inputs[k].size
    return passed


def _as_numbers(a: Any, trace: BudgetedTrace) -> Any:
    """Return a floating input as numbers of the run without slopes; other inputs as they are."""
    if not isinstance(a, np.ndarray):
        return a
    if a.dtype.kind != "f":
        return a.copy() if a.ndim else a[()]
    return _array([Number(arb(x), trace) for x in _numbers(a)], a.shape, trace)


def _numbers(a: Array) -> list[float]:
    found: list[float] = a.astype(np.float64).reshape(-1).tolist()
    return found


def _array(entries: list[Number], shape: tuple[int, ...], trace: BudgetedTrace) -> Any:
    return traced(np.fromiter(entries, dtype=object, count=len(entries)).reshape(shape), trace)


def _with_slopes(a: Array, trace: BudgetedTrace, count: int, first: int, rows: Array | None) -> Any:
    """Return an input with the rows of the directions; an entry along which none goes has no slope."""
    if rows is None:
        slopes = [_unit(count, first + k) for k in range(a.size)]
    else:
        columns = [[*row, *[0] * (count - len(row))] for row in rows.reshape(-1, a.size).T.tolist()]
        slopes = [arb_mat(1, count, row) if any(row) else None for row in columns]
    entries = [Number(arb(x), trace, slope) for x, slope in zip(_numbers(a), slopes, strict=True)]
    return _array(entries, a.shape, trace)


def _unit(count: int, k: int) -> arb_mat:
    unit = arb_mat(1, count)
    unit[0, k] = arb(1)
    return unit


def _total(result: Any, trace: BudgetedTrace, cotangent: Array | None) -> Number:
    """Return f's value, or sum(cotangent * f), as one number.

    Raises:
        Untraceable: the result is none of the run's numbers: their derivatives were lost.
    """
    if isinstance(result, float) and not has_numbers(result):
        # float() at the end gives away a float; what it was made of is known.
        result = next((x.source for x in reversed(trace.floats) if x.number == result), result)
    if not has_numbers(result):
        where = f" (they become floats at {trace.floats[0].line})" if trace.floats else ""
        raise Untraceable(f"the result does not depend on the inputs as far as balls can see{where}")
    entries = lifted(result, trace)
    seeds = np.ones(entries.shape) if cotangent is None else np.asarray(cotangent)
    if seeds.shape != entries.shape:
        raise Untraceable(f"f returned the shape {entries.shape} in balls, and {seeds.shape} in floats")
    total = Number(arb(0), trace)
    for e, seed in zip(entries.reshape(-1).tolist(), _numbers(seeds), strict=True):
        total = total + (e if cotangent is None else e * Number(arb(seed), trace))
    return total


def _balls_of(found: Any, trace: BudgetedTrace) -> Array:
    """Return what a gradient returned as an object array of `flint.arb`.

    Raises:
        Untraceable: something else than numbers was returned.
    """
    if isinstance(found, np.ndarray | np.generic) and found.dtype.kind == "f" and found.dtype.itemsize < 8:
        raise Untraceable(f"the gradient is returned in {found.dtype}")
    if isinstance(found, float) and not has_numbers(found):
        found = next((x.source for x in reversed(trace.floats) if x.number == found), found)
    array = lifted(found, trace)
    out = np.empty(array.shape, dtype=object)
    out.reshape(-1)[:] = [e.value for e in array.reshape(-1).tolist()]
    return out


def boxed(array: Array) -> Array:
    """Return floats as an object array of exact balls."""
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        out[place] = arb(float(array[place]))
    return out


def random_directions(
    problem: Problem, inputs: Sequence[Any], gradients: Sequence[Array], rng: np.random.Generator, count: int
) -> list[Array]:
    """Return directions with entries ±U(0.5, 1.5), for each of `wrt` an array [count + 1, *shape].

    Entries are scaled so that each adds its like to the derivative, whether its claim is 1e10 or 1e-10. The last
    direction goes through the entries that are claimed 0, which nothing can be scaled by.
    """
    shapes = [inputs[k].shape for k in problem.wrt]
    out = []
    for shape, g in zip(shapes, gradients, strict=True):
        rows = rng.uniform(0.5, 1.5, (count + 1, *shape)) * rng.choice([-1.0, 1.0], (count + 1, *shape))
        zero = g == 0
        rows[:count] *= np.where(zero, 0.0, weights(g))
        rows[count] *= zero
        out.append(rows)
    return out


def weights(gradient: Array) -> Array:
    """Return powers of two near 1/|entry|; 1 where it is 0 or not finite."""
    usual = np.isfinite(gradient) & (gradient != 0)
    _, exponents = np.frexp(np.where(usual, gradient, 0.5))
    return np.asarray(np.ldexp(1.0, -np.clip(exponents, -1000, 1000)))
