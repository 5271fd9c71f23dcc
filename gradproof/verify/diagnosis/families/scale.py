"""A constant factor, and the gradient that is zero."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.factors import say_factor
from gradproof.verify.diagnosis.hypothesis import Hypothesis, exactly
from gradproof.verify.diagnosis.sizes import sizes
from gradproof.verify.diagnosis.study import Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the gradient is zero; the gradient is c times the right one."""
    if not np.any(study.here.claimed[k]):
        text = "the gradient of {of} is zero: f depends on {of}, which was taken as a constant"
        yield exactly(k, "detached", text, lambda p: np.zeros_like(p.true[k]))
        return
    known = sizes(study.case)

    def say(c: float) -> tuple[str, str] | None:
        return say_factor(c, known, _tolerance(study, k, c)) if abs(c) > 1e-12 else None

    yield Hypothesis(k, say, direction=lambda p: p.true[k])


def _tolerance(study: Study, k: int, c: float) -> float:
    """A factor near 1 is named by its distance from 1: 1.0001 is not 1."""
    return max(1e-9, min(max(1e-6, study.accuracy[k]), 1e-3 * abs(c - 1), 30 * study.accuracy[k]))
