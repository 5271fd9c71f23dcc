"""f along a line, t -> f(x + t d), one call at a time or many at once through an executor."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.calls import Array, Problem, copied, real
from gradproof.verify.judge.here import Here, objective
from gradproof.verify.safely import Failed, Heard, guarded

#: Levels of the ladder that an executor is asked for ahead.
_LEVELS = 8


class Line:
    """f along a line through a point; values that were evaluated ahead are looked up.

    Attributes:
        k: the input that moves, and `move(t)` where it is then.
    """

    def __init__(self, problem: Problem, here: Here, k: int, move: Callable[[float], Array]) -> None:
        self.problem, self.here, self.k, self.move = problem, here, k, move
        self.known: dict[float, float] = {}

    def inputs(self, t: float) -> list[Any]:
        """Return all inputs at t."""
        return [*self.here.inputs[: self.k], self.move(t), *self.here.inputs[self.k + 1 :]]

    def __call__(self, t: float) -> float:
        if t in self.known:
            # Counted when it is used: with an executor and without one the report is the same.
            self.problem.meter.tick()
            return self.known[t]
        return objective(self.problem, self.inputs(t), self.here.cotangent)


def entry_line(problem: Problem, here: Here, k: int, flat: int) -> Line:
    """Return the line along one entry of an input."""
    x = here.inputs[k]

    def move(t: float) -> Array:
        moved = np.array(x)
        moved.reshape(-1)[flat] += t
        return moved

    return Line(problem, here, k, move)


def direction_line(problem: Problem, here: Here, k: int, direction: Array) -> Line:
    """Return the line along a direction through an input."""
    x = here.inputs[k]

    def move(t: float) -> Array:
        moved = direction * t
        moved += x
        return np.asarray(moved)

    return Line(problem, here, k, move)


def steps_ahead(first: float, least: float) -> list[float]:
    """Return the points of a line that a ladder asks for, as far as it is evaluated ahead."""
    found: list[float] = []
    step = first
    while step >= least and len(found) < 2 * _LEVELS:
        found += [step, -step]
        step /= 4.0
    return found


def evaluate_ahead(problem: Problem, lines: Iterable[tuple[Line, Sequence[float]]]) -> None:
    """Evaluate f at many points of many lines at once, where there is an executor."""
    if problem.executor is None:
        return
    wanted = [(line, t) for line, points in lines for t in points if t not in line.known]
    tasks = [line.inputs(t) for line, t in wanted]
    for (line, t), found in zip(wanted, _all(problem.f, tasks, problem.executor), strict=True):
        line.known[t] = _number(found, line.here.cotangent)


def _all(f: Any, tasks: list[list[Any]], executor: Executor) -> list[Array | None]:
    try:
        with contextlib.redirect_stdout(Heard()):
            return [future.result() for future in [executor.submit(_evaluated, f, task) for task in tasks]]
    except (pickle.PicklingError, AttributeError, TypeError, BrokenExecutor) as error:
        raise InputError(
            f"the executor cannot evaluate f: {type(error).__name__}: {error}",
            expected="a function that can be pickled, for an executor of processes",
            hint="define f at the top level of a module, or use a ThreadPoolExecutor",
        ) from error


def _evaluated(f: Any, inputs: list[Any]) -> Array | None:
    """Return f's value; None where it fails. This runs in the executor."""
    try:
        return real("f", guarded("f", f, [copied(a) for a in inputs], None))
    except Failed:
        return None


def _number(found: Array | None, cotangent: Array | None) -> float:
    if found is None:
        return float("nan")
    return float(np.sum(found if cotangent is None else found * cotangent))
