"""The probabilities of a softmax over another axis than f's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.factors import close
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.sizes import sizes
from gradproof.verify.diagnosis.study import Point, Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: claimed - right is c times softmax(x) over one axis less softmax(x) over another; c is 1 or a size."""
    shape = study.here.true[k].shape
    known = [1.0, *(float(n) ** e for n in sizes(study.case) for e in (1, -1))]
    for wrong, right in permutations([j for j, n in enumerate(shape) if n > 1], 2):
        text = f"the gradient of {{of}} has the softmax over axis {wrong}, where f has it over axis {right}"

        def say(c: float, text: str = text) -> tuple[str, str] | None:
            return ("broadcast", text) if any(close(abs(c), n) for n in known) else None

        yield Hypothesis(k, say, base=lambda p: p.true[k], direction=_apart(study, k, wrong, right), least=3)


def _apart(study: Study, k: int, wrong: int, right: int) -> Model:
    def model(p: Point) -> Array:
        x = study.input(p, k)
        return softmax(x, wrong) - softmax(x, right)

    return model


def softmax(x: Array, axis: int) -> Array:
    """Return exp(x) over its sum along the axis."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(e / np.sum(e, axis=axis, keepdims=True))
