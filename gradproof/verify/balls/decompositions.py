"""Eigenvalues of symmetric matrices, singular values, QR and least squares, with their derivatives.

flint encloses eigenvalues that it can tell apart; where two meet there is no derivative, and the run is refused.
Signs of vectors are a convention: they are those that LAPACK gives for the nearest floats.
"""

from __future__ import annotations

import numpy as np
from flint import arb

from gradproof.verify.balls.linear import cholesky, inv, solve
from gradproof.verify.balls.matrices import values, with_slopes
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.products import matmul
from gradproof.verify.balls.trace import BudgetedTrace
from gradproof.verify.balls.traced import Array, filled, lift, middles

#: flint's eigenvalues take so many times the operations of a product.
_COST = 5
#: Singular values beyond this share of the largest may be cut off by NumPy's own rounding.
_SINGULAR = 1e-9


def eigh(a: Array, trace: BudgetedTrace) -> tuple[Array, Array]:
    """Return eigenvalues in rising order and eigenvectors of a symmetric matrix.

    d lambda_i = u_i^T dA u_i, and du_i = sum over j of u_j (u_j^T dA u_i) / (lambda_i - lambda_j).
    """
    n = a.shape[0]
    trace.spend(_COST * n**3)
    found, vectors = _enclosed(a, trace)
    turned = matmul(matmul(vectors.T, a, trace), vectors, trace)
    sizes = with_slopes(found, np.diagonal(turned), trace)
    mixing = filled((n, n), lift(0, trace))
    for i in range(n):
        for j in range(n):
            if i != j and turned[j, i].slope is not None:
                mixing[j, i] = Number(arb(0), trace, turned[j, i].slope * (1 / (found[i] - found[j])))
    slopes = matmul(vectors, mixing, trace)
    return sizes, with_slopes([e.value for e in vectors.reshape(-1).tolist()], slopes, trace)


def _enclosed(a: Array, trace: BudgetedTrace) -> tuple[list[arb], Array]:
    """Return the eigenvalues, rising, and the normed eigenvectors, as constants.

    Raises:
        Untraceable: two eigenvalues are too close to be told apart.
    """
    if a.shape[0] == 0:
        trace.refuse("eigenvalues of an empty matrix")
    try:
        sizes, columns = values(a).eig(right=True)
    except ValueError:
        trace.refuse("eigenvalues that meet: their derivatives are not known")
    order = sorted(range(len(sizes)), key=lambda k: float(sizes[k].real.mid()))
    near = np.linalg.eigh(middles(a))[1]
    vectors = [_normed([columns[i, k].real for i in range(len(sizes))], near[:, p], trace) for p, k in enumerate(order)]
    out = filled(a.shape, lift(0, trace))
    for p, vector in enumerate(vectors):
        out[:, p] = [Number(v, trace) for v in vector]
    return [sizes[k].real for k in order], out


def _normed(vector: list[arb], near: Array, trace: BudgetedTrace) -> list[arb]:
    """Return the vector with length 1 and the sign of the one in floats."""
    length = sum((v * v for v in vector), arb(0)).sqrt()
    cosine = sum(float((v / length).mid()) * float(w) for v, w in zip(vector, near, strict=True))
    if not abs(cosine) > 0.99:
        trace.refuse("eigenvectors that floats do not tell apart")
    return [v / length if cosine > 0 else -v / length for v in vector]


def lower_half(a: Array) -> Array:
    """Return the symmetric matrix of a lower triangle, the half that NumPy reads."""
    keep = np.tril(np.ones(a.shape, dtype=bool))
    return np.where(keep, a, np.swapaxes(a, -1, -2))


def svd(a: Array, trace: BudgetedTrace) -> tuple[Array, Array, Array]:
    """Return U, the singular values in falling order, and V^T, of so many columns as there are singular values."""
    u, _, vt = np.linalg.svd(middles(a), full_matrices=False)
    if a.shape[0] >= a.shape[1]:
        return _tall_svd(a, vt.T, trace)
    v, sizes, ut = _tall_svd(a.T, u, trace)
    return ut.T, sizes, v.T


def _tall_svd(a: Array, near: Array, trace: BudgetedTrace) -> tuple[Array, Array, Array]:
    """Return the same for a matrix with no more columns than rows; V's columns have the signs of those in floats."""
    squares, vectors = eigh(matmul(a.T, a, trace), trace)
    squares, vectors = squares[::-1], vectors[:, ::-1]
    if not squares[-1].value > 0:
        trace.refuse("a singular value of 0: its derivative is not known")
    sizes = np.frompyfunc(lambda s: s.apply("sqrt"), 1, 1)(squares)
    vectors = vectors * np.where(np.sum(near * middles(vectors), axis=0) < 0, -1, 1)
    return matmul(a, vectors, trace) / sizes, np.asarray(sizes, dtype=object), vectors.T


def qr(a: Array, trace: BudgetedTrace) -> tuple[Array, Array]:
    """Return Q with orthonormal columns and the upper triangular R: R^T R = A^T A, and Q = A R^-1."""
    if a.shape[0] < a.shape[1]:
        trace.refuse("np.linalg.qr of a matrix with more columns than rows")
    lower = cholesky(matmul(a.T, a, trace), trace)
    signs = np.where(np.diagonal(np.linalg.qr(middles(a))[1]) < 0, -1, 1)
    upper = lower.T * signs[:, None]
    return solve(upper.T, a.T, trace).T, upper


def least_squares(a: Array, b: Array, trace: BudgetedTrace) -> Array:
    """Return the x of least norm among those of least |A x - b|, for a matrix of full rank: (A^T A)^-1 A^T b."""
    _require_full_rank(a, trace)
    if a.shape[0] < a.shape[1]:
        return matmul(a.T, solve(matmul(a, a.T, trace), b, trace), trace)
    return solve(matmul(a.T, a, trace), matmul(a.T, b, trace), trace)


def pseudo_inverse(a: Array, trace: BudgetedTrace) -> Array:
    """Return (A^T A)^-1 A^T, or A^T (A A^T)^-1, for a matrix of full rank."""
    _require_full_rank(a, trace)
    if a.shape[0] < a.shape[1]:
        return matmul(a.T, inv(matmul(a, a.T, trace), trace), trace)
    return matmul(inv(matmul(a.T, a, trace), trace), a.T, trace)


def _require_full_rank(a: Array, trace: BudgetedTrace) -> None:
    sizes = np.linalg.svd(middles(a), compute_uv=False)
    if not sizes.size or sizes[-1] <= _SINGULAR * sizes[0]:
        trace.refuse("a matrix of less than full rank: what is cut off depends on rounding")
