"""NumPy's products and np.linalg for arrays of the user's kind: `products`, `contraction` and `linear` compute them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from gradproof.verify.balls import linear, products
from gradproof.verify.balls.contraction import einsum
from gradproof.verify.balls.factors import singular_values
from gradproof.verify.balls.traced import array_of, lifted, stored, trace_of, traced


def _product(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a product of two arrays as NumPy's function of that name."""

    def product(a: Any, b: Any, out: Any = None) -> Any:
        trace = trace_of([a, b])
        found = function(lifted(a, trace), lifted(b, trace), trace)
        return stored(traced(found, trace), out)

    return product


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    trace = trace_of([a, b])
    return traced(products.tensordot(lifted(a, trace), lifted(b, trace), axes, trace), trace)


def _einsum(*operands: Any, out: Any = None, **_: Any) -> Any:
    trace = trace_of(operands)
    if isinstance(operands[0], str):
        subscripts, arrays = operands[0], list(operands[1:])
    else:
        subscripts, arrays = _written_out(operands)
    return stored(traced(einsum(subscripts, [lifted(a, trace) for a in arrays], trace), trace), out)


def _written_out(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return subscripts for operands given as array, axes, array, axes, ..., result."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = len(operands) // 2
    terms = [_term(operands[2 * k + 1], letters) for k in range(pairs)]
    result = f"->{_term(operands[-1], letters)}" if len(operands) % 2 else ""
    return ",".join(terms) + result, [operands[2 * k] for k in range(pairs)]


def _term(axes: Any, letters: str) -> str:
    return "".join("..." if a is Ellipsis else letters[a] for a in axes)


# ---------------------------------------------------------------- np.linalg


class _Slogdet(NamedTuple):
    sign: Any
    logabsdet: Any


def _stacked(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any) -> Any:
        trace = trace_of([a])
        return traced(_boxed(linear.stacked(function, [lifted(a, trace)], trace)), trace)

    return call


def _boxed(x: Any) -> Any:
    return x if isinstance(x, np.ndarray) else lifted(x, trace_of([x]))


def _solve(a: Any, b: Any) -> Any:
    trace = trace_of([a, b])
    left, right = lifted(a, trace), lifted(b, trace)
    if right.ndim == 1 or (right.ndim == left.ndim - 1 and np.lib.NumpyVersion(np.__version__) < "2.0.0"):
        return traced(linear.stacked(linear.solve, [left, right[..., None]], trace)[..., 0], trace)
    return traced(linear.stacked(linear.solve, [left, right], trace), trace)


def _slogdet(a: Any) -> Any:
    trace = trace_of([a])
    sign, size = linear.stacked(linear.slogdet, [lifted(a, trace)], trace)
    return _Slogdet(traced(_boxed(sign), trace), traced(_boxed(size), trace))


def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    turned = np.swapaxes(a, -1, -2) if upper else a
    found = _stacked(linear.cholesky)(turned)
    return np.swapaxes(found, -1, -2) if upper else found


def _matrix_power(a: Any, n: int) -> Any:
    trace = trace_of([a])
    return traced(linear.matrix_power(lifted(a, trace), n, trace), trace)


def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    return stored(reduce(np.dot, arrays), out)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    trace = trace_of([x])
    array = array_of(x, trace)
    if linear.is_by_singular_values(array, ord, axis):
        return _by_singular_values(array, ord, axis, bool(keepdims))
    return linear.norm(array, ord, axis, keepdims=bool(keepdims))


def _by_singular_values(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    axes = tuple(a % x.ndim for a in axis) if axis is not None else (0, 1)
    sizes = singular_values(x, axes)
    found = np.sum(sizes, axis=-1) if order == "nuc" else sizes[..., 0 if order == 2 else -1]
    return np.expand_dims(found, axes) if keepdims else found


def _vector_norm(x: Any, /, *, axis: Any = None, ord: Any = 2, keepdims: bool = False) -> Any:  # noqa: A002
    array = array_of(x, trace_of([x]))
    return _norm(array.reshape(-1) if axis is None else array, ord, axis, keepdims)


def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002
    return _norm(x, ord, (-2, -1), keepdims)


def _trace(  # noqa: PLR0917  # NumPy's own order
    a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None
) -> Any:
    found = np.sum(np.diagonal(array_of(a, trace_of([a])), offset, axis1, axis2), axis=-1, dtype=dtype)
    return stored(found, out)


def _outer(a: Any, b: Any, out: Any = None) -> Any:
    trace = trace_of([a, b])
    left, right = array_of(a, trace), array_of(b, trace)
    return stored(np.multiply.outer(left.reshape(-1), right.reshape(-1)), out)


def _kron(a: Any, b: Any) -> Any:
    trace = trace_of([a, b])
    x, y = array_of(a, trace), array_of(b, trace)
    rank = max(x.ndim, y.ndim)
    x, y = (np.reshape(z, (1,) * (rank - z.ndim) + z.shape) for z in (x, y))
    joined = np.multiply.outer(x, y).transpose([k + rank * j for k in range(rank) for j in (0, 1)])
    return joined.reshape([m * n for m, n in zip(x.shape, y.shape, strict=True)])


_OWN: dict[str, Callable[..., Any]] = {
    "vector_norm": _vector_norm,
    "matrix_norm": _matrix_norm,
    "outer": _outer,
    "matmul": np.matmul,
    "tensordot": lambda a, b, *, axes=2: _tensordot(a, b, axes),
    "trace": lambda a, *, offset=0, dtype=None: _trace(a, offset, -2, -1, dtype),
}

ALGEBRA: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {
        np.dot: _product(products.dot),
        np.inner: _product(products.inner),
        np.vdot: _product(products.vdot),
        np.tensordot: _tensordot,
        np.einsum: _einsum,
        np.outer: _outer,
        np.kron: _kron,
        np.trace: _trace,
        np.linalg.inv: _stacked(linear.inv),
        np.linalg.det: _stacked(linear.det),
        np.linalg.slogdet: _slogdet,
        np.linalg.solve: _solve,
        np.linalg.cholesky: _cholesky,
        np.linalg.matrix_power: _matrix_power,
        np.linalg.multi_dot: _multi_dot,
        np.linalg.norm: _norm,
        # Those that NumPy 2 has beside the older ones.
        **{getattr(np.linalg, n): f for n, f in _OWN.items() if hasattr(np.linalg, n)},
    }
)
