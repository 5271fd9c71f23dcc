"""One case in balls, beside differences in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.verify.balls.exactly import exact_gradient, exact_slopes
from gradproof.verify.calls import Problem

from .case import Case

_STEP = 1e-5


def problem_of(case: Case, gradient: Any = None) -> Problem:
    """Return what is judged; without a gradient, every floating input is differentiated."""
    inputs = [np.array(x) for x in case.inputs]
    floats = [k for k, x in enumerate(inputs) if x.dtype.kind == "f"]
    returned = () if gradient is None else gradient(*[x.copy() for x in inputs])
    count = len(returned) if isinstance(returned, tuple | dict) else 1
    return Problem(case.f, gradient or (lambda *a: a), inputs, wrt=floats[:count] if gradient else floats)


def exact(case: Case, gradient: Any = None) -> tuple[list[Any], float]:
    """Return the derivatives in balls, one for each entry, and the value; with a gradient, its claims."""
    problem = problem_of(case, gradient)
    cotangent = np.ones(np.shape(problem.value(problem.inputs)))
    found = exact_slopes(problem, problem.inputs, cotangent, None)
    assert not found.events, found.events
    if gradient is None:
        return found.rows, found.value
    claims = exact_gradient(problem, problem.inputs, None)
    return [c for g in claims for c in g.reshape(-1).tolist()], found.value


def measured(case: Case) -> list[tuple[float, float]]:
    """Return for each entry a central difference of fourth order, and how far it may be off."""
    problem = Problem(case.f, lambda *a: a, list(case.inputs))

    def value(k: int, place: Any, step: float) -> float:
        moved = [a.copy() if isinstance(a, np.ndarray) else a for a in problem.inputs]
        moved[k][place] += step
        return float(np.sum(problem.value(moved)))

    out = []
    size = abs(float(np.sum(problem.value(problem.inputs))))
    for k in problem.wrt:
        for place in np.ndindex(problem.inputs[k].shape):
            h = _STEP * max(1.0, abs(float(problem.inputs[k][place])))
            near = (value(k, place, h) - value(k, place, -h)) / (2 * h)
            wide = (value(k, place, 2 * h) - value(k, place, -2 * h)) / (4 * h)
            out.append(((4 * near - wide) / 3, 1e-7 * (abs(near) + 1e-2) + 1e-15 * size / h * 4 + abs(near - wide)))
    return out
