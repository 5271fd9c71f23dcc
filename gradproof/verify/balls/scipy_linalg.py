"""Functions of `scipy.linalg` over arrays of the user's kind; all of them check dtypes, and none asks its arguments."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.algebra import ALGEBRA
from gradproof.verify.balls.traced import array_of, trace_of, when_of_run

_inv, _det, _solve = ALGEBRA[np.linalg.inv], ALGEBRA[np.linalg.det], ALGEBRA[np.linalg.solve]
_norm, _lower = ALGEBRA[np.linalg.norm], ALGEBRA[np.linalg.cholesky]


def _square(a: Any) -> Any:
    return array_of(a, trace_of([a]))


def _general(a: Any, b: Any, lower: bool = False, **options: Any) -> Any:
    """Return A^-1 b; of a matrix that is said to be symmetric only one triangle is read."""
    matrix = _square(a)
    if options.get("assume_a") in ("pos", "sym") or options.get("sym_pos"):
        half = np.tril(matrix) if lower else np.triu(matrix).T
        matrix = half + np.tril(half, -1).T
    return _solve(matrix.T if options.get("transposed") else matrix, b)


def _cholesky(a: Any, lower: bool = False, **_: Any) -> Any:
    """Return L with A = L L^T, or its transpose, of the triangle of A that SciPy reads."""
    matrix = _square(a)
    return _lower(np.tril(matrix)) if lower else _lower(np.triu(matrix).T).T


def _triangular(  # SciPy's own order
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, **_: Any
) -> Any:
    matrix = np.tril(_square(a)) if lower else np.triu(_square(a))
    if unit_diagonal:
        n = matrix.shape[0]
        matrix = np.where(np.eye(n, dtype=bool), 1.0, matrix)
    return _solve(matrix.T if trans in (1, 2, "T", "C") else matrix, b)


def _cho_factor(a: Any, lower: bool = False, **_: Any) -> Any:
    return _cholesky(a, lower), lower


def _cho_solve(factor: Any, b: Any, **_: Any) -> Any:
    c, lower = factor
    half = np.tril(_square(c)) if lower else np.triu(_square(c)).T
    return _solve(half.T, _solve(half, b))


_OWN: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        "solve": _general,
        "inv": lambda a, **_: _inv(a),
        "det": lambda a, **_: _det(a),
        "norm": lambda a, ord=None, axis=None, keepdims=False, **_: _norm(a, ord, axis, keepdims),  # noqa: A006
        "cholesky": _cholesky,
        "solve_triangular": _triangular,
        "cho_factor": _cho_factor,
        "cho_solve": _cho_solve,
    }
)
_REFUSED = (
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "svd",
    "svdvals",
    "qr",
    "lu",
    "schur",
    "expm",
    "logm",
    "sqrtm",
    "pinv",
    "lstsq",
)


def linear_algebra(module: Any) -> dict[str, Callable[..., Any]]:
    """Return what stands in place of functions of `scipy.linalg`, which is given: it may not be installed."""
    found = {n: when_of_run(getattr(module, n), f) for n, f in _OWN.items()}
    return {**found, **{n: when_of_run(getattr(module, n), _refused(n)) for n in _REFUSED}}


def _refused(name: str) -> Callable[..., Any]:
    def call(*args: Any, **_: Any) -> Any:
        trace_of(args).refuse(f"scipy.linalg.{name} is not run in balls")

    return call
