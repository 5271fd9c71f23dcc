"""Kinks, ties, clips and saturated functions."""

import numpy as np

from .case import Case, wrong


def at(*values):
    return lambda _: [np.array(values, dtype=float)]


def relu_sum(x):
    return np.sum(np.maximum(x, 0))


def leaky(x):
    return np.sum(np.where(x > 0, x, 0.01 * x))


def clipped(x):
    return np.sum(np.clip(x, -1, 1) ** 3)


def clipped_grad(x):
    return np.where(np.abs(x) <= 1, 3 * x**2, 0.0)


def largest(x):
    return np.max(x) ** 2


def largest_grad(x):
    out = np.zeros_like(x)
    out[np.argmax(x)] = 2 * np.max(x)
    return out


def shared_among_ties(x):
    ties = x == np.max(x)
    return 2 * np.max(x) * ties / np.sum(ties)


def every_tie(x):
    return 2 * np.max(x) * (x == np.max(x))


def two_relus(rng):
    x = rng.normal(size=5)
    return [x, x.copy()]


def hinge(w, X, y):
    return np.mean(np.maximum(0, 1 - y * (X @ w)))


def hinge_grad(w, X, y):
    on = y * (X @ w) < 1
    return -X.T @ (on * y) / len(y)


def hinge_inputs(rng):
    return [rng.normal(size=3), rng.normal(size=(9, 3)), rng.choice([-1, 1], 9)]


