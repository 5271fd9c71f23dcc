"""Functions that remember, change their arguments, are noisy, or take and return unusual things."""

import numpy as np

from .case import Case, wrong


def vector(n=5):
    return lambda rng: [rng.normal(size=n)]


# ------------------------------------------------------------ arguments changed, aliased, oddly laid out


def changes_its_input(x):
    x -= np.mean(x)
    return np.sum(x**2)


def centred_squares(x):
    return np.sum((x - np.mean(x)) ** 2)


def centred_grad(x):
    return 2 * (x - np.mean(x))


def gradient_in_its_input(x):
    x *= 2
    return x


def buffer_pair():
    buffer = np.empty(5)

    def f(x):
        return np.sum(x**2)

    def grad(x):
        buffer[...] = 2 * x
        return buffer

    return f, grad


def transposed(rng):
    return [rng.normal(size=(4, 3)).T, rng.normal(size=8)[::2]]


def with_integers(x, n):
    return np.sum(x**n) / n


def with_integers_grad(x, n):
    return x ** (n - 1)


def empty_one(x, e):
    return np.sum(x**2) + np.sum(e)


def column(rng):
    return [rng.normal(size=(4, 1)), rng.normal(size=(1, 3))]


def scalars(a, b, c):
    return a * np.exp(-b) + c**2


def scalars_grad(a, b, c):
    return np.exp(-b), -a * np.exp(-b), 2 * c


# ------------------------------------------------------------ noise and rough arithmetic


def noisy(scale):
    def pair():
        rng = np.random.default_rng(11)

        def f(x):
            return float(np.sum(np.sin(x))) + scale * rng.normal()

        return f, np.cos

    return pair


def noisy_wrong(scale):
    def pair():
        return noisy(scale)()[0], lambda x: 1.5 * np.cos(x)

    return pair


def rounded(x):
    return np.round(np.sum(np.sin(x)), 9)


def series(x):
    total, term = 0.0 * x, 1.0 + 0.0 * x
    for k in range(1, 30):
        total = total + term
        term = term * x / k
    return np.sum(total)


def newton_root(a):
    y = 1.0 + 0.0 * a
    for _ in range(30):
        y = 0.5 * (y + a / y)
    return np.sum(y)


def until_small(x):
    total, term = 0.0, x
    while np.max(np.abs(term)) > 1e-17:
        total = total + np.sum(term)
        term = term * x / 2
    return total


def until_small_grad(x):
    return 4 / (2 - x) ** 2


def trapezoid(a, t):
    y = np.exp(-a * t**2)
    return np.sum((y[1:] + y[:-1]) / 2 * np.diff(t))


def trapezoid_grad(a, t):
    y = -(t**2) * np.exp(-a * t**2)
    return np.sum((y[1:] + y[:-1]) / 2 * np.diff(t))


def float_at_the_end(X, w):
    return float(np.mean(np.log1p(np.exp(-(X @ w)))))


def float_plain(X, w):
    return np.mean(np.log1p(np.exp(-(X @ w))))


def float_grad(X, w):
    s = -1 / (1 + np.exp(X @ w)) / len(X)
    return np.outer(s, w), X.T @ s


def lists(x):
    return sum(v**2 for v in x.tolist())


def filled(x):
    out = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        for j in range(len(x)):
            out[i, j] = x[i] * x[j] + (i == j)
    return np.sum(out**2)


def filled_plain(x):
    return np.sum((np.outer(x, x) + np.eye(len(x))) ** 2)


def filled_grad(x):
    return 4 * (np.outer(x, x) + np.eye(len(x))) @ x


def printing(x):
    if np.isnan(np.sum(x)):
        raise ValueError("not a number")
    assert x.ndim == 1, "a vector"
    return np.sum(np.abs(x) ** 1.5)


MUTATING = Case("f changes its input", changes_its_input, vector(), centred_grad, plain=centred_squares)
INTEGER = Case("an integer argument", with_integers, lambda rng: [rng.uniform(0.5, 2, 4), 3], with_integers_grad)
STRIDES = Case("inputs that are not contiguous", lambda X, w: np.sum(np.tanh(X @ w)), transposed,
               lambda X, w: (np.outer(1 - np.tanh(X @ w) ** 2, w), X.T @ (1 - np.tanh(X @ w) ** 2)))  # fmt: skip
DRIFT = Case("squares, once more", lambda x: np.sum(x**2), vector(), lambda x: 2 * x)
LOGISTIC = Case("float() at the end", float_at_the_end, lambda rng: [rng.normal(size=(6, 3)), rng.normal(size=3)],
                float_grad, plain=float_plain)  # fmt: skip
