"""Many of NumPy's and Python's ways to compute: what a user's function may be made of."""

import functools
import math
from itertools import pairwise

import numpy as np

from .case import Case, wrong


def vector(n=5, low=None, high=None):
    if low is None:
        return lambda rng: [rng.normal(size=n)]
    return lambda rng: [rng.uniform(low, high, n)]


def matrix(*shape):
    return lambda rng: [rng.normal(size=shape)]


T = np.linspace(0.0, 1.5, 7)
KNOTS = np.array([-4.0, -1.5, 0.2, 1.1, 4.0])
HEIGHTS = np.array([1.0, -0.5, 2.0, 0.3, 1.2])


def interpolated_grad(x):
    slopes = np.diff(HEIGHTS) / np.diff(KNOTS)
    place = np.clip(np.searchsorted(KNOTS, x) - 1, 0, 3)
    return np.where((x > KNOTS[0]) & (x < KNOTS[-1]), slopes[place], 0.0)


def convolved_grad(x):
    w = np.array([0.5, -1.0, 2.0])
    return 2 * np.correlate(np.convolve(x, w), w, mode="valid")


def dropout(x):
    mask = np.random.default_rng(0).random(x.shape) < 0.7
    return np.sum(np.where(mask, x, 0.0) ** 2) / 0.7


def dropout_grad(x):
    return 2 * x * (np.random.default_rng(0).random(x.shape) < 0.7) / 0.7


def nuclear_grad(A):
    u, _, v = np.linalg.svd(A, full_matrices=False)
    return u @ v


def largest_eigenvalue(A):
    return np.linalg.eigvalsh((A + A.T) / 2)[-1]


def largest_eigenvalue_grad(A):
    v = np.linalg.eigh((A + A.T) / 2)[1][:, -1]
    return np.outer(v, v)


def least_squares(X, y):
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    return np.sum((X @ w - y) ** 2)


def least_squares_grad(X, y):
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    r = X @ w - y
    return 2 * np.outer(r, w), -2 * r


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


def correlation_grad(x, y):
    a, b = x - np.mean(x), y - np.mean(y)
    na, nb = np.sqrt(np.sum(a**2)), np.sqrt(np.sum(b**2))
    c = np.sum(a * b) / (na * nb)
    return b / (na * nb) - c * a / na**2, a / (na * nb) - c * b / nb**2


def correlation_plain(x, y):
    a, b = x - np.mean(x), y - np.mean(y)
    return np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2))


def recursive(x):
    if len(x) == 1:
        return x[0] ** 2
    half = len(x) // 2
    return recursive(x[:half]) * 0.5 + recursive(x[half:]) + x[0] * x[-1]


def recursive_grad(x):
    if len(x) == 1:
        return 2 * x
    half = len(x) // 2
    out = np.concatenate([recursive_grad(x[:half]) * 0.5, recursive_grad(x[half:])])
    out[0] += x[-1]
    out[-1] += x[0]
    return out


@np.vectorize
def one_by_one(v):
    return v**2 if v > 0 else math.sin(v)


class Model:
    """An object that is called."""

    def __init__(self, power):
        self.power = power
        self.weights = {"a": 2.0, "b": 0.5}

    def __call__(self, x):
        return self.weights["a"] * np.sum(x**self.power) + self.weights["b"] * np.prod(np.cos(x))

    def slope(self, x):
        return self.weights["a"] * self.power * x ** (self.power - 1) - 0.5 * np.prod(np.cos(x)) * np.tan(x)


MODEL = Model(3)


def expm(A):
    total, term = np.eye(3), np.eye(3)
    for k in range(1, 25):
        term = term @ A / k
        total = total + term
    return np.trace(total)


def expm_grad(A):
    total, term = np.eye(3), np.eye(3)
    for k in range(1, 24):
        term = term @ A / k
        total = total + term
    return total.T


def polynomial(c):
    return np.sum(np.polyval(c, T) ** 2)


def polynomial_grad(c):
    return 2 * np.vander(T, len(c)).T @ np.polyval(c, T)


def quantile_grad(x):
    order = np.argsort(x)
    place = 0.3 * (len(x) - 1)
    low = int(place)
    out = np.zeros_like(x)
    out[order[low]], out[order[low + 1]] = 1 - (place - low), place - low
    return out


def covariance_grad(X):
    return 4 / (len(X) - 1) * (X - X.mean(0)) @ np.cov(X.T)


def spread_grad(x):
    out = np.zeros_like(x)
    out[np.argmax(x)] += 1
    out[np.argmin(x)] -= 1
    return out


def angle_grad(y, x):
    s = x**2 + y**2
    return x / s, -y / s


FFT = Case("power of a Fourier transform", lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2), vector(6), lambda x:
           2 * len(x) * x, plain=lambda x: len(x) * np.sum(x**2))  # fmt: skip
CONVOLVED = Case("np.convolve", lambda x: np.sum(np.convolve(x, [0.5, -1.0, 2.0]) ** 2), vector(6), convolved_grad)
NUCLEAR = Case("a nuclear norm", lambda A: np.sum(np.linalg.svd(A, compute_uv=False)), matrix(3, 4), nuclear_grad,
               path="floats")  # fmt: skip
