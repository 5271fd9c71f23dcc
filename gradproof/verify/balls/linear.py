"""np.linalg over object arrays of numbers: values by flint's matrices, slopes by the rules of matrix calculus."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from flint import arb_mat

from gradproof.verify.balls.matrices import values, with_slopes
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.products import matmul
from gradproof.verify.balls.trace import BudgetedTrace
from gradproof.verify.balls.traced import Array, filled, lift

#: flint's linear algebra against operations of Python's.
_FASTER = 10


def stacked(single: Callable[..., Any], arrays: list[Array], trace: BudgetedTrace) -> Any:
    """Return the function of single matrices for stacks of them; results of the same shapes are stacked again."""
    if arrays[0].ndim < 2 or arrays[0].shape[-1] != arrays[0].shape[-2]:
        raise np.linalg.LinAlgError(
            f"Last 2 dimensions of the array must be square: it has the shape {arrays[0].shape}"
        )
    lead = np.broadcast_shapes(*[a.shape[:-2] for a in arrays])
    for a in arrays:
        trace.spend(a.size * arrays[0].shape[-1] // _FASTER + a.size)
    full = [np.broadcast_to(a, lead + a.shape[-2:]) for a in arrays]
    if not lead:
        return single(*full, trace)
    found = [single(*[a[place] for a in full], trace) for place in np.ndindex(lead)]
    if isinstance(found[0], tuple):
        return tuple(restacked(list(parts), lead) for parts in zip(*found, strict=True))
    return restacked(found, lead)


def restacked(parts: list[Any], lead: tuple[int, ...]) -> Array:
    """Return the results for single matrices as one array again."""
    array = np.stack([np.asarray(p, dtype=object) for p in parts])
    return array.reshape(lead + array.shape[1:])


def _inverse_values(a: Array, trace: BudgetedTrace) -> Array:
    """Return the inverse as constants.

    Raises:
        LinAlgError: the matrix is singular, or too near to it to tell.
    """
    try:
        found = values(a).inv()
    except ZeroDivisionError:
        raise np.linalg.LinAlgError("Singular matrix") from None
    return _constants(found, a.shape, trace)


def _constants(matrix: arb_mat, shape: tuple[int, ...], trace: BudgetedTrace) -> Array:
    entries = [Number(v, trace) for v in matrix.entries()]
    return np.fromiter(entries, dtype=object, count=len(entries)).reshape(shape)


def inv(a: Array, trace: BudgetedTrace) -> Array:
    """Return A^-1; d(A^-1) = -A^-1 dA A^-1."""
    b = _inverse_values(a, trace)
    turned = matmul(matmul(-b, a, trace), b, trace)
    return with_slopes([e.value for e in b.reshape(-1).tolist()], turned, trace)


def solve(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return A^-1 B; d(A^-1 B) = A^-1 (dB - dA A^-1 B)."""
    inverse = _inverse_values(a, trace)
    found = values(a).solve(values(b))
    fixed = _constants(found, b.shape, trace)
    slopes = matmul(inverse, b - matmul(a, fixed, trace), trace)
    return with_slopes(found.entries(), slopes, trace)


def det(a: Array, trace: BudgetedTrace) -> Any:
    """Return det A; d det A = det A . tr(A^-1 dA)."""
    value = values(a).det()
    if all(e.slope is None for e in a.reshape(-1).tolist()):
        return Number(value, trace)
    trace_ = _trace_of_product(_inverse_values(a, trace), a, trace)
    return Number(value, trace, None if trace_.slope is None else trace_.slope * value)


def slogdet(a: Array, trace: BudgetedTrace) -> tuple[Any, Any]:
    """Return (sign, log |det A|); d log |det A| = tr(A^-1 dA)."""
    value = values(a).det()
    if not (value > 0 or value < 0):
        raise np.linalg.LinAlgError("Singular matrix")
    slope = _trace_of_product(_inverse_values(a, trace), a, trace).slope
    return lift(1 if value > 0 else -1, trace), Number(abs(value).log(), trace, slope)


