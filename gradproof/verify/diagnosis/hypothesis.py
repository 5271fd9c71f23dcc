"""A hypothesis about a claim, and its trial: `claim = base + c * direction`, one c at all points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradproof.verify.diagnosis.case import Array, Cause
from gradproof.verify.diagnosis.study import Point, Study

Model = Callable[[Point], Array | None]
#: What is left of the error where a hypothesis is taken as the explanation.
_LEFT = 1e-3
#: Numbers that must agree beyond those that were fitted.
_EVIDENCE = 2


@dataclass(frozen=True)
class Hypothesis:
    """What was claimed, as a function of the point.

    Attributes:
        input: position in `wrt`.
        say: the kind and the text, given the fitted c; None where such a c is no explanation.
        base: the part that is fixed; None: 0.
        direction: what c multiplies; None: nothing is fitted.
        fitted: numbers that were fitted before (a table of factors, ...).
    """

    input: int
    say: Callable[[float], tuple[str, str] | None]
    base: Model | None = None
    direction: Model | None = None
    fitted: int = 0


def exactly(k: int, kind: str, text: str, model: Model) -> Hypothesis:
    """Return the hypothesis that the claim is this, with no number left open."""
    return Hypothesis(k, lambda _: (kind, text), base=model)


def tried(study: Study, h: Hypothesis) -> Cause | None:
    """Return the cause if it explains the claim at the given point and at all further ones, with one c."""
    c = _fitted(study.here, h)
    if c is None:
        return None
    share, evidence = _explained(study, study.here, h, c)
    if share < 1 - _LEFT:
        return None
    said = h.say(c)
    if said is None:
        return None
    for point in study.further:
        there, more = _explained(study, point, h, c)
        if there < 1 - 10 * _LEFT:
            return None
        evidence += more
    if evidence - h.fitted - (h.direction is not None) < _EVIDENCE:
        return None
    kind, text = said
    return Cause(text, share, kind, study.name(h.input))


def _fitted(point: Point, h: Hypothesis) -> float | None:
    """Return c by least squares; 1 where there is none to fit, None where the model does not apply."""
    if h.direction is None:
        return 1.0
    base, direction = _at(h.base, point), _at(h.direction, point)
    if direction is None or (h.base is not None and base is None):
        return None
    claimed = point.claimed[h.input]
    if direction.shape != claimed.shape or not np.all(np.isfinite(direction[np.isfinite(point.true[h.input])])):
        return None
    known = np.isfinite(point.true[h.input])
    rest = claimed[known] - (base[known] if base is not None else 0.0)
    along = direction[known]
    largest = float(np.max(np.abs(along), initial=0.0))
    if not largest:
        return None
    along = along / largest
    return float(np.sum(rest * along) / np.sum(along * along)) / largest


def _at(model: Model | None, point: Point) -> Array | None:
    if model is None:
        return None
    with np.errstate(all="ignore"):
        return model(point)


def predicted(point: Point, h: Hypothesis, c: float) -> Array | None:
    """Return the claim as the hypothesis has it; None where it says nothing."""
    base, direction = _at(h.base, point), _at(h.direction, point)
    if (h.base is not None and base is None) or (h.direction is not None and direction is None):
        return None
    parts = [base if base is not None else 0.0, c * direction if direction is not None else 0.0]
    return np.asarray(parts[0] + parts[1])


def _explained(study: Study, point: Point, h: Hypothesis, c: float) -> tuple[float, int]:
    """Return the share of the error that is explained, and how many entries speak for it."""
    found = predicted(point, h, c)
    k = h.input
    if found is None or found.shape != point.claimed[k].shape:
        return 0.0, 0
    known = np.isfinite(point.true[k])
    found = np.where(known, found, point.claimed[k])
    if not np.all(np.isfinite(found)):
        return 0.0, 0
    return explained(study, point, k, found)


def explained(study: Study, point: Point, k: int, found: Array) -> tuple[float, int]:
    """Return the share of input k's error that a predicted claim explains, and the entries that speak for it."""
    noise = 3 * study.noise(point, k)
    claimed, true = point.claimed[k], point.true[k]
    known = np.isfinite(true)
    error, left = _norm((claimed - true)[known]), _norm((claimed - found)[known])
    if error <= noise:
        return (1.0 if left <= 2 * noise else 0.0), 0
    share = 1 - max(0.0, left - noise) / error
    apart = np.abs(found - np.where(known, true, found)) > max(noise, 1e-3 * error / max(1.0, found.size**0.5))
    return max(share, 0.0), int(np.sum(apart))


def _norm(a: Array) -> float:
    largest = float(np.max(np.abs(a), initial=0.0))
    return largest * float(np.sqrt(np.sum((a / largest) ** 2))) if 0 < largest < np.inf else largest
