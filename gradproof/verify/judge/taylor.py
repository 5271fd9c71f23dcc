"""The Taylor remainder along a random direction: it falls as h**2 for a right gradient, as h for a wrong one."""

from __future__ import annotations

import math

import numpy as np

from gradproof.verify.calls import Problem
from gradproof.verify.judge.here import Here, objective
from gradproof.verify.judge.steps import typical
from gradproof.verify.meter import Spent
from gradproof.verify.report import Remainder

#: Steps as shares of the inputs' scale: 0.1 and a third of it each time.
_FIRST, _RATIO, _STEPS = 0.1, 3.0, 13


def remainders(problem: Problem, here: Here, seed: int) -> tuple[Remainder, ...]:
    """Return |f(x + h d) - f(x)| and |f(x + h d) - f(x) - h g.d| for a falling h; () where they cannot be had."""
    rng = np.random.default_rng([seed, 29])
    directions = {}
    slope = 0.0
    for k, g in zip(problem.wrt, here.gradients, strict=True):
        x = np.asarray(here.inputs[k])
        directions[k] = typical(x) * rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape)
        slope += float(np.sum(g * directions[k]))
    found = []
    for j in range(_STEPS) if math.isfinite(slope) else ():
        h = _FIRST / _RATIO**j
        moved = [a + h * directions[k] if k in directions else a for k, a in enumerate(here.inputs)]
        try:
            change = objective(problem, moved, here.cotangent) - here.value
        except Spent:
            return ()
        if math.isfinite(change):
            found.append(Remainder(h, abs(change), abs(change - h * slope)))
    return tuple(found)
