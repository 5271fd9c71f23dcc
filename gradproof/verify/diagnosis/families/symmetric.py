"""A symmetric matrix: the gradient may stand in one triangle or in both, and a factor is one of their sum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.factors import close, say_factor
from gradproof.verify.diagnosis.hypothesis import Hypothesis
from gradproof.verify.diagnosis.sizes import sizes
from gradproof.verify.diagnosis.study import Point, Study, is_symmetric


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: of a symmetric input, the symmetric part of the gradient is off by a factor."""
    x = study.input(study.here, k)
    if not is_symmetric(x):
        return
    known = sizes(study.case)

    def say(c: float) -> tuple[str, str] | None:
        if close(c, 1) or abs(c) < 1e-12:
            return None
        kind, text = say_factor(c, known)
        return kind, f"{text} (its two triangles taken together: {{of}} is symmetric)"

    def rest(p: Point) -> Array:
        return np.asarray((p.claimed[k] - p.claimed[k].T) / 2)

    n = len(x)
    yield Hypothesis(k, say, rest, lambda p: (p.true[k] + p.true[k].T) / 2, fitted=n * (n - 1) // 2, least=3)
