"""An elementwise factor of the input: the derivative of an activation missing, doubled, or another one's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.activations import CONFUSED, SLOPES, Elementwise
from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.study import Point, Study

#: Entries of the input that are tried: a table of pairs is long.
_LEAST = 3
#: Of large arrays the pairs are not tried.
_MOST_FOR_PAIRS = 20_000


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: q(x) is missing; it is multiplied in twice; p(x) stands for q(x)."""
    x = study.input(study.here, k)
    if x.size < _LEAST and not study.further:
        return
    for name, slope in SLOPES.items():
        text = f"the derivative of {name} is missing in the gradient of {{of}}"
        yield times(study, k, "activation", text, _ratio(study, k, None, slope))
    for name, slope in SLOPES.items():
        text = f"the derivative of {name} is multiplied into the gradient of {{of}} once too often"
        yield times(study, k, "activation", text, _ratio(study, k, slope, None))
    for words, name, taken in CONFUSED:
        text = f"the gradient of {{of}} has {words}, for the derivative of {name}"
        yield times(study, k, "activation", text, _ratio(study, k, taken, SLOPES[name]))
    if x.size > _MOST_FOR_PAIRS:
        return
    for name, slope in SLOPES.items():
        for other, taken in SLOPES.items():
            if other != name:
                text = f"the gradient of {{of}} has the derivative of {other}, for that of {name}"
                yield times(study, k, "activation", text, _ratio(study, k, taken, slope))


def _ratio(study: Study, k: int, p: Elementwise | None, q: Elementwise | None) -> Model:
    """Return the true gradient times p(x)/q(x); where q(x) is 0, it says nothing: NaN."""

    def model(point: Point) -> Array | None:
        x = study.input(point, k)
        above = p(x) if p is not None else 1.0
        below = q(x) if q is not None else np.ones_like(x)
        usual = np.abs(below) > 1e-12 * float(np.max(np.abs(below), initial=0.0))
        found = np.where(usual, point.true[k] * above / np.where(usual, below, 1.0), np.nan)
        return found if np.any(usual) else None

    return model
