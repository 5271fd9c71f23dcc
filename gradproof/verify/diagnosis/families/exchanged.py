"""The gradient of another input: two exchanged, or one given twice."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model, exactly
from gradproof.verify.diagnosis.study import Point, Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the gradient of k is that of another input of the same shape."""
    here = study.here
    for other in study.wrong:
        if other != k and here.true[other].shape == here.true[k].shape:
            names = sorted((study.name(k), study.name(other)))
            text = f"the gradients of `{names[0]}` and `{names[1]}` are exchanged"
            yield exactly(k, "swapped", text, _both(k, other))
    for other in range(len(here.true)):
        if other != k and here.true[other].shape == here.true[k].shape:
            text = f"the gradient given for {{of}} is that of `{study.name(other)}`"
            yield exactly(k, "swapped", text, _of(other))


def _of(other: int) -> Model:
    return lambda p: p.true[other]


def _both(k: int, other: int) -> Model:
    """Return the other's gradient where the other's claim is about k's in return."""

    def model(p: Point) -> Array | None:
        first, back = p.true[k], p.claimed[other]
        size = float(abs(first).max(initial=0.0))
        return p.true[other] if float(abs(first - back).max(initial=0.0)) <= 1e-5 * size else None

    return model
