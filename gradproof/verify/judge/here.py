"""A point with what was computed there: the value, the claimed gradient, and how far that is rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.calls import Array, Failed, Problem
from gradproof.verify.precision import EPS, eps_of

#: Entries of a gradient whose digits are looked at.
_LOOKED = 1000
SINGLE = "the gradient has the digits of float32 alone, though f and the inputs are float64"


@dataclass(frozen=True)
class Here:
    """A point with what was computed there.

    Attributes:
        inputs: the point.
        cotangent: for an array-valued f.
        value: f there (sum(cotangent * f)).
        gradients: claimed, for each of `wrt`.
        rounding: estimated rounding of each claimed entry: its change when the inputs move by an ulp.
    """

    inputs: list[Any]
    cotangent: Array | None
    value: float
    gradients: list[Array]
    rounding: list[Array]

    @property
    def largest(self) -> float:
        return max((float(np.max(np.abs(g), initial=0.0, where=np.isfinite(g))) for g in self.gradients), default=0.0)


def objective(problem: Problem, inputs: Sequence[Any], cotangent: Array | None) -> float:
    """Return f, or sum(cotangent * f); NaN where f fails."""
    try:
        found = problem.value(inputs)
    except Failed:
        return float("nan")
    return float(np.sum(found if cotangent is None else found * cotangent))


def _is_coarse(problem: Problem, gradients: list[Array]) -> bool:
    """Was a gradient that is returned in float64 computed in less, of an f in float64?"""
    if problem.eps > EPS or problem.value_eps > EPS or problem.is_single:
        return False
    return eps_of(np.concatenate([g.reshape(-1)[:_LOOKED] for g in gradients])) > EPS


def rounding_of(
    problem: Problem,
    inputs: list[Any],
    cotangent: Array | None,
    gradients: list[Array],
    rng: np.random.Generator,
    *,
    samples: int = 3,
    ulps: int = 2,
) -> list[Array]:
    """Return how much each claimed entry moves when every input moves by an ulp or two: its own rounding.

    The ulp is that of the type in which the gradient is returned, which is rounded once more.
    """
    moved = [np.zeros(g.shape) for g in gradients]
    coarse = problem.eps > EPS
    for _ in range(samples):
        near = list(inputs)
        for k in problem.wrt:
            near[k] = _jogged(inputs[k], ulps * problem.eps, rng)
        try:
            problem.value(near)
            again = problem.gradient(near, cotangent)
        except Failed:
            return moved
        for m, g, h in zip(moved, gradients, again, strict=True):
            if isinstance(h, np.ndarray) and h.shape == g.shape:
                _widen(m, g, h)
    if _is_coarse(problem, gradients):
        # Its jumps are of the type that it was computed in, while f and the inputs are better than that.
        problem.notes[SINGLE] = None
        return [4 * EPS * np.abs(g) for g in gradients]
    # A gradient that jumps between neighbouring floats (a kink) has not that much rounding.
    cap = max(1e-7, 1e3 * problem.eps) * max((float(np.max(np.abs(g), initial=0.0)) for g in gradients), default=0.0)
    for m, g in zip(moved, gradients, strict=True):
        np.copyto(m, 0.0, where=m > cap)
        if coarse:
            np.add(m, problem.eps * np.abs(g), out=m)
        np.multiply(m, 4, out=m)
    return moved


def _widen(moved: Array, gradient: Array, again: Array) -> None:
    """Take |again - gradient| into `moved` where it is more; in place, for large inputs. `again` is used up."""
    with np.errstate(invalid="ignore"):  # inf - inf
        np.subtract(again, gradient, out=again)
    np.abs(again, out=again)
    np.maximum(moved, np.nan_to_num(again, copy=False), out=moved)


def _jogged(x: Array, share: float, rng: np.random.Generator) -> Array:
    """Return every entry a little greater or less, by that share of it."""
    moved = np.where(rng.integers(0, 2, x.shape, dtype=np.int8), 1 + share, 1 - share)
    moved *= x
    return moved
