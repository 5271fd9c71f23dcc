"""Sums over axes: missing, over the wrong axis, too many, cumulative the wrong way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.study import Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: a sum over an axis too much; a running sum; the wrong part of another input's gradient."""
    shape = study.here.true[k].shape
    for axis, n in enumerate(shape):
        if n > 1:
            yield from _along(study, k, axis, len(shape))
    if len(shape) > 1:
        text = "the gradient of {of} is summed over all entries, and every entry is given the sum"
        yield times(study, k, "sum", text, lambda p: np.full(shape, np.sum(p.true[k])))
    for other in range(len(study.here.true)):
        if other != k and study.here.true[other].ndim > len(shape):
            yield from _of_another(study, k, other)


def _along(study: Study, k: int, axis: int, rank: int) -> Iterator[Hypothesis]:
    along = "" if rank == 1 else f" along axis {axis}"
    summed = f"the gradient of {{of}} is summed{along}, and every entry is given the sum"
    yield times(study, k, "sum", summed, lambda p: np.sum(p.true[k], axis=axis, keepdims=True) + 0 * p.true[k])
    forward, backward = f"a running sum{along} too much", f"a running sum{along} is missing"
    for text, change in (
        (f"the gradient of {{of}} has {forward}", _cumulative),
        (f"the gradient of {{of}} has {forward} from the end", _from_the_end),
        (f"in the gradient of {{of}} {backward}", _differences),
        (f"in the gradient of {{of}} {backward} from the end", _differences_from_the_end),
        (
            f"in the gradient of {{of}} the running sum{along} starts at the wrong end",
            lambda a, x: _cumulative(_differences_from_the_end(a, x), x),
        ),
        (
            f"in the gradient of {{of}} the running sum{along} starts at the wrong end",
            lambda a, x: _from_the_end(_differences(a, x), x),
        ),
        (f"in the gradient of {{of}} {backward} from the end: it is reversed instead", _reversed_differences),
        (f"in the gradient of {{of}} {backward}: it is reversed instead", _reversed_differences_from_the_end),
    ):
        yield times(study, k, "sum", text, _changed(k, axis, change))


def _changed(k: int, axis: int, change: Callable[[Array, int], Array]) -> Model:
    return lambda p: change(p.true[k], axis)


def _cumulative(a: Array, axis: int) -> Array:
    return np.asarray(np.cumsum(a, axis=axis))


def _from_the_end(a: Array, axis: int) -> Array:
    return np.flip(np.cumsum(np.flip(a, axis), axis=axis), axis)


def _differences(a: Array, axis: int) -> Array:
    return np.diff(a, axis=axis, prepend=0.0)


def _differences_from_the_end(a: Array, axis: int) -> Array:
    return np.flip(np.diff(np.flip(a, axis), axis=axis, prepend=0.0), axis)


def _reversed_differences(a: Array, axis: int) -> Array:
    return np.flip(_differences_from_the_end(a, axis), axis)


def _reversed_differences_from_the_end(a: Array, axis: int) -> Array:
    return np.flip(_differences(a, axis), axis)


def _of_another(study: Study, k: int, other: int) -> Iterator[Hypothesis]:
    """Yield: k's gradient is a part of another's: of one row only, or summed over other axes than it should be."""
    shape, whole, name = study.here.true[k].shape, study.here.true[other].shape, study.name(other)
    for axes in combinations(range(len(whole)), len(whole) - len(shape)):
        if tuple(n for j, n in enumerate(whole) if j not in axes) != shape:
            continue
        over = f"axis {axes[0]}" if len(axes) == 1 else f"the axes {', '.join(map(str, axes))}"
        text = f"the gradient of {{of}} is that of `{name}` summed over {over}: the wrong axis"
        yield times(study, k, "broadcast", text, lambda p, axes=axes: np.sum(p.true[other], axis=axes))  # type: ignore[misc]
        for end, words in ((0, "first"), (-1, "last")):
            text = f"the gradient of {{of}} is of the {words} row alone: the sum over {over} of `{name}` is missing"
            yield times(study, k, "broadcast", text, _end(other, axes, end))


def _end(other: int, axes: tuple[int, ...], end: int) -> Model:
    def model(p: Array) -> Array:
        found = p.true[other]  # type: ignore[attr-defined]
        for axis in reversed(axes):
            found = np.take(found, end, axis=axis)
        return np.asarray(found)

    return model  # type: ignore[return-value]
