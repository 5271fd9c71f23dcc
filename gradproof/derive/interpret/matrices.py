"""What a whole matrix gives: the solution of a linear system, and the logarithm of its determinant.

Over floats by LAPACK; over other numbers by elimination with the largest pivot, so that balls stay balls. A singular
matrix gives NaN (its log-determinant -inf over floats): nothing finite, and so nothing that a check could accept.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from gradproof.derive.interpret.edges import still_met
from gradproof.derive.interpret.fields import Array, boxed
from gradproof.derive.interpret.scope import Scope
from gradproof.derive.nodes import Reduce
from gradproof.errors import InputError


def reduced(e: Reduce, scope: Scope) -> Array:
    """Return the value of a reduction "solve" or "logdet"."""
    from gradproof.derive.interpret.evaluate import integer, value

    lengths = tuple(int(integer(n, scope)) for n in e.sizes)
    inner = scope.within(e.binders, lengths).watched()
    split = len(lengths) - (len(e.body.slots) if e.op == "solve" else 1)
    rows, columns = prod(lengths[:split]), prod(lengths[split:])
    if rows != columns:
        raise InputError(f"a matrix of {rows} rows and {columns} columns", expected="as many rows as columns")
    matrix = _flat(value(e.body.matrix if e.op == "solve" else e.body, inner), lengths, (rows, columns), scope)
    if e.op == "logdet":
        found = np.asarray(_log_determinant(matrix))
    else:
        first = lengths[:split] + (1,) * (len(lengths) - split)
        right = _flat(value(e.body.right, inner), first, (rows,), scope)
        places = [integer(s, scope) for s in e.body.slots]
        found = _entries(_solve(matrix, right), places, lengths[split:])
    mask = np.ones(lengths + (1,) * scope.depth, dtype=bool)
    scope.edges.extend(still_met(inner.edges, mask))
    return found


def _flat(array: Array, bound: tuple[int, ...], shape: tuple[int, ...], scope: Scope) -> Array:
    """Return an array over (bound indices, indices in scope) with the bound ones behind, in this shape."""
    full = np.broadcast_to(array, np.broadcast_shapes(array.shape, bound + (1,) * scope.depth))
    outer = full.shape[len(bound) :]
    return np.moveaxis(full.reshape(prod(bound), *outer), 0, -1).reshape(*outer, *shape)


def _entries(solution: Array, slots: list[Array], lengths: tuple[int, ...]) -> Array:
    """Return the entry of each solution at the slots."""
    place = np.asarray(0)
    for slot, n in zip(slots, lengths, strict=True):
        place = place * n + slot
    outer = np.broadcast_shapes(solution.shape[:-1], place.shape)
    everywhere = np.broadcast_to(solution, (*outer, solution.shape[-1]))
    return np.take_along_axis(everywhere, np.broadcast_to(place, outer)[..., None], -1)[..., 0]


def _solve(matrix: Array, right: Array) -> Array:
    """Return x with matrix x = right, [..., n]."""
    outer = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-1])
    n = right.shape[-1]
    pairs = np.broadcast_to(matrix, (*outer, n, n)), np.broadcast_to(right, (*outer, n))
    out = np.empty((*outer, n), dtype=pairs[0].dtype)
    for place in np.ndindex(outer):
        out[place] = _solve_one(pairs[0][place], pairs[1][place])
    return out


def _solve_one(matrix: Array, right: Array) -> Array:
    if matrix.dtype != object:
        try:
            return np.asarray(np.linalg.solve(matrix, right))
        except np.linalg.LinAlgError:
            return np.full(right.shape, np.nan)
    upper, _ = _eliminated(np.concatenate([matrix, right[:, None]], axis=1))
    n = len(right)
    x = np.empty(n, dtype=object)
    for i in reversed(range(n)):
        rest = upper[i, n]
        for j in range(i + 1, n):
            rest = rest - upper[i, j] * x[j]
        x[i] = rest / upper[i, i]
    return x


def _log_determinant(matrix: Array) -> Array:
    """Return log|det matrix|, [...]."""
    if matrix.dtype != object:
        return np.asarray(np.linalg.slogdet(matrix)[1])
    out = np.empty(matrix.shape[:-2], dtype=object)
    for place in np.ndindex(out.shape):
        _, pivots = _eliminated(matrix[place])
        logs = [(-p if p.value < 0 else p).apply("log") for p in pivots]
        out[place] = sum(logs[1:], start=logs[0])
    return boxed(out)


def _eliminated(rows: Array) -> tuple[Array, list[Any]]:
    """Return the rows in triangular form, and the pivots; the determinant is their product, up to its sign."""
    work = rows.copy()
    n = len(work)
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(float(work[i, k].value.mid())))
        work[[k, best]] = work[[best, k]]
        for i in range(k + 1, n):
            factor = work[i, k] / work[k, k]
            for j in range(k + 1, work.shape[1]):
                work[i, j] = work[i, j] - factor * work[k, j]
    return work, [work[k, k] for k in range(n)]