def _trace_of_product(a: Array, b: Array, trace: BudgetedTrace) -> Number:
    found: Number = matmul(a.reshape(1, -1), b.T.reshape(-1, 1), trace)[0, 0]
    return found


def cholesky(a: Array, trace: BudgetedTrace) -> Array:
    """Return the lower triangular L with A = L L^T, of the lower half of A alone, as NumPy does.

    Raises:
        LinAlgError: the matrix is not positive definite.
    """
    n = a.shape[0]
    trace.spend(n**3 // 3)
    out = filled((n, n), lift(0, trace))
    for j in range(n):
        pivot = reduce(lambda s, k: s - out[j, k] * out[j, k], range(j), a[j, j])
        if not pivot.value > 0:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
        out[j, j] = pivot.apply("sqrt")
        for i in range(j + 1, n):
            out[i, j] = _below(out, a, i, j) / out[j, j]
    return out


def _below(out: Array, a: Array, i: int, j: int) -> Number:
    return reduce(lambda s, k: s - out[i, k] * out[j, k], range(j), a[i, j])


def matrix_power(a: Array, exponent: int, trace: BudgetedTrace) -> Array:
    """Return A @ A @ ... of so many factors; a negative exponent inverts first."""
    if exponent < 0:
        return matrix_power(stacked(inv, [a], trace), -exponent, trace)
    if exponent == 0:
        one = np.where(np.eye(a.shape[-1], dtype=bool), lift(1, trace), lift(0, trace))
        return np.broadcast_to(one, a.shape).copy()
    half = matrix_power(a, exponent // 2, trace) if exponent > 1 else None
    square = None if half is None else matmul(half, half, trace)
    if square is None:
        return a
    return matmul(square, a, trace) if exponent % 2 else square


def norm(x: Any, order: Any = None, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return np.linalg.norm of an array of the user's kind; orders by singular values are the caller's.

    Raises:
        ValueError: there is no such order.
    """
    if axis is None and (order is None or (order == "fro" and x.ndim == 2) or (order == 2 and x.ndim == 1)):
        return _shaped(np.sqrt(np.sum(x * x)), x.ndim, keepdims=keepdims)
    if axis is None:
        axis = tuple(range(x.ndim))
    axes = tuple(int(a) % x.ndim for a in axis) if isinstance(axis, tuple | list) else (int(axis) % x.ndim,)
    if len(axes) == 1:
        return _vector_norm(x, order, axes[0], keepdims=keepdims)
    if order in (None, "fro", "f"):
        return np.sqrt(np.sum(x * x, axis=axes, keepdims=keepdims))
    row, column = axes
    best = np.max if order in (1, np.inf) else np.min
    along, across = (row, column) if abs(order) == 1 else (column, row)
    found = best(np.sum(np.abs(x), axis=along, keepdims=True), axis=across, keepdims=True)
    return found if keepdims else np.squeeze(found, axis=axes)


def _shaped(number: Any, rank: int, *, keepdims: bool) -> Any:
    return np.reshape(number, (1,) * rank) if keepdims else number


def _vector_norm(x: Any, order: Any, axis: int, *, keepdims: bool) -> Any:
    if order in (None, 2):
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    size = np.abs(x)
    if order == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if order == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if order == 0:
        return np.sum(x != 0, axis=axis, keepdims=keepdims)
    if order == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    if isinstance(order, str):
        raise ValueError(  # noqa: TRY004  # what NumPy raises
            f"Invalid norm order '{order}' for vectors"
        )
    return np.sum(size**order, axis=axis, keepdims=keepdims) ** (1 / arb_exact(order))


def arb_exact(order: Any) -> Any:
    """Return the order as what 1/order is exact for."""
    from fractions import Fraction

    return Fraction(order)


def is_by_singular_values(x: Any, order: Any, axis: Any) -> bool:
    """Is a norm one of singular values: 2, -2 or "nuc" of a matrix?"""
    rank = len(axis) if isinstance(axis, tuple | list) else 1 if axis is not None else x.ndim
    return rank == 2 and order in (2, -2, "nuc")
