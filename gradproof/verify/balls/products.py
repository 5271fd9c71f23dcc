"""matmul, dot, tensordot and their like over object arrays of numbers; all end in products of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradproof.verify.balls.matrices import matrix_product
from gradproof.verify.balls.trace import BudgetedTrace
from gradproof.verify.balls.traced import Array, lift

#: flint multiplies whole matrices some twenty times faster than Python adds up entries.
_FASTER = 20


def matmul(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return a @ b, with stacks of matrices in the leading axes.

    Raises:
        ValueError: the shapes do not fit together, or one has rank 0.
    """
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("matmul: an operand has rank 0, and at least 1 is wanted")
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"matmul: shapes {a.shape} and {b.shape} do not fit together")
    found = _stacks(left, right, trace)
    if a.ndim == 1:
        found = found[..., 0, :]
    return found[..., 0] if b.ndim == 1 else found


def _stacks(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
    shared = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    trace.spend(math.prod(shared) * (m * k * n // _FASTER + m * k + k * n + m * n))
    out = np.empty((*shared, m, n), dtype=object)
    if 0 in (m, k, n):
        out[...] = lift(0, trace)
        return out
    if k == 1:
        return np.asarray(np.frompyfunc(lambda x, y: x * y, 2, 1)(a, b), dtype=object)
    left, right = np.broadcast_to(a, (*shared, m, k)), np.broadcast_to(b, (*shared, k, n))
    for place in np.ndindex(shared):
        out[place] = matrix_product(left[place], right[place], trace)
    return out


def vecdot(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return sum over the last axis of a * b."""
    return matmul(a[..., None, :], b[..., :, None], trace)[..., 0, 0]


def dot(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return np.dot: the last axis of a against the last but one of b, all others side by side."""
    if a.ndim == 0 or b.ndim == 0:
        trace.spend(a.size * b.size)
        return np.asarray(np.frompyfunc(lambda x, y: x * y, 2, 1)(a, b), dtype=object)
    return tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]), trace)


def inner(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return np.inner: the last axes against each other."""
    if a.ndim == 0 or b.ndim == 0:
        return dot(a, b, trace)
    return tensordot(a, b, ([a.ndim - 1], [b.ndim - 1]), trace)


def vdot(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return np.vdot: both flattened."""
    return matmul(a.reshape(-1), b.reshape(-1), trace)


def tensordot(a: Array, b: Array, axes: Any, trace: BudgetedTrace) -> Array:
    """Return np.tensordot: the sum over pairs of axes.

    Raises:
        ValueError: paired axes have different lengths.
    """
    first, second = _pairs(axes, a.ndim, b.ndim)
    if [a.shape[i] for i in first] != [b.shape[j] for j in second]:
        raise ValueError(f"tensordot: shapes {a.shape} and {b.shape} do not fit together along {axes}")
    rest_a = [i for i in range(a.ndim) if i not in first]
    rest_b = [j for j in range(b.ndim) if j not in second]
    length = math.prod(a.shape[i] for i in first)
    left = a.transpose([*rest_a, *first]).reshape(math.prod(a.shape[i] for i in rest_a), length)
    right = b.transpose([*second, *rest_b]).reshape(length, math.prod(b.shape[j] for j in rest_b))
    return matmul(left, right, trace).reshape([a.shape[i] for i in rest_a] + [b.shape[j] for j in rest_b])


def _pairs(axes: Any, rank_a: int, rank_b: int) -> tuple[list[int], list[int]]:
    if isinstance(axes, int | np.integer):
        return list(range(rank_a - int(axes), rank_a)), list(range(int(axes)))
    first, second = ([x] if isinstance(x, int | np.integer) else list(x) for x in axes)
    return [int(i) % rank_a for i in first], [int(j) % rank_b for j in second]
