"""Factors that vary along an axis: an input that is a factor, or one factor for each row or column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.study import Point, Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: another input is a factor too many or too few; a factor for each index of one axis; u_i v_j."""
    shape = study.here.true[k].shape
    for place, name in enumerate(study.case.names[: len(study.case.inputs)]):
        yield from _by_input(study, k, place, name)
    if len(shape) < 2:
        return
    for axis, n in enumerate(shape):
        if n > 1 and study.here.true[k].size // n > 1:
            what = "row" if axis == 0 else "column" if axis == 1 and len(shape) == 2 else f"index of axis {axis}"
            text = (
                f"the gradient of {{of}} is off by one factor for each {what}: a weight, scale or gate of each {what}"
            )
            yield Hypothesis(k, lambda _, t=text: ("axis-factor", t), base=_per_index(k, axis), fitted=n)  # type: ignore[misc]


def _by_input(study: Study, k: int, place: int, name: str) -> Iterator[Hypothesis]:
    a = study.case.inputs[place]
    if not isinstance(a, np.ndarray | float | int) or np.asarray(a).dtype.kind not in "fiu":
        return
    shape = study.here.true[k].shape
    array = np.asarray(a, dtype=np.float64)
    if np.all(array == 1) or (array.ndim and array.size == 1):
        return
    for axis in _fits(array.shape, shape):
        for power, text in (
            (-1.0, f"the factor `{name}` is missing in the gradient of {{of}}"),
            (1.0, f"the factor `{name}` is multiplied into the gradient of {{of}} once too often"),
            (-2.0, f"`{name}` divides the gradient of {{of}}, where it should be a factor"),
            (2.0, f"`{name}` is a factor of the gradient of {{of}}, where it should divide it"),
        ):
            yield times(study, k, "term-factor", text, _times(study, k, place, axis, power))


def _fits(part: tuple[int, ...], whole: tuple[int, ...]) -> list[int | None]:
    """Return the axes along which an array of one axis can lie; None: it is a number, or has the same shape."""
    if part in ((), whole):
        return [None]
    return [axis for axis, n in enumerate(whole) if part == (n,) and len(whole) > 1]


def _times(study: Study, k: int, place: int, axis: int | None, power: float) -> Model:
    def model(p: Point) -> Array | None:
        factor = np.asarray(p.inputs[place], dtype=np.float64)
        if axis is not None:
            factor = factor.reshape([-1 if j == axis else 1 for j in range(p.true[k].ndim)])
        usual = factor != 0
        raised = np.where(usual, np.abs(np.where(usual, factor, 1.0)) ** power * np.sign(factor) ** (power % 2), np.nan)
        return np.asarray(p.true[k] * (raised if power < 0 else factor**power))

    del study
    return model


def _per_index(k: int, axis: int) -> Model:
    """Return the true gradient with, for each index along the axis, the factor that fits the claim best."""

    def model(p: Point) -> Array:
        true, claimed = p.true[k], p.claimed[k]
        others = tuple(j for j in range(true.ndim) if j != axis)
        square = np.sum(true * true, axis=others, keepdims=True)
        return np.asarray(true * np.sum(claimed * true, axis=others, keepdims=True) / np.where(square == 0, 1, square))

    return model