EIGEN = Case("a largest eigenvalue", largest_eigenvalue, matrix(4, 4), largest_eigenvalue_grad, path="floats")
LSTSQ = Case("residuals of least squares", least_squares, lambda rng: [rng.normal(size=(7, 3)), rng.normal(size=7)],
             least_squares_grad, path="floats")  # fmt: skip
CORRELATION = Case("a correlation", correlation, lambda rng: [rng.normal(size=6), rng.normal(size=6)],
                   correlation_grad, plain=correlation_plain)  # fmt: skip
RECURSIVE = Case("a recursive function", recursive, vector(7), recursive_grad)
CALLED = Case("an object that is called", MODEL, vector(4), MODEL.slope, options={"names": ["x"]})
EXPM = Case("the trace of a matrix exponential", expm, matrix(3, 3), expm_grad)
POLYNOMIAL = Case("np.polyval", polynomial, vector(4), polynomial_grad)
COVARIANCE = Case("squares of a covariance", lambda X: np.sum(np.cov(X.T) ** 2), matrix(6, 3), covariance_grad,
                  plain=lambda X: np.sum(((X - np.mean(X, 0)).T @ (X - np.mean(X, 0)) / 5) ** 2))  # fmt: skip
INTERPOLATED = Case("np.interp", lambda x: np.sum(np.interp(x, KNOTS, HEIGHTS)), vector(6), interpolated_grad,
                    path="floats")  # fmt: skip
DROPOUT = Case("a fixed dropout", dropout, vector(8), dropout_grad)

