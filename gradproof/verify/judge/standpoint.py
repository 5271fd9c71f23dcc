"""A point with the claimed gradient there, or why that cannot be compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.verify.calls import MISSING, Array, Problem
from gradproof.verify.judge.here import Here, objective, rounding_of
from gradproof.verify.judge.outcome import Outcome
from gradproof.verify.report import Finding

#: Outputs further apart in size than this are brought together by their cotangent.
_APART = 1e3


def cotangent_for(value: Array, rng: np.random.Generator) -> Array:
    """Return a random cotangent in which outputs of very different size count alike."""
    drawn = rng.standard_normal(value.shape)
    sizes = np.abs(value)
    loud = sizes[sizes > 0]
    if not loud.size or loud.max() <= _APART * loud.min():
        return np.asarray(drawn)
    usual = float(np.median(loud))
    shares = np.where(sizes > 0, sizes / usual, 1.0)
    far = (shares > _APART) | (shares < 1 / _APART)
    return np.asarray(drawn * np.where(far, np.exp2(-np.round(np.log2(shares))), 1.0))


def standpoint(
    problem: Problem, inputs: list[Any], cotangent: Array | None, rng: np.random.Generator
) -> Here | Outcome:
    """Return a point with its gradients, or why they cannot be compared.

    Raises:
        Failed: f or the gradient failed.
    """
    value = objective(problem, inputs, cotangent)
    gradients = problem.gradient(inputs, cotangent)
    absent = tuple(_absent(problem, k) for k, g in zip(problem.wrt, gradients, strict=True) if g is MISSING)
    if absent:
        return Outcome("wrong", "certified", absent[0].note, absent)
    missing = [k for k, g in zip(problem.wrt, gradients, strict=True) if g is None]
    if missing and (problem.chosen or len(missing) == len(gradients)):
        names = ", ".join(problem.names[k] for k in missing)
        return Outcome("undecided", "", f"no gradient was returned for {names}")
    if missing:
        problem.leave_out(missing)
        names = ", ".join(problem.names[k] for k in missing)
        problem.notes[f"not judged, since their gradient is None: {names}"] = None
        gradients = [g for g in gradients if g is not None]
    misfits = _misfits(problem, inputs, gradients)
    if misfits:
        return Outcome("wrong", "certified", misfits[0].note, misfits)
    rounding = rounding_of(problem, inputs, cotangent, gradients, rng)
    problem.value(inputs)
    return Here(inputs, cotangent, value, gradients, rounding)


def _absent(problem: Problem, k: int) -> Finding:
    name = problem.names[k]
    text = f"the gradient has no entry for {name} (None says that there is none)"
    return Finding(name, (), float("nan"), float("nan"), 0.0, text)


def _misfits(problem: Problem, inputs: list[Any], gradients: list[Any]) -> tuple[Finding, ...]:
    found = []
    for k, g in zip(problem.wrt, gradients, strict=True):
        if g.shape != inputs[k].shape:
            name = problem.names[k]
            text = f"the gradient of {name} has the shape {g.shape}, and {name} has {inputs[k].shape}"
            found.append(Finding(name, (), float("nan"), float("nan"), 0.0, text))
    return tuple(found)