def median_loss(x):
    return np.sum(np.abs(x - np.sort(x)[len(x) // 2]))


def median_grad(x):
    middle = np.argsort(x)[len(x) // 2]
    s = np.sign(x - x[middle])
    s[middle] -= np.sum(s)
    return s


def pooled(x):
    return np.sum(np.max(x.reshape(-1, 3), axis=1) ** 2)


def pooled_grad(x):
    rows = x.reshape(-1, 3)
    out = np.zeros_like(rows)
    out[np.arange(len(rows)), np.argmax(rows, axis=1)] = 2 * np.max(rows, axis=1)
    return out.reshape(x.shape)


def sorted_weights(x):
    return np.sum(np.sort(x) * np.arange(1, len(x) + 1))


def sorted_weights_grad(x):
    out = np.zeros_like(x)
    out[np.argsort(x)] = np.arange(1, len(x) + 1)
    return out


def norm_two(x):
    return np.sqrt(np.sum(x**2))


def norm_grad(x):
    n = norm_two(x)
    return x / n if n > 0 else np.zeros_like(x)


def smooth_l1(x):
    return np.sum(np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5))


def saturated_sigmoid(x):
    return np.sum(1 / (1 + np.exp(-x)))


def saturated_sigmoid_grad(x):
    return np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2


NORMAL = lambda rng: [rng.normal(size=9)]  # noqa: E731 - a table's entry

RELU = Case("relu", relu_sum, NORMAL, lambda x: (x > 0) * 1.0)
AT_ZERO = Case("relu at 0, 0 there", relu_sum, at(0, 1, -2, 0), lambda x: (x > 0) * 1.0, kink=True)
LEAKY = Case("leaky relu", leaky, NORMAL, lambda x: np.where(x > 0, 1, 0.01))
CLIP = Case("a clipped cube", clipped, lambda rng: [1.5 * rng.normal(size=12)], clipped_grad)
TIE = Case("the largest of ties, the first", largest, at(1, 3, 3, 2, 3), largest_grad, kink=True)
LARGEST = Case("the largest", largest, NORMAL, largest_grad)
HINGE = Case("hinge loss", hinge, hinge_inputs, hinge_grad, options={"wrt": ["w"]})
POOL = Case("max over blocks of three", pooled, NORMAL, pooled_grad)
SORTED = Case("weights by rank", sorted_weights, NORMAL, sorted_weights_grad)
NORM = Case("a norm", norm_two, NORMAL, norm_grad)
ABS_ZERO = Case("abs at 0, 0 there", lambda x: np.sum(np.abs(x)), at(0, -1, 2), np.sign, kink=True)

RIGHT = (
    RELU,
    AT_ZERO,
    Case("relu at 0, 1 there", relu_sum, at(0, 1, -2, 0), lambda x: (x >= 0) * 1.0, kink=True),
    Case("relu at 0, 1/2 there", relu_sum, at(0, 1, -2, 0), lambda x: np.heaviside(x, 0.5), kink=True),
    # pytorch/pytorch issue 114234: a difference steps over the kink, and the gradient is called wrong.
    Case("relu a hair above 0", relu_sum, at(1e-9, 1e-30, 1e-12, 0.5), lambda x: (x > 0) * 1.0),
    Case("abs a hair below 0", lambda x: np.sum(np.abs(x)), at(-1e-10, 1e-11, -3e-7), np.sign),
    ABS_ZERO,
    LEAKY,
    Case("leaky relu at 0", leaky, at(0, 0.5, -0.5), lambda x: np.where(x > 0, 1, 0.01), kink=True),
    CLIP,
    Case("a clip at its edges", lambda x: np.sum(np.clip(x, -1, 1)), at(-1, 1, 0.3, 4), lambda x:
         (np.abs(x) < 1) * 1.0, kink=True),
    TIE,
    Case("the largest of ties, shared", largest, at(1, 3, 3, 2, 3), shared_among_ties, kink=True),
    LARGEST,
    Case("two relus that cancel at 0", lambda x: np.sum(np.maximum(x, 0) - np.maximum(-x, 0)), at(0, 0, 1, -1),
         np.ones_like),
    HINGE,
    Case("distance to the median", median_loss, NORMAL, median_grad),
    POOL,
    SORTED,
    NORM,
    Case("a norm at 0", norm_two, at(0, 0, 0), norm_grad, kink=True),
    Case("smooth L1 at its joints", smooth_l1, at(1, -1, 0.5, 2), lambda x: np.clip(x, -1, 1)),
    Case("x|x| at 0", lambda x: np.sum(x * np.abs(x)), at(0, 1, -2), lambda x: 2 * np.abs(x)),
    Case("a saturated sigmoid", saturated_sigmoid, at(30, -35, 40, 300, -700), saturated_sigmoid_grad),
    Case("tanh far out", lambda x: np.sum(np.tanh(x)), at(12, -18, 25, 0.1), lambda x: np.cosh(x) ** -2.0),
    Case("round makes steps", lambda x: np.sum(np.round(x) + x), NORMAL, np.ones_like,
         plain=lambda x: np.sum(np.rint(x) + x)),
    Case("a hard sigmoid, saturated everywhere", lambda x: np.sum(np.clip(0.2 * x + 0.5, 0, 1)), at(5, -7, 9),
         np.zeros_like),
)  # fmt: skip

WRONG = (
    wrong(RELU, "relu: 1 for x < 0 too", np.ones_like, "branch", "x"),
    wrong(AT_ZERO, "relu: 2 at the kink", lambda x: (x > 0) + 2.0 * (x == 0), "kink", "x"),
    wrong(AT_ZERO, "relu: -1 at the kink", lambda x: (x > 0) - 1.0 * (x == 0), "kink", "x"),
    wrong(LEAKY, "leaky relu: the slopes exchanged", lambda x: np.where(x > 0, 0.01, 1), "branch", "x"),
    wrong(LEAKY, "leaky relu: the slope's sign", lambda x: np.where(x > 0, 1, -0.01), "branch", "x"),
    wrong(CLIP, "clip: the mask is forgotten", lambda x: 3 * np.clip(x, -1, 1) ** 2, "activation", "x"),
    wrong(TIE, "ties: each takes all", every_tie, "kink", "x"),
    wrong(LARGEST, "the smallest for the largest", lambda x: np.roll(largest_grad(x), 1), "shift", "x"),
    wrong(HINGE, "hinge: the margin is forgotten", lambda w, X, y: -X.T @ y / len(y), "activation", "w"),
    wrong(HINGE, "hinge: the labels are forgotten", lambda w, X, y: -X.T @ (y * (X @ w) < 1) / len(y),
          "activation",
          "w"),
    wrong(POOL, "max pool: spread over the block", lambda x:
          np.repeat(2 * np.max(x.reshape(-1, 3), axis=1) / 3, 3), "mask", "x"),
    wrong(SORTED, "ranks: the order for its inverse", lambda x: np.argsort(x) + 1.0, "permutation", "x"),
    wrong(NORM, "norm: not divided", lambda x: x, "term-factor", "x"),
    wrong(NORM, "norm: with an epsilon beside it", lambda x: x / (norm_two(x) + 1e-3), "epsilon", "x"),
    wrong(CLIP, "clip: wrong for x < 0 only", lambda x: clipped_grad(x) * np.where(x < 0, -1, 1), "branch", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
