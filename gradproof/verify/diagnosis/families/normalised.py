"""Terms that couple the entries of a row: the mean and the variance of a normalisation, a softmax's sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.study import Point, Study

Row = Callable[[Array, int], Array]


def _ones(x: Array, axis: int) -> Array:  # noqa: ARG001  (one of the rows' makers)
    return np.ones_like(x)


def _centred(x: Array, axis: int) -> Array:
    return np.asarray(x - np.mean(x, axis=axis, keepdims=True))


def _softmax(x: Array, axis: int) -> Array:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(e / np.sum(e, axis=axis, keepdims=True))


def _itself(x: Array, axis: int) -> Array:  # noqa: ARG001  (one of the rows' makers)
    return x


#: What the error is a multiple of in each row, and what that says. Errors of two are tried together at the end.
_ROWS: tuple[tuple[str, str, tuple[Row, ...]], ...] = (
    ("mean-term", "the error is one number in each {row}: the term of the mean is missing or wrong", (_ones,)),
    (
        "variance-term",
        "the error is, in each {row}, a multiple of x - mean(x): the term of the variance is missing or wrong",
        (_centred,),
    ),
    (
        "term",
        "the error is, in each {row}, a multiple of softmax(x): the term -p·Σ p·v is missing or wrong",
        (_softmax,),
    ),
    ("term", "the error is, in each {row}, a multiple of x: the term of the norm is missing or wrong", (_itself,)),
    (
        "variance-term",
        "the error is, in each {row}, a + b·x: the terms of the mean and the variance are missing or wrong",
        (_ones, _centred),
    ),
)


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield, for each axis and for the whole array, what the error is a multiple of."""
    shape = study.here.true[k].shape
    for kind, words, rows in _ROWS:
        for axis in (*range(len(shape) - 1, -1, -1), None):
            length = study.here.true[k].size if axis is None else shape[axis]
            if length < 2 + len(rows) or (axis is None and len(shape) == 1):
                continue
            count = study.here.true[k].size // length
            row = _word(axis, len(shape))
            text = f"the gradient of {{of}}: {words.format(row=row)}"
            model = _with_rows(study, k, axis, rows)
            yield Hypothesis(k, lambda _, c=kind, t=text: (c, t), base=model, fitted=count * len(rows))  # type: ignore[misc]


def _word(axis: int | None, rank: int) -> str:
    if axis is None or rank == 1:
        return "array" if axis is None else "vector"
    return ("column", "row")[axis] if rank == 2 else f"line of axis {axis}"


def _with_rows(study: Study, k: int, axis: int | None, rows: Sequence[Row]) -> Model:
    """Return true + the projection of the error on what the rows span, row by row."""

    def model(p: Point) -> Array:
        true, x = p.true[k], study.input(p, k)
        shape = true.shape
        if axis is None:
            true, x = true.reshape(1, -1), x.reshape(1, -1)
        last = true.ndim - 1 if axis is None else axis
        left = p.claimed[k].reshape(true.shape) - true
        added = np.zeros_like(true)
        for row in rows:  # 1 and x - mean(x) are orthogonal
            v = row(x, last)
            square = np.sum(v * v, axis=last, keepdims=True)
            added += v * np.sum(left * v, axis=last, keepdims=True) / np.where(square == 0, 1, square)
        return np.asarray((true + added).reshape(shape))

    return model
