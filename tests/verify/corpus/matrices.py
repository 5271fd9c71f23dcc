"""Matrices: dense layers, quadratic forms, solving, inverting, determinants, einsum."""

import numpy as np

from .case import Case, wrong


def normals(*shapes, scale=1.0):
    return lambda rng: [scale * rng.normal(size=s) for s in shapes]


def spd(rng, n=4):
    a = rng.normal(size=(n, n))
    return a @ a.T / n + np.eye(n)


def dense(X, W, b):
    return np.tanh(X @ W + b)


def dense_vjp(g, X, W, b):
    d = g * (1 - np.tanh(X @ W + b) ** 2)
    return d @ W.T, X.T @ d, np.sum(d, axis=0)


def dense_wrong(k, change):
    def vjp(g, X, W, b):
        found = list(dense_vjp(g, X, W, b))
        found[k] = change(found[k], g, X, W, b)
        return tuple(found)

    return vjp


def mlp(X, y, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    return np.mean(np.sum((h @ W2 + b2 - y) ** 2, axis=1))


def mlp_grad(X, y, W1, b1, W2, b2):
    z = X @ W1 + b1
    h = np.maximum(z, 0)
    d = 2 * (h @ W2 + b2 - y) / len(X)
    dz = d @ W2.T * (z > 0)
    return {"W1": X.T @ dz, "b1": dz.sum(0), "W2": h.T @ d, "b2": d.sum(0)}


def mlp_wrong(name, change):
    def gradient(X, y, W1, b1, W2, b2):
        found = mlp_grad(X, y, W1, b1, W2, b2)
        found[name] = change(X, y, W1, b1, W2, b2)
        return found

    return gradient


def no_relu_mask(X, y, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    return X.T @ (2 * (h @ W2 + b2 - y) / len(X) @ W2.T)


def first_bias_averaged(X, y, W1, b1, W2, b2):
    return mlp_grad(X, y, W1, b1, W2, b2)["b1"] / len(X)


def quadratic(A, x):
    return x @ A @ x


def quadratic_grad(A, x):
    return np.outer(x, x), (A + A.T) @ x


def solved(A, b):
    x = np.linalg.solve(A, b)
    return np.sum(x**2)


def solved_grad(A, b):
    x = np.linalg.solve(A, b)
    u = np.linalg.solve(A.T, 2 * x)
    return -np.outer(u, x), u


def solved_not_transposed(A, b):
    x = np.linalg.solve(A, b)
    u = np.linalg.solve(A, 2 * x)
    return -np.outer(u, x), u


def log_determinant(A):
    return np.linalg.slogdet(A)[1]


def inverse_trace(A):
    return np.trace(np.linalg.inv(A))


def inverse_trace_grad(A):
    i = np.linalg.inv(A)
    return -(i @ i).T


def determinant(A):
    return np.linalg.det(A)


def determinant_grad(A):
    return np.linalg.det(A) * np.linalg.inv(A).T


def bilinear(a, B, c):
    return np.einsum("i,ij,j->", a, B, c) ** 2


def bilinear_grad(a, B, c):
    s = 2 * (a @ B @ c)
    return s * (B @ c), s * np.outer(a, c), s * (a @ B)


def batched(x, w):
    return np.einsum("bij,bjk->bik", x, w)


def batched_vjp(g, x, w):
    return np.einsum("bik,bjk->bij", g, w), np.einsum("bij,bik->bjk", x, g)


def frobenius(A):
    return 0.5 * np.sum((A @ A.T - np.eye(len(A))) ** 2)


def frobenius_grad(A):
    return 2 * (A @ A.T - np.eye(len(A))) @ A


def low_rank(U, V, M):
    return 0.5 * np.sum((U @ V.T - M) ** 2)


def low_rank_grad(U, V, M):
    r = U @ V.T - M
    return r @ V, r.T @ U, -r


def power_sum(A):
    return np.sum(np.linalg.matrix_power(A, 3))


def power_sum_plain(A):
    return np.sum(A @ A @ A)


def power_sum_grad(A):
    e = np.ones(len(A))
    t = A.T
    return np.outer(e, A @ A @ e) + np.outer(t @ e, A @ e) + np.outer(t @ t @ e, e)


def cholesky_log(A):
    return 2 * np.sum(np.log(np.diag(np.linalg.cholesky(A))))


def cholesky_plain(A):
    s = (A + A.T) / 2
    return np.log(s[0, 0] * (s[1, 1] * s[2, 2] - s[1, 2] ** 2)
                  - s[0, 1] * (s[0, 1] * s[2, 2] - s[1, 2] * s[0, 2])
                  + s[0, 2] * (s[0, 1] * s[1, 2] - s[1, 1] * s[0, 2]))  # fmt: skip


DENSE = Case("dense layer with tanh, vjp", dense, normals((5, 3), (3, 4), (4,)), vjp=dense_vjp)
SQUARE = Case("dense layer, square weights", dense, normals((5, 3), (3, 3), (3,)), vjp=dense_vjp)
MLP = Case("two layers with relu", mlp, normals((6, 3), (6, 2), (3, 5), (5,), (5, 2), (2,)), mlp_grad,
           options={"wrt": ["W1", "b1", "W2", "b2"]})  # fmt: skip
QUADRATIC = Case("a quadratic form", quadratic, normals((4, 4), (4,)), quadratic_grad)
SOLVE = Case("solving, and the squares of the solution", solved, lambda rng: [spd(rng) + rng.normal(size=(4, 4)) / 4,
             rng.normal(size=4)], solved_grad, path="complex")  # fmt: skip
BILINEAR = Case("a squared bilinear form by einsum", bilinear, normals((3,), (3, 4), (4,)), bilinear_grad,
                plain=lambda a, B, c: np.sum((a @ B) * c) ** 2)  # fmt: skip
BATCHED = Case("batched products by einsum", batched, normals((2, 3, 4), (2, 4, 3)), vjp=batched_vjp,
               plain=lambda x, w: x @ w)  # fmt: skip
DETERMINANT = Case("a determinant", determinant, normals((4, 4)), determinant_grad, path="complex")
LOGDET = Case("a log-determinant", log_determinant, lambda rng: [spd(rng)], lambda A: np.linalg.inv(A).T,
              plain=lambda A: np.log(np.linalg.det(A)), path="complex")  # fmt: skip
ORTHO = Case("distance from orthogonal rows", frobenius, normals((3, 5)), frobenius_grad)
LOW_RANK = Case("a low-rank factorisation", low_rank, normals((4, 2), (5, 2), (4, 5)), low_rank_grad)
POWER = Case("a third matrix power", power_sum, normals((3, 3)), power_sum_grad, plain=power_sum_plain)

#: NumPy reads the lower triangle; the gradient is that along symmetric changes.
CHOLESKY = Case("a log-determinant by Cholesky", cholesky_log, lambda rng: [spd(rng, 3)], np.linalg.inv,
                plain=cholesky_plain, options={"names": ["A"]})  # fmt: skip

RIGHT = (
    CHOLESKY,
    DENSE,
    SQUARE,
    MLP,
    QUADRATIC,
    SOLVE,
    BILINEAR,
    BATCHED,
    DETERMINANT,
    LOGDET,
    ORTHO,
    LOW_RANK,
    POWER,
    Case("the trace of an inverse", inverse_trace, lambda rng: [spd(rng)], inverse_trace_grad, path="complex"),
    Case("one flat vector for several inputs", low_rank, normals((2, 2), (2, 2), (2, 2)),
         lambda U, V, M: np.concatenate([g.reshape(-1) for g in low_rank_grad(U, V, M)])),
)  # fmt: skip

WRONG = (
    wrong(CHOLESKY, "by Cholesky: the lower triangle alone", lambda A: np.tril(np.linalg.inv(A)), "factor",
          "A", truth=lambda A: np.tril(2 * np.linalg.inv(A)) - np.diag(np.diag(np.linalg.inv(A))), path="floats",
          plain=cholesky_log),
    wrong(CHOLESKY, "by Cholesky: half of it", lambda A: np.linalg.inv(A) / 2, "factor", "A"),
    wrong(SQUARE, "dense: W is not transposed for X", dense_wrong(0, lambda d, g, X, W, b:
          (g * (1 - np.tanh(X @ W + b) ** 2)) @ W), "transposed-use", "X"),
    wrong(SQUARE, "dense: the gradient of W is transposed", dense_wrong(1, lambda d, *_: d.T), "transpose", "W"),
    wrong(DENSE, "dense: the bias takes the mean", dense_wrong(2, lambda d, g, *_: d / len(g)), "size", "b"),
    wrong(DENSE, "dense: the bias is not summed", dense_wrong(2, lambda d, g, X, W, b:
          g * (1 - np.tanh(X @ W + b) ** 2)), "shape", "b"),
    wrong(DENSE, "dense: the bias takes the first row", dense_wrong(2, lambda d, g, X, W, b:
          (g * (1 - np.tanh(X @ W + b) ** 2))[0]), "broadcast", "b"),
    wrong(DENSE, "dense: tanh' is missing for W", dense_wrong(1, lambda d, g, X, W, b: X.T @ g),
          "activation", "W"),
    wrong(MLP, "two layers: the relu mask is missing", mlp_wrong("W1", no_relu_mask), "activation", "W1"),
    wrong(MLP, "two layers: the first bias is averaged", mlp_wrong("b1", first_bias_averaged), "size", "b1"),
    wrong(MLP, "two layers: one bias is zero", mlp_wrong("b2", lambda X, y, W1, b1, W2, b2: 0 * b2), "detached", "b2"),
    wrong(QUADRATIC, "quadratic form: 2Ax for a square A", lambda A, x: (np.outer(x, x), 2 * A @ x),
          "transposed-use", "x"),
    wrong(QUADRATIC, "quadratic form: only Ax", lambda A, x: (np.outer(x, x), A @ x), "term",
          "x"),
    wrong(SOLVE, "solving: the adjoint is not transposed", solved_not_transposed, "transposed-use", "A", "b"),
    wrong(SOLVE, "solving: the sign for A", lambda A, b: (-solved_grad(A, b)[0], solved_grad(A, b)[1]), "sign", "A"),
    wrong(BILINEAR, "bilinear: the square's 2 is missing", lambda a, B, c: tuple(g / 2 for g in bilinear_grad(a, B, c)),
          "factor", "a", "B", "c"),
    wrong(BATCHED, "batched: indices of one factor exchanged", lambda g, x, w:
          (np.einsum("bik,bkj->bij", g, w[:, :3, :3]) if w.shape[1] == 3 else batched_vjp(g, x, w)[0][:, ::-1],
           batched_vjp(g, x, w)[1]), "flip", "x"),
    wrong(DETERMINANT, "determinant: not transposed", lambda A: np.linalg.det(A) * np.linalg.inv(A), "transpose", "A"),
    wrong(DETERMINANT, "determinant: that of its logarithm", lambda A: np.linalg.inv(A).T, "term-factor", "A"),
    wrong(ORTHO, "orthogonality: 4 for 2", lambda A: 2 * frobenius_grad(A), "factor", "A"),
    wrong(LOW_RANK, "low rank: U and V the same way", lambda U, V, M: (low_rank_grad(U, V, M)[0],
          (U @ V.T - M).T @ U * np.array([1, 0.5]), low_rank_grad(U, V, M)[2]), "axis-factor", "V"),
    wrong(POWER, "matrix power: 3A^2 as for a number", lambda A: 3 * np.outer(np.ones(3), A @ A @ np.ones(3)),
          "shared", "A"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