FILLED = Case("a matrix that is filled", filled, vector(4), filled_grad, plain=filled_plain)
TRAPEZOID = Case("a trapezoid rule", trapezoid, lambda rng: [0.8, np.linspace(0, 2, 9)], trapezoid_grad,
                 options={"wrt": ["a"]})  # fmt: skip
NOISE = Case("a little noise", None, vector(), np.cos, fresh=noisy(1e-9), plain=lambda x: np.sum(np.sin(x)))

RIGHT = (
    MUTATING,
    INTEGER,
    STRIDES,
    DRIFT,
    LOGISTIC,
    FILLED,
    TRAPEZOID,
    NOISE,
    Case("the gradient is made in its argument", lambda x: np.sum(x**2), vector(), gradient_in_its_input),
    Case("the gradient is a buffer that is used again", None, vector(), lambda x: 2 * x, fresh=buffer_pair,
         plain=lambda x: np.sum(x**2)),
    Case("one input is empty", empty_one, lambda rng: [rng.normal(size=3), np.zeros((0, 2))], lambda x, e:
         (2 * x, np.ones((0, 2)))),
    Case("columns and rows", lambda a, b: np.sum(np.sin(a * b)), column, lambda a, b:
         (np.sum(np.cos(a * b) * b, axis=1, keepdims=True), np.sum(np.cos(a * b) * a, axis=0, keepdims=True))),
    Case("three numbers", scalars, lambda _: [1.5, 0.3, -2.0], scalars_grad),
    Case("a list of one gradient", lambda x: np.sum(x**3), vector(), lambda x: [3 * x**2]),
    Case("some noise", None, vector(), np.cos, fresh=noisy(1e-6), plain=lambda x: np.sum(np.sin(x))),
    Case("a result of nine decimals", rounded, vector(), np.cos, plain=lambda x: np.sum(np.sin(x))),
    Case("a power series", series, vector(), np.exp, path="complex"),
    Case("Newton's iteration", newton_root, lambda rng: [rng.uniform(0.5, 4, 4)], lambda a: 0.5 / np.sqrt(a)),
    Case("a loop until it converges", until_small, lambda rng: [rng.uniform(-1, 1, 3)], until_small_grad,
         plain=lambda x: np.sum(2 * x / (2 - x))),
    Case("through a Python list", lists, vector(), lambda x: 2 * x, plain=lambda x: np.sum(x**2)),
    Case("with its own checks", printing, vector(), lambda x: 1.5 * np.abs(x) ** 0.5 * np.sign(x),
         plain=lambda x: np.sum(np.abs(x) ** 1.5)),
    Case("a 0-d array", lambda x: np.exp(x) * 2, lambda _: [np.array(0.7)], lambda x: 2 * np.exp(x)),
)  # fmt: skip

WRONG = (
    wrong(MUTATING, "f changes its input: the mean is left out", lambda x: 2 * x, "mean-term", "x"),
    wrong(INTEGER, "an integer argument: the exponent", lambda x, n: x**n, "term-factor", "x"),
    wrong(STRIDES, "not contiguous: filled in the other order", lambda X, w: (np.outer(w, 1 - np.tanh(X @ w) ** 2)
          .reshape(X.shape), STRIDES.grad(X, w)[1]), "transpose", "X"),
    wrong(LOGISTIC, "float(): the sign", lambda X, w: tuple(-g for g in float_grad(X, w)), "sign", "X", "w"),
    wrong(FILLED, "a filled matrix: the diagonal is left out", lambda x: 4 * np.outer(x, x) @ x, "regulariser",
          "x"),
    wrong(TRAPEZOID, "a trapezoid rule: a sum for the integral", lambda a, t:
          np.sum(-(t**2) * np.exp(-a * t**2)) * (t[1] - t[0]), "sum/factor", "a"),
    wrong(NOISE, "a little noise: half as much again", np.cos, "factor", "x", fresh=noisy_wrong(1e-9),
          truth=np.cos),
    wrong(NOISE, "some noise: half as much again", np.cos, "factor", "x", fresh=noisy_wrong(1e-6), truth=np.cos),
    wrong(DRIFT, "all is not a number", lambda x: x * np.nan, "nan", "x"),
    wrong(DRIFT, "one entry is infinite", lambda x: np.append(2 * x[:-1], np.inf), "nan/entry/edge", "x"),
    wrong(DRIFT, "a number for an array", lambda x: np.sum(2 * x), "shape", "x"),
    wrong(DRIFT, "a column for a row", lambda x: 2 * x[:, None], "shape", "x"),
    wrong(DRIFT, "an entry too many", lambda x: np.append(2 * x, 0), "shape", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
