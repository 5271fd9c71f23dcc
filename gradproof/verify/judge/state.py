"""Calls in other orders: a gradient that is another when it is called again, and a vjp that is not linear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from gradproof.verify.calls import Array, Failed, Problem
from gradproof.verify.judge.here import Here
from gradproof.verify.precision import eps_of
from gradproof.verify.report import Finding

#: Threads add up in any order: what differs by less, relative to the largest entry, is that.
_REPEATS = 1e-9
#: A linear map keeps sums to this share of the terms, however it rounds; float32 to its own rounding.
_LINEAR = 1e-9
#: Sums of two cotangents that are tried: ordinary ones, large ones (a clipped cotangent shows) and small ones.
_SUMS = ((2.0, -3.0), (64.0, -96.0), (0.0009765625, 0.0009765625))
#: Entries of a gradient whose digits are looked at.
_LOOKED = 1000


def repeated(problem: Problem, here: Here, *, deterministic: bool) -> Here | None:
    """Return the point with the gradient of a second call, if it is another than that of the first.

    Raises:
        Failed: the gradient is another at every call: nothing can be said about it.
    """
    if not deterministic:
        return None
    gradients = [here.gradients]
    for _ in range(3):
        problem.value(here.inputs)
        gradients.append(problem.gradient(here.inputs, here.cotangent))
        if len(gradients) == 2 and not _differ(problem, gradients[0], gradients[1]):
            return None
    if _differ(problem, gradients[1], gradients[2]) and not _grows_evenly(problem, gradients):
        raise Failed("the gradient returns something else at every call with the same inputs")
    return _with(here, gradients[1])


def remembered(problem: Problem, here: Here) -> Here | None:
    """Return the point with the gradient that comes after f was called elsewhere, if it is another than before."""
    try:
        problem.value(here.inputs)
        first = problem.gradient(here.inputs, here.cotangent)
        problem.value([a * 1.5 if k in problem.wrt else a for k, a in enumerate(here.inputs)])
        problem.value(here.inputs)
        again = problem.gradient(here.inputs, here.cotangent)
    except Failed:
        return None
    return _with(here, again) if _differ(problem, first, again) else None


def is_linear(problem: Problem, here: Here, rng: np.random.Generator) -> Finding | None:
    """Return what shows that the vjp is not linear in the cotangent; None if nothing does."""
    assert here.cotangent is not None
    other = rng.standard_normal(here.cotangent.shape) * np.where(here.cotangent == 0, 1.0, np.abs(here.cotangent))
    try:
        second = _called(problem, here, other)
        for p, q in _SUMS:
            found = _not_added(problem, here, (p, q), second, _called(problem, here, p * here.cotangent + q * other))
            if found is not None:
                return found
    except Failed:
        pass
    return None


def _not_added(
    problem: Problem, here: Here, factors: tuple[float, float], second: list[Any], both: list[Any]
) -> Finding | None:
    """Return the worst entry at which vjp(pa + qb) is not p vjp(a) + q vjp(b)."""
    p, q = factors
    room = max(_LINEAR, 64 * max(problem.eps, _shown([*here.gradients, *second, *both])))
    for k, a, rounding, b, c in zip(problem.wrt, here.gradients, here.rounding, second, both, strict=True):
        if not all(isinstance(g, np.ndarray) and g.shape == a.shape for g in (b, c)):
            return None
        expected, terms = p * a + q * b, np.abs(p * a) + np.abs(q * b)
        off = np.abs(c - expected) - room * float(np.max(terms, initial=0.0)) - 16 * np.abs(p) * rounding
        if np.any(off > 0):
            place = np.unravel_index(int(np.argmax(off)), a.shape)
            text = f"the vjp is not linear in the cotangent: vjp({p:g} a + {q:g} b) is not {p:g} vjp(a) + {q:g} vjp(b)"
            index = tuple(int(i) for i in place)
            return Finding(problem.names[k], index, float(c[place]), float(expected[place]), 0.0, text)
    return None


def _shown(gradients: Sequence[Any]) -> float:
    """Return the unit of roundoff that the digits of gradients show."""
    return eps_of(np.concatenate([np.reshape(g, -1)[:_LOOKED] for g in gradients if isinstance(g, np.ndarray)]))


def _called(problem: Problem, here: Here, cotangent: Array) -> list[Any]:
    problem.value(here.inputs)
    return problem.gradient(here.inputs, cotangent)


def _with(here: Here, gradients: Sequence[Any]) -> Here:
    return replace(here, gradients=list(gradients))


def _differ(problem: Problem, first: Sequence[Any], second: Sequence[Any]) -> bool:
    largest = max((float(np.max(np.abs(g), initial=0.0)) for g in first if isinstance(g, np.ndarray)), default=0.0)
    room = max(_REPEATS, 4 * problem.eps) * largest
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if isinstance(a, np.ndarray)]
    return any(not isinstance(b, np.ndarray) or a.shape != b.shape or _is_far(a, b, room) for a, b in pairs)


def _is_far(a: Array, b: Array, room: float) -> bool:
    """Do two arrays differ by more than the room anywhere? Equal infinities, and no number twice, do not."""
    a, b = a.reshape(-1), b.reshape(-1)
    with np.errstate(invalid="ignore"):
        away = np.subtract(a, b)
    np.abs(away, out=away)
    far = np.nonzero(~(away <= room))
    return not np.array_equal(a[far], b[far], equal_nan=True)


def _grows_evenly(problem: Problem, gradients: Sequence[Sequence[Any]]) -> bool:
    """Does each call add the same (a sum that is never reset)?"""
    steps = [[b - a for a, b in zip(p, q, strict=True)] for p, q in pairwise(gradients[1:])]
    return not _differ(problem, steps[0], steps[1])
