"""An input used twice, of which one use is missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.hypothesis import Hypothesis, exactly
from gradproof.verify.diagnosis.study import Point, Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the right gradient is G + Gᵀ (or (G + Gᵀ)/2), and G was given."""
    shape = study.here.true[k].shape
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] < 2:
        return
    pairs = study.here.true[k].size // 2
    text = "the right gradient of {of} is G + Gᵀ, and G was given: one of two uses of {of} is missing"
    yield _halves(k, "shared", text, 1.0, pairs)
    text = "the right gradient of {of} is (G + Gᵀ)/2, and G was given: {of} is symmetric in f"
    yield _halves(k, "shared", text, 0.5, pairs)
    text = "the right gradient of {of} is G - Gᵀ, and G was given: one of two uses of {of} is missing"
    yield _halves(k, "shared", text, -1.0, pairs)


def _halves(k: int, kind: str, text: str, factor: float, pairs: int) -> Hypothesis:
    def model(p: Point) -> Array:
        g = p.claimed[k]
        both = abs(factor) * (g + np.sign(factor) * np.swapaxes(g, -1, -2))
        return np.asarray(g - (both - p.true[k]))

    hypothesis = exactly(k, kind, text, model)
    return Hypothesis(k, hypothesis.say, base=model, fitted=pairs)
