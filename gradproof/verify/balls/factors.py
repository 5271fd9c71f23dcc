"""np.linalg's decompositions for arrays of the user's kind, by what `decompositions` computes."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from gradproof.verify.balls import decompositions
from gradproof.verify.balls.linear import restacked
from gradproof.verify.balls.products import matmul
from gradproof.verify.balls.traced import lifted, trace_of, traced


class _Eigh(NamedTuple):
    eigenvalues: Any
    eigenvectors: Any


class _Svd(NamedTuple):
    U: Any
    S: Any
    Vh: Any


class _Qr(NamedTuple):
    Q: Any
    R: Any


def _stacked(function: Callable[..., Any], a: Any) -> tuple[Any, ...]:
    """Return the parts of the decompositions of a stack of matrices, each part stacked again."""
    trace = trace_of([a])
    array = lifted(a, trace)
    if array.ndim < 2:
        raise np.linalg.LinAlgError(f"{array.ndim}-dimensional array given. Array must be at least two-dimensional")
    lead = array.shape[:-2]
    found = [function(array[place], trace) for place in np.ndindex(lead)]
    parts = zip(*found, strict=True)
    return tuple(traced(part[0] if not lead else restacked(list(part), lead), trace) for part in parts)


def _symmetric(a: Any, half: str) -> Any:
    array = lifted(a, trace_of([a]))
    return decompositions.lower_half(array if half.upper() == "L" else np.swapaxes(array, -1, -2))


def _eigh(a: Any, UPLO: str = "L") -> Any:
    return _Eigh(*_stacked(decompositions.eigh, _symmetric(a, UPLO)))


def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return _eigh(a, UPLO).eigenvalues


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    rows, columns = np.shape(a)[-2:]
    if hermitian or (full_matrices and compute_uv and rows != columns):
        trace_of([a]).refuse("np.linalg.svd with full_matrices=True of a matrix that is not square, or hermitian=True")
    found = _Svd(*_stacked(decompositions.svd, a))
    return found if compute_uv else found.S


def singular_values(a: Any, axes: tuple[int, int]) -> Any:
    """Return the singular values of the matrices in two axes, in the last axis."""
    return _svd(np.moveaxis(a, axes, (-2, -1)), compute_uv=False)


def _qr(a: Any, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "r") and np.shape(a)[-2] != np.shape(a)[-1]:
        trace_of([a]).refuse(f"np.linalg.qr with mode={mode!r}")
    found = _Qr(*_stacked(decompositions.qr, a))
    return found.R if mode == "r" else found


def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:  # noqa: ARG001  # full rank is asked for below
    trace = trace_of([a, b])
    left, right = lifted(a, trace), lifted(b, trace)
    columns = right if right.ndim == 2 else right[:, None]
    found = decompositions.least_squares(left, columns, trace)
    apart = columns - matmul(left, found, trace)
    tall = left.shape[0] > left.shape[1]
    rest = traced(np.sum(apart * apart, axis=0), trace) if tall else np.empty((0,))
    solution = traced(found if right.ndim == 2 else found[:, 0], trace)
    return solution, rest, min(left.shape), singular_values(traced(left, trace), (0, 1))


def _pinv(a: Any, *_: Any, **__: Any) -> Any:
    return _stacked(lambda m, trace: (decompositions.pseudo_inverse(m, trace),), a)[0]


def _cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        sizes = _svd(x, compute_uv=False)
        found = sizes[..., 0] / sizes[..., -1]
        return 1 / found if p == -2 else found
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, axis=(-2, -1))


def _polyfit(x: Any, y: Any, deg: int, *_: Any, **options: Any) -> Any:
    if any(options.get(name) for name in ("full", "cov", "w")):
        trace_of([x, y]).refuse("np.polyfit with weights, full=True or cov=True")
    return _lstsq(np.vander(x, deg + 1), y)[0]


FACTORS: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {
        np.linalg.eigh: _eigh,
        np.linalg.eigvalsh: _eigvalsh,
        np.linalg.svd: _svd,
        np.linalg.qr: _qr,
        np.linalg.lstsq: _lstsq,
        np.linalg.pinv: _pinv,
        np.linalg.cond: _cond,
        np.polyfit: _polyfit,
    }
)
