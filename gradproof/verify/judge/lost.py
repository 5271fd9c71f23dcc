"""A gradient whose algorithm is right, and whose floats are not: what was lost between the two."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gradproof.verify.balls.reach import interpreted
from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.here import SINGLE, Here
from gradproof.verify.judge.standing import badness
from gradproof.verify.precision import EPS
from gradproof.verify.report import Finding

_BROKEN = "right in exact arithmetic, but no finite number in floats"
_COARSE = "right in exact arithmetic, but computed in float32: half of the digits are lost"
_COMPILED = "right as its Python source says, and another number as numba compiled it"
#: What the compiled code may be off by: so many times the gradient's rounding, and a share of the largest entry.
_BEYOND, _NOTICED = 1000.0, 1e-4
_MOST = 12
#: Digits of the largest entry that may be lost to float64's rounding before it is worth saying.
_MANY = 4.0


def lost_in_floats(problem: Problem, here: Here, exact: Sequence[Array], rtol: float = 0.0) -> tuple[Finding, ...]:
    """Return entries that are right in balls and wrong in floats, worst first: no number, or float32's digits.

    Digits that float64 loses by itself are noted, and are no mistake.
    """
    found: list[Finding] = []
    for k, g, e in zip(problem.wrt, here.gradients, exact, strict=False):
        with np.errstate(invalid="ignore"):
            error = np.abs(g - e)
        broken = ~np.isfinite(g) & np.isfinite(e)
        coarse = error > max(16 * EPS, rtol) * np.abs(e) if SINGLE in problem.notes else np.zeros(g.shape, dtype=bool)
        note = _BROKEN if np.any(broken) else _COARSE
        for place in np.argwhere(broken | coarse)[:_MOST]:
            index = tuple(int(i) for i in place)
            found.append(Finding(problem.names[k], index, float(g[index]), float(e[index]), 0.0, note))
        if _is_compiled(problem) and not found:
            found += _of_compiled(problem.names[k], g, e, error > _far(here, k, problem, e))
        if not found:
            _note_digits(problem, problem.names[k], error, e)
    return tuple(sorted(found, key=badness))


def _of_compiled(name: str, g: Array, e: Array, bad: Array) -> list[Finding]:
    places = [tuple(int(i) for i in place) for place in np.argwhere(bad)[:_MOST]]
    return [Finding(name, place, float(g[place]), float(e[place]), 0.0, _COMPILED) for place in places]


def _far(here: Here, k: int, problem: Problem, exact: Array) -> Array:
    """Return what no rounding of the compiled gradient explains."""
    rounding = here.rounding[problem.wrt.index(k)]
    return np.asarray(_BEYOND * rounding + _NOTICED * float(np.max(np.abs(exact), initial=0.0)))


def _is_compiled(problem: Problem) -> bool:
    """Has numba compiled the gradient, so that what ran in balls is the source and not the machine's code?"""
    for function in (problem.grad, problem.vjp):
        behind = getattr(function, "__wrapped__", function)
        if function is not None and (interpreted(function) is not function or interpreted(behind) is not behind):
            return True
    return False


def severity_of(lost: Sequence[Finding]) -> str:
    """Return how bad it is."""
    return "overflow" if any(f.note == _BROKEN for f in lost) else "digits lost"


def _note_digits(problem: Problem, name: str, error: Array, exact: Array) -> None:
    largest = float(np.max(np.abs(exact), initial=0.0))
    worst = float(np.max(error, initial=0.0))
    if largest > 0 and worst > 10**_MANY * EPS * largest and problem.eps <= EPS:
        kept = max(0, math.floor(-math.log10(worst / largest)))
        problem.notes[f"the gradient of {name} keeps {kept} digits in float64 (of 16): it cancels somewhere"] = None
