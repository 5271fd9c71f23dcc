"""The upstream gradient of an array-valued f: ignored, not linear, J v for Jᵀ v, only the diagonal of J."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis, exactly
from gradproof.verify.diagnosis.study import Point, Study

#: Up to so many entries the diagonal of the Jacobian is measured, one difference of f each.
_MOST_ENTRIES = 64
#: A step, relative to the input: a central difference is good to its square.
_STEP = 1e-5


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the cotangent is ignored or multiplied in twice; J v; the diagonal of J times v."""
    case = study.case
    cotangent = case.cotangent
    if cotangent is None or not np.any(study.here.claimed[k]):
        return
    if case.pullback is not None:
        yield from _dependence(study, k, np.asarray(cotangent))
    if case.value is None or np.shape(cotangent) != study.here.true[k].shape:
        return
    text = "the gradient of {of} is J v, not Jᵀ v: the Jacobian's transpose is missing"
    yield times(study, k, "adjoint", text, lambda p: _along(study, p, k, np.asarray(p.cotangent)))
    if study.here.true[k].size <= _MOST_ENTRIES:
        text = "the gradient of {of} uses only the diagonal of the Jacobian: its other entries are missing"
        yield times(study, k, "diagonal", text, lambda p: _diagonal(study, p, k) * np.asarray(p.cotangent))


def _dependence(study: Study, k: int, cotangent: Array) -> Iterator[Hypothesis]:
    """Yield what the claim's answer to another cotangent says: it must be linear in it."""
    claimed = study.here.claimed[k]
    other = cotangent * np.random.default_rng(study.case.seed).uniform(0.5, 1.5, cotangent.shape)
    again, double = _pulled(study, k, other), _pulled(study, k, 2 * cotangent)
    if again is None or double is None:
        return
    if _same(again, claimed) and _same(double, claimed):
        text = "the gradient of {of} does not depend on the upstream gradient, which is ignored"
        yield exactly(k, "cotangent", text, lambda p: p.claimed[k])
    elif _same(double, 4 * claimed):
        text = "the gradient of {of} is quadratic in the upstream gradient, which is multiplied in twice"
        yield exactly(k, "cotangent", text, lambda p: p.claimed[k])


def _pulled(study: Study, k: int, cotangent: Array) -> Array | None:
    case = study.case
    try:
        return np.asarray(case.pullback(case.inputs, cotangent)[k], dtype=np.float64)  # type: ignore[misc]
    except Exception:  # noqa: BLE001  (the user's code may do anything with a cotangent that they did not choose)
        return None


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-10, atol=1e-12 * float(np.max(np.abs(b), initial=0))))


def _along(study: Study, p: Point, k: int, direction: Array) -> Array:
    """Return the derivative of f's value along a direction in input k, by a central difference."""
    x = study.input(p, k)
    step = _STEP * (float(np.max(np.abs(x), initial=0.0)) or 1.0) / (float(np.max(np.abs(direction))) or 1.0)
    sides = [_value(study, p, k, x + s * step * direction) for s in (1, -1)]
    return np.asarray((sides[0] - sides[1]) / (2 * step))


def _diagonal(study: Study, p: Point, k: int) -> Array:
    x = study.input(p, k)
    out = np.empty(x.size)
    for i in range(x.size):
        unit = np.zeros(x.size)
        unit[i] = 1.0
        out[i] = _along(study, p, k, unit.reshape(x.shape)).reshape(-1)[i]
    return out.reshape(x.shape)


def _value(study: Study, p: Point, k: int, x: Array) -> Array:
    moved: list[Any] = list(p.inputs)
    moved[study.case.wrt[k]] = x
    return np.asarray(study.case.value(moved), dtype=np.float64)  # type: ignore[misc]
