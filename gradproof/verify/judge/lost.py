"""A gradient whose algorithm is right, and whose floats are not: what was lost between the two."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.here import SINGLE, Here
from gradproof.verify.judge.standing import badness
from gradproof.verify.precision import EPS
from gradproof.verify.report import Finding

_BROKEN = "right in exact arithmetic, but no finite number in floats"
_COARSE = "right in exact arithmetic, but computed in float32: half of the digits are lost"
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
        note = (
            "" if np.any(broken) else "right in exact arithmetic, but computed in float32: half of the digits are lost"
        )
        note = note or "right in exact arithmetic, but no finite number in floats"
        for place in np.argwhere(broken | coarse)[:_MOST]:
            index = tuple(int(i) for i in place)
            found.append(Finding(problem.names[k], index, float(g[index]), float(e[index]), 0.0, note))
        if not found:
            _note_digits(problem, problem.names[k], error, e)
    return tuple(sorted(found, key=badness))


def _note_digits(problem: Problem, name: str, error: Array, exact: Array) -> None:
    largest = float(np.max(np.abs(exact), initial=0.0))
    worst = float(np.max(error, initial=0.0))
    if largest > 0 and worst > 10**_MANY * EPS * largest and problem.eps <= EPS:
        kept = max(0, math.floor(-math.log10(worst / largest)))
        problem.notes[f"the gradient of {name} keeps {kept} digits in float64 (of 16): it cancels somewhere"] = None
