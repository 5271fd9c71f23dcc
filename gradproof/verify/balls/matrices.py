"""Products of matrices of numbers by flint's own: one for the values, one for all directions together."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradproof.verify.balls.number import Number
from gradproof.verify.balls.trace import BudgetedTrace

Array = np.ndarray[Any, np.dtype[Any]]
_ZERO = arb(0)


def matrix_product(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return a @ b for object arrays of numbers of rank 2; d(a b) = da b + a db."""
    first, second = values(a), values(b)
    product = (first * second).entries()
    count = max(directions(a), directions(b))
    slopes = [None] * len(product) if not count else _slopes(a, b, first, second, count)
    return _array([Number(v, trace, s) for v, s in zip(product, slopes, strict=True)], (a.shape[0], b.shape[1]))


def _array(entries: list[Any], shape: tuple[int, ...]) -> Array:
    return np.fromiter(entries, dtype=object, count=len(entries)).reshape(shape)


def values(x: Array) -> arb_mat:
    """Return the matrix of values."""
    return arb_mat(*x.shape, [e.value for e in x.reshape(-1).tolist()])


def directions(x: Array) -> int:
    """Return how many directions the entries' slopes go along; 0 where none has any."""
    return next((e.slope.ncols() for e in x.reshape(-1).tolist() if e.slope is not None), 0)


def _slopes(a: Array, b: Array, first: arb_mat, second: arb_mat, count: int) -> list[arb_mat]:
    """Return the row of derivatives of each entry of the product."""
    from_b = _left_times(first, _stacked(b, count), count) if directions(b) else None
    if not directions(a):
        return from_b or []
    turned = _left_times(second.transpose(), _stacked(a.T, count), count)
    rows, columns = a.shape[0], b.shape[1]
    from_a = [turned[j * rows + i] for i in range(rows) for j in range(columns)]
    return from_a if from_b is None else [p + q for p, q in zip(from_a, from_b, strict=True)]


def _stacked(x: Array, count: int) -> arb_mat:
    """Return the slopes of a matrix [k, n] as one matrix [k, n * count]."""
    nothing = [_ZERO] * count
    flat: list[arb] = []
    for e in x.reshape(-1).tolist():
        flat += nothing if e.slope is None else e.slope.entries()
    return arb_mat(x.shape[0], x.shape[1] * count, flat)


def _left_times(matrix: arb_mat, stacked: arb_mat, count: int) -> list[arb_mat]:
    found = (matrix * stacked).entries()
    return [arb_mat(1, count, found[k : k + count]) for k in range(0, len(found), count)]


def with_slopes(found: list[arb], sources: Array, trace: BudgetedTrace) -> Array:
    """Return numbers with these values and the slopes of others: for a function whose two parts are computed apart."""
    flat = sources.reshape(-1).tolist()
    return _array([Number(v, trace, e.slope) for v, e in zip(found, flat, strict=True)], sources.shape)
