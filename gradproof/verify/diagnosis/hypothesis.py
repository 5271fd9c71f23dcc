"""A hypothesis about a claim, and its trial: `claim = base + c * direction`, one c at all points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.study import Point, Study

#: What is claimed at a point; NaN where it says nothing, None where it does not apply.
Model = Callable[[Point], Array | None]
#: What is left of the error where a hypothesis is taken as the explanation.
_LEFT = 1e-3
#: A true gradient that is known so well is compared entry by entry.
_EXACT = 1e-11
#: Numbers that must agree beyond those that were fitted.
_EVIDENCE = 2


@dataclass(frozen=True)
class Hypothesis:
    """What was claimed, as a function of the point.

    Attributes:
        input: position in `wrt`.
        say: the kind and the text, given the fitted c, "{of}" in it for the input; None where no c like it explains.
        base: the part that is fixed; None: 0.
        direction: what c multiplies; None: nothing is fitted.
        fitted: numbers that the model takes from the claim itself at each point (a factor for each row, ...).
        known: entries elsewhere that are known to be right and speak for it: of a description of a place.
        least: entries that it must change at the given point; where it changes one, any number fits.
    """

    input: int
    say: Callable[[float], tuple[str, str] | None]
    base: Model | None = None
    direction: Model | None = None
    fitted: int = 0
    known: int = 0
    least: int = 1


def exactly(k: int, kind: str, text: str, model: Model) -> Hypothesis:
    """Return the hypothesis that the claim is this, with no number left open."""
    return Hypothesis(k, lambda _: (kind, text), base=model)


@dataclass(frozen=True, slots=True)
class Explained:
    """A hypothesis that holds: kind and text ("{of}" in it for the input), and the share of the error."""

    input: int
    kind: str
    text: str
    share: float


def tried(study: Study, h: Hypothesis) -> Explained | None:
    """Return the explanation if the hypothesis holds at the given point and at all further ones, with one c."""
    c = _fitted(study.here, h)
    if c is None:
        return None
    share, evidence = _explained(study, study.here, h, c)
    if share < 1 - _LEFT or evidence < min(h.least, study.here.true[h.input].size):
        return None
    said = h.say(c)
    if said is None:
        return None
    for point in study.further:
        there, more = _explained(study, point, h, c)
        if there < 1 - 10 * _LEFT:
            return None
        evidence += more
    free = h.fitted * (1 + len(study.further)) + (h.direction is not None)
    if evidence + h.known - free < _EVIDENCE:
        return None
    kind, text = said
    return Explained(h.input, kind, text, share)


def _fitted(point: Point, h: Hypothesis) -> float | None:
    """Return c by least squares; 1 where there is none to fit, None where the model does not apply."""
    if h.direction is None:
        return 1.0
    base, direction = _at(h.base, point), _at(h.direction, point)
    if direction is None or (h.base is not None and base is None):
        return None
    claimed, true = point.claimed[h.input], point.true[h.input]
    if direction.shape != claimed.shape:
        return None
    known = np.isfinite(true) & np.isfinite(direction)
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
    # What a model says nothing about (NaN) stays unexplained.
    return explained(study, point, k, np.where(np.isfinite(found), found, point.true[k]))


def explained(study: Study, point: Point, k: int, found: Array) -> tuple[float, int]:
    """Return the share of input k's error that a predicted claim explains, and the entries that speak for it."""
    noise = 3 * study.noise(point, k)
    claimed, true = point.claimed[k], point.true[k]
    known = np.isfinite(true)
    if not np.any(known):
        return 0.0, 0
    error, left = _norm((claimed - true)[known]), _norm((claimed - found)[known])
    if error <= noise:
        return (1.0 if left <= 2 * noise else 0.0), 0
    # Of a claim much smaller than the error the model must tell the digits too.
    smaller = min(error, _norm(claimed[known]) or error)
    share = 1 - max(0.0, left - noise) / smaller
    if study.accuracy[k] <= _EXACT and not _entry_by_entry(claimed[known], true[known], found[known]):
        return 0.0, 0
    apart = np.abs(found - np.where(known, true, found)) > max(noise, 1e-3 * error / max(1.0, found.size**0.5))
    return max(share, 0.0), int(np.sum(apart))


def _entry_by_entry(claimed: Array, true: Array, found: Array) -> bool:
    """Is each entry's error explained, those of small entries too? A norm sees the largest alone."""
    floor = 1e-11 * float(np.max(np.abs(true), initial=0.0)) + 1e-11 * float(np.max(np.abs(claimed), initial=0.0))
    return bool(np.all(np.abs(claimed - found) <= 0.01 * np.abs(found - true) + 0.01 * np.abs(claimed - true) + floor))


def _norm(a: Array) -> float:
    largest = float(np.max(np.abs(a), initial=0.0))
    return largest * float(np.sqrt(np.sum((a / largest) ** 2))) if 0 < largest < np.inf else largest
