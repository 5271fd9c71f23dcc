"""Products of matrices of dual balls, by flint's own matrix product: one for the values, two for each direction."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradproof.derive.interpret.ball import Ball, Trace

Array = np.ndarray[Any, np.dtype[Any]]
_ZERO = arb(0)


def matrix_product(a: Array, b: Array, trace: Trace) -> Any:
    """Return a @ b for object arrays of balls of rank 1 or 2; d(a b) = da b + a db."""
    left, right = np.atleast_2d(a), b if b.ndim == 2 else b[:, None]
    if left.shape[1] != right.shape[0]:
        raise ValueError(f"matmul: shapes {a.shape} and {b.shape} do not fit together")
    shape = (left.shape[0], right.shape[1])
    first, second = _matrix(left), _matrix(right)
    slopes = _slopes(left, right, first, second)
    slopes = [None] * (shape[0] * shape[1]) if slopes is None else slopes
    entries = [Ball(v, trace, s) for v, s in zip((first * second).entries(), slopes, strict=True)]
    out = np.fromiter(entries, dtype=object, count=len(entries))
    kept = tuple(n for n, x in zip(shape, (a.ndim, b.ndim), strict=True) if x == 2)
    return out.reshape(kept)


def _matrix(x: Array) -> arb_mat:
    return arb_mat(*x.shape, [e.value for e in x.reshape(-1).tolist()])


def _slopes(a: Array, b: Array, first: arb_mat, second: arb_mat) -> list[arb_mat | None] | None:
    """Return the row of derivatives of each entry of the product; None where there is no direction."""
    da, db = _directions(a), _directions(b)
    count = max(len(da), len(db))
    if count == 0:
        return None
    columns = []
    for j in range(count):
        parts = ([da[j] * second] if da else []) + ([first * db[j]] if db else [])
        columns.append((parts[0] if len(parts) == 1 else parts[0] + parts[1]).entries())
    return [arb_mat(1, count, list(row)) for row in zip(*columns, strict=True)]


def _directions(x: Array) -> list[arb_mat]:
    """Return the matrix of derivatives for each direction; [] where no entry has any."""
    rows = [None if e.slope is None else e.slope.entries() for e in x.reshape(-1).tolist()]
    count = next((len(r) for r in rows if r is not None), 0)
    return [arb_mat(*x.shape, [_ZERO if r is None else r[j] for r in rows]) for j in range(count)]