RIGHT = (
    FFT,
    CONVOLVED,
    NUCLEAR,
    EIGEN,
    LSTSQ,
    CORRELATION,
    RECURSIVE,
    CALLED,
    EXPM,
    POLYNOMIAL,
    COVARIANCE,
    INTERPOLATED,
    DROPOUT,
    Case("np.vectorize with branches", lambda x: np.sum(one_by_one(x)), vector(6), lambda x:
         np.where(x > 0, 2 * x, np.cos(x)), plain=lambda x: np.sum(np.where(x > 0, x**2, np.sin(x)))),
    Case("np.linalg.norm of rows", lambda A: np.sum(np.linalg.norm(A, axis=1)), matrix(3, 4), lambda A:
         A / np.linalg.norm(A, axis=1, keepdims=True), plain=lambda A: np.sum(np.sqrt(np.sum(A**2, axis=1)))),
    Case("np.select", lambda x: np.sum(np.select([x < -0.5, x > 0.5], [-x, x**3], 0.25 * x)), vector(8), lambda x:
         np.select([x < -0.5, x > 0.5], [-np.ones_like(x), 3 * x**2], 0.25)),
    Case("np.arctan2", lambda y, x: np.sum(np.arctan2(y, x)), lambda rng: [rng.normal(size=4), rng.normal(size=4)],
         angle_grad),
    Case("np.hypot", lambda x: np.sum(np.hypot(x, 2.0)), vector(), lambda x: x / np.hypot(x, 2.0),
         plain=lambda x: np.sum(np.sqrt(x**2 + 4))),
    Case("np.quantile", lambda x: np.quantile(x, 0.3), vector(7), quantile_grad, path="floats"),
    Case("np.ptp", np.ptp, vector(6), spread_grad, options={"names": ["x"]}, path="floats"),
    Case("np.nanmean", lambda x: np.nanmean(np.append(x, np.nan)) ** 2, vector(), lambda x:
         2 * np.mean(x) * np.ones_like(x) / len(x), plain=lambda x: np.mean(x) ** 2),
    Case("np.average with weights", lambda x, w: np.average(x, weights=w), lambda rng: [rng.normal(size=4),
         rng.uniform(1, 2, 4)], lambda x, w: (w / np.sum(w), (x - np.average(x, weights=w)) / np.sum(w)),
         plain=lambda x, w: np.sum(x * w) / np.sum(w)),
    Case("np.cross", lambda a, b: np.sum(np.cross(a, b) ** 2), lambda rng: [rng.normal(size=3), rng.normal(size=3)],
         lambda a, b: (2 * np.cross(b, np.cross(a, b)), 2 * np.cross(np.cross(a, b), a))),
    Case("np.kron", lambda a, b: np.sum(np.kron(a, b) ** 2), lambda rng: [rng.normal(size=2), rng.normal(size=3)],
         lambda a, b: (2 * a * np.sum(b**2), 2 * b * np.sum(a**2)), plain=lambda a, b: np.sum(a**2) * np.sum(b**2)),
    Case("np.gradient", lambda x: np.sum(np.gradient(x) ** 2), vector(3), lambda x: np.array([
         -2 * (x[1] - x[0]) - (x[2] - x[0]) / 2, 2 * (x[1] - x[0]) - 2 * (x[2] - x[1]),
         2 * (x[2] - x[1]) + (x[2] - x[0]) / 2]), plain=lambda x: (x[1] - x[0]) ** 2 + (x[2] - x[1]) ** 2
         + (x[2] - x[0]) ** 2 / 4),
    Case("np.pad", lambda x: np.sum(np.pad(x, 2, mode="edge") ** 2), vector(4), lambda x:
         2 * x * np.array([3, 1, 1, 3]), plain=lambda x: np.sum(x**2) + 2 * x[0] ** 2 + 2 * x[-1] ** 2),
    Case("np.apply_along_axis", lambda A: np.sum(np.apply_along_axis(lambda r: r[0] * np.sum(r), 1, A)), matrix(3, 3),
         lambda A: A[:, :1] + np.sum(A, axis=1, keepdims=True) * np.eye(3)[0], plain=lambda A:
         np.sum(A[:, 0] * np.sum(A, axis=1))),
    Case("math.fsum", lambda x: math.fsum(v**3 for v in x), vector(), lambda x: 3 * x**2, plain=lambda x:
         np.sum(x**3)),
    Case("functools.reduce", lambda x: functools.reduce(lambda a, b: a * 0.5 + b**2, x), vector(4), lambda x:
         np.array([0.125, 0.5 * x[1], x[2], 2 * x[3]])),
    Case("complex in between", lambda x: np.sum(np.real(np.exp(1j * x)) * x), vector(), lambda x:
         np.cos(x) - x * np.sin(x), plain=lambda x: np.sum(np.cos(x) * x)),
    Case("long doubles in between", lambda x: float(np.sum(np.exp(x.astype(np.longdouble)))), vector(), np.exp,
         plain=lambda x: np.sum(np.exp(x)), options={"names": ["x"]}),
    Case("a result of shape (1,)", lambda x: np.sum(x**2, keepdims=True), vector(), vjp=lambda g, x: 2 * x * g),
    Case("floor division has no slope", lambda x: np.sum(x + x // 1), vector(), np.ones_like, path="floats",
         plain=lambda x: np.sum(x + np.floor(x))),
    Case("np.trapezoid by hand, in a comprehension", lambda a: sum((b - t) * (math.exp(-a * t) + math.exp(-a * b)) / 2
         for t, b in pairwise(T)), lambda _: [0.7], lambda a: sum(-(b - t) * (t * math.exp(-a * t)
         + b * math.exp(-a * b)) / 2 for t, b in pairwise(T)), plain=lambda a: sum((b - t)
         * (np.exp(-a * t) + np.exp(-a * b)) / 2 for t, b in pairwise(T))),
)  # fmt: skip

WRONG = (
    wrong(FFT, "Fourier transform: n is missing", lambda x: 2 * x, "size", "x"),
    wrong(CONVOLVED, "np.convolve: the kernel is not reversed", lambda x: 2 * np.convolve(np.convolve(x, [0.5, -1, 2]),
          [0.5, -1.0, 2.0], mode="valid"), "flip", "x"),
    wrong(NUCLEAR, "nuclear norm: transposed factors", lambda A: nuclear_grad(A)[:, ::-1], "flip", "A"),
    wrong(EIGEN, "eigenvalue: of the smallest", lambda A: np.outer(*[np.linalg.eigh((A + A.T) / 2)[1][:, 0]] * 2),
          "flip", "A"),
    wrong(LSTSQ, "least squares: the sign for y", lambda X, y: (least_squares_grad(X, y)[0],
          -least_squares_grad(X, y)[1]), "sign", "y"),
    wrong(CORRELATION, "correlation: the norms are held fixed", lambda x, y: (correlation_grad(x, y)[0]
          + correlation(x, y) * (x - np.mean(x)) / np.sum((x - np.mean(x)) ** 2), correlation_grad(x, y)[1]),
          "variance-term", "x"),
    wrong(RECURSIVE, "recursive: the product's second use", lambda x: recursive_grad(x) - np.eye(len(x))[-1] * x[0],
          "entry/edge/term", "x"),
    wrong(CALLED, "an object: sin for tan", lambda x: 6 * x**2 - 0.5 * np.prod(np.cos(x)) * np.sin(x), "term-factor",
          "x"),
    wrong(EXPM, "matrix exponential: not transposed", lambda A: expm_grad(A).T, "transpose", "A"),
    wrong(POLYNOMIAL, "np.polyval: coefficients the other way", lambda c: polynomial_grad(c)[::-1], "flip", "c"),
    wrong(COVARIANCE, "covariance: divided by n", lambda X: covariance_grad(X) * 5 / 6, "size", "X"),
    wrong(INTERPOLATED, "np.interp: the next interval's slope", lambda x: (np.diff(HEIGHTS) / np.diff(KNOTS))[
          np.clip(np.searchsorted(KNOTS, x), 0, 3)], "other", "x"),
    wrong(DROPOUT, "dropout: not divided by what is kept", lambda x: dropout_grad(x) * 0.7, "factor", "x"),
    wrong(DROPOUT, "dropout: the mask is forgotten", lambda x: 2 * x / 0.7, "mask", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
