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


def given_away(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: f does not depend on one of two inputs, and it is given a part of the other's gradient."""
    for other in study.wrong:
        pair = [j for j in (k, other) if j in study.mute]
        if other == k or len(pair) != 1 or study.here.true[other].shape != study.here.true[k].shape:
            continue
        mute, rich = (study.name(j) for j in (pair[0], k if pair[0] == other else other))
        text = f"a term of the gradient of `{rich}` stands in that of `{mute}`, on which f does not depend"
        yield exactly(k, "term", text, _rest(k, other))


def _rest(k: int, other: int) -> Model:
    """Return what makes the sum of the two claims the sum of the two gradients."""
    return lambda p: p.true[k] + p.true[other] - p.claimed[other]


def _of(other: int) -> Model:
    return lambda p: p.true[other]


def _both(k: int, other: int) -> Model:
    """Return the other's gradient where the other's claim is about k's in return."""

    def model(p: Point) -> Array | None:
        first, back = p.true[k], p.claimed[other]
        size = float(abs(first).max(initial=0.0))
        return p.true[other] if float(abs(first - back).max(initial=0.0)) <= 1e-5 * size else None

    return model
