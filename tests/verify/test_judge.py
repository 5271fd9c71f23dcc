import math

import numpy as np
import pytest

import gradproof as gp

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(4, 5))
Y = np.eye(5)[RNG.integers(0, 5, 4)]
X, W, V = RNG.normal(size=(8, 30)), RNG.normal(size=(30, 40)), RNG.normal(size=40)
P = np.array([0.3, 2.0])


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def loss(z, y):
    return -np.sum(y * np.log(softmax(z))) / len(z)


def net(w, v):
    return np.mean(np.tanh(X @ w) @ v)


def net_gradient(w, v):
    h = np.tanh(X @ w)
    return X.T @ ((1 - h * h) * v) / 8, h.mean(0)


def one_entry_off(w, v):
    a, b = net_gradient(w, v)
    a[3, 7] *= 1.01
    return a, b


def in_floats(gradient):
    """The same gradient, of the memory of an array: it does not run in balls."""
    return lambda x: gradient(np.frombuffer(x.tobytes()))


def scaled(*weights):
    """A weighted sum of squares, entries of very different size, and its gradient."""
    w = np.array(weights)
    return lambda x: np.sum(w * x**2), lambda x: 2 * w * x


def halved(f, gradient):
    """A mistake in the last entry alone."""
    return f, lambda x: gradient(x) * np.append(np.ones(len(x) - 1), 0.5)


def centred(z):
    return z - np.mean(z)


T5 = RNG.normal(size=5)
P2 = np.array([0.7, 1.3])
MANY = RNG.normal(size=1000)
MANY_SCALES = 10.0 ** np.repeat([10, 3, -4, -11], 250)
EXACT_SCALES = 2.0 ** np.repeat([33, 10, -13, -37], 250)

#: By case: the function, its gradient, the inputs, options, the verdict and its strength (None: not looked at).
CASES = {
    "cross-entropy": (loss, lambda z, y: (softmax(z) - y) / len(z), [Z, Y], {"wrt": ["z"]}, "right", "certified"),
    "without 1/m": (loss, lambda z, y: softmax(z) - y, [Z, Y], {"wrt": ["z"]}, "wrong", "certified"),
    "labels are not moved off their corners": (
        loss, lambda z, y: ((softmax(z) - y) / len(z), -np.log(softmax(z)) / len(z)), [Z, Y], {}, "right", "certified"),
    "more entries than are taken one by one": (net, net_gradient, [W, V], {}, "right", "certified"),
    "one entry of many": (net, one_entry_off, [W, V], {}, "wrong", "certified"),
    "one entry of many, measured": (net, one_entry_off, [W, V], {"exact": False}, "wrong", "measured"),
    "relu at its kink": (lambda x: np.sum(np.maximum(x, 0)), lambda x: (x > 0) * 1.0, [np.array([0.0, 1, -2])], {},
                         "right", "measured"),
    "abs at its kink": (lambda x: np.sum(np.abs(x)), np.sign, [np.array([0.0, 1, -2])], {}, "right", "measured"),
    "beyond a kink's slopes": (lambda x: np.sum(np.maximum(x, 0)), lambda x: (x > 0) + 3.0 * (x == 0),
                               [np.array([0.0, 1, -2])], {}, "wrong", "measured"),
    "a tie": (np.max, lambda x: (x == x.max()) / np.sum(x == x.max()), [np.array([1.0, 1, 0])], {},
              "right", "measured"),
    "python's math": (lambda x: math.sin(x[0]) * x[1], lambda x: np.array([math.cos(x[0]) * x[1], math.sin(x[0])]), [P],
                      {}, "right", "certified"),
    "python's math, a sign": (lambda x: math.sin(x[0]) * x[1],
                              lambda x: np.array([-math.cos(x[0]) * x[1], math.sin(x[0])]), [P], {}, "wrong",
                              "certified"),
    "float at the end": (lambda x: float(np.sum(x**3)), lambda x: 3 * x**2, [P], {}, "right", "certified"),
    "a constant rounded to a float": (lambda x: np.sum(x**3) / 3, lambda x: 0.1 * 10 * x**2, [P], {}, "right", None),
    "float32": (lambda x: np.sum(np.tanh(x)).astype(np.float32), lambda x: 1 - np.tanh(x) ** 2,
                [RNG.normal(size=5).astype(np.float32)], {}, "right", "certified"),
    "tiny": (lambda x: 1e-12 * np.sum(x**2), lambda x: 2e-12 * x, [P], {}, "right", "certified"),
    "tiny and wrong": (lambda x: 1e-12 * np.sum(x**2), lambda x: 1.9e-12 * x, [P], {}, "wrong", "certified"),
    "tiny and wrong, measured": (lambda x: 1e-12 * np.sum(x**2), lambda x: 1.9e-12 * x, [P], {"exact": False}, "wrong",
                                 "measured"),
    "huge": (lambda x: 1e30 * np.sum(x**2), lambda x: 2e30 * x, [P], {}, "right", "certified"),
    "cancellation": (lambda x: (1e8 + np.sum(x**2)) - 1e8, lambda x: 2 * x, [P], {}, "right", "certified"),
    "cancellation, measured": (lambda x: (1e8 + np.sum(x**2)) - 1e8, lambda x: 2 * x, [P], {"exact": False}, None,
                              None),
    "domain": (lambda x: np.sum(np.log(x)), lambda x: 1 / x, [P], {}, "right", "certified"),
    "outside the domain": (lambda x: np.sum(np.log(x)), lambda x: 1 / x, [-P], {}, "undecided", ""),
    "vjp": (lambda x, a: a @ x, None, [np.ones(3), RNG.normal(size=(2, 3))],
            {"vjp": lambda c, x, a: (a.T @ c, np.outer(c, x))}, "right", "certified"),
    "vjp, a cosine missing": (lambda x, a: a @ np.sin(x), None, [np.ones(3), RNG.normal(size=(2, 3))],
                              {"vjp": lambda c, x, a: (a.T @ c, np.outer(c, np.sin(x)))}, "wrong", "certified"),
    "linear algebra": (lambda a: np.linalg.slogdet(a @ a.T)[1], lambda a: 2 * np.linalg.inv(a @ a.T) @ a,
                       [RNG.normal(size=(3, 3))], {}, "right", "certified"),
    "raises": (lambda x: 1 / 0, lambda x: x, [P], {}, "undecided", ""),
    "gradient raises": (np.sum, lambda x: 1 / 0, [P], {}, "undecided", ""),
    "changes its argument": (lambda x: np.sum(np.multiply(x, 2, out=x)), lambda x: 2 * np.ones_like(x), [P], {},
                             "right",
                             "certified"),
    "another shape": (lambda x, b: np.sum(x + b), lambda x, b: (np.ones_like(x), 3 * np.ones((1, 2))),
                      [np.ones((3, 2)), np.ones(2)], {}, "wrong", "certified"),
    "no number": (lambda x: np.sum(x**2), lambda x: x * np.nan, [P], {}, "wrong", "certified"),
    "steps": (lambda x: np.sum(np.floor(x)), np.zeros_like, [np.array([1.3, 2.2])], {}, "right", "certified"),
    "at a step": (lambda x: np.sum(np.floor(x)), np.zeros_like, [P], {}, "undecided", ""),
    "constant": (lambda x: 5.0, np.zeros_like, [P], {}, "right", "measured"),
    "dict": (lambda a, b: np.sum(a * b), lambda a, b: {"a": b, "b": a}, [P, 2 * P], {}, "right", "certified"),
    "a key is missing": (lambda a, b: np.sum(a * b), lambda a, b: {"a": b}, [P, 2 * P], {}, "wrong", "certified"),
    "a chosen key is missing": (lambda a, b: np.sum(a * b), lambda a, b: {"a": b}, [P, 2 * P], {"wrt": ["a", "b"]},
                                "wrong", "certified"),
    "a key with None": (lambda a, b: np.sum(a * b), lambda a, b: {"a": b, "b": None}, [P, 2 * P], {}, "right",
                        "certified"),
    "keys by position": (lambda a, b: np.sum(a * b), lambda a, b: {1: a, 0: b}, [P, 2 * P], {}, "right", "certified"),
    "None where there is no derivative": (lambda a, b: np.sum(a * b), lambda a, b: (b, None), [P, P], {}, "right",
                                          "certified"),
    "a number": (lambda a: a**2, lambda a: 2 * a, [3.0], {}, "right", "certified"),
    "integers are left alone": (lambda a, k: a[k] ** 2, lambda a, k: 2 * a * (np.arange(2) == k), [P, 1], {}, "right",
                                "certified"),
    "behaves differently in floats": (lambda x: np.sum(x) if type(x) is np.ndarray else np.sum(x**2), np.ones_like,
                                      [P], {}, "undecided", ""),
    "hidden in floats by a large constant": (lambda x: 1e12 + np.sum(1e-3 * x**2), lambda x: 1e-3 * x, [P2], {},
                                              "wrong", "certified"),
    "nearly right beside a large constant": (lambda x: 1e6 + np.sum(x**2), lambda x: 2 * x * (1 + 1e-7), [P2], {},
                                             "wrong", "certified"),
    "a large constant, measured": (lambda x: 1e12 + np.sum(1e-3 * x**2), lambda x: 2e-3 * x, [P2], {"exact": False},
                                   "undecided", ""),
    "mixed scales": (*scaled(1e10, 1e-3), [P2], {}, "right", None),
    "mixed scales, wrong": (*halved(*scaled(1e10, 1e-3)), [P2], {}, "wrong", "certified"),
    "mixed scales, a few digits left": (*halved(*scaled(1e12, 0.1)), [P2], {}, "wrong", "certified"),
    "mixed scales, one vanishes in floats": (*halved(*scaled(2.0**40, 2.0**-40)), [P2], {}, "wrong", "certified"),
    "mixed scales, one may be left of rounded constants": (
        *halved(*scaled(1e12, 1e-12)), [P2], {}, "undecided", ""),
    "centred constants": (
        lambda x: np.sum(np.array([0.1, 0.2, 0.3]) * centred(x)),
        lambda x: np.array([0.1, 0.2, 0.3]) - np.mean([0.1, 0.2, 0.3]) + 0 * x, [np.ones(3)], {}, None, None),
    "centred constants, wrong": (
        lambda x: np.sum(np.array([0.1, 0.2, 0.3]) * centred(x)),
        lambda x: np.array([0.1, 0.2, 0.3]) - 0 * x, [np.ones(3)], {}, "wrong", "certified"),
    "mixed scales, a gradient in floats": (
        scaled(1e10, 1e-3)[0], in_floats(scaled(1e10, 1e-3)[1]), [P2], {}, "right", "measured"),
    "mixed scales, a wrong gradient in floats": (
        scaled(1e10, 1e-3)[0], in_floats(halved(*scaled(1e10, 1e-3))[1]), [P2], {}, "undecided", ""),
    "mixed scales, measured": (*scaled(1e10, 1e-3), [P2], {"exact": False}, "right", "measured"),
    "mixed scales, measured, wrong": (*halved(*scaled(1e10, 1e-3)), [P2], {"exact": False}, "wrong", "measured"),
    "mixed scales, measured, a few digits left, wrong": (
        *halved(*scaled(1e12, 0.1)), [P2], {"exact": False}, "wrong", "measured"),
    "mixed scales, measured, one vanishes": (*scaled(1e12, 1e-12), [P2], {"exact": False}, "undecided", ""),
    "mixed scales, measured, one vanishes, wrong": (
        *halved(*scaled(1e12, 1e-12)), [P2], {"exact": False}, "undecided", ""),
    "a vanishing entry claimed 0, measured": (
        scaled(1e12, 1e-6)[0], lambda x: np.array([2e12 * x[0], 0.0]), [P2], {"exact": False}, "undecided", ""),
    "many entries of mixed scales": (
        lambda x: np.sum(MANY_SCALES * x**2), lambda x: 2 * MANY_SCALES * x, [MANY], {}, "right", None),
    "many entries of mixed scales, a small one wrong": (
        *halved(lambda x: np.sum(EXACT_SCALES * x**2), lambda x: 2 * EXACT_SCALES * x), [MANY], {}, "wrong",
        "certified"),
    "many entries, a small one 0": (
        lambda x: np.sum(EXACT_SCALES * x**2), lambda x: 2 * EXACT_SCALES * x * (np.arange(1000) < 999), [MANY], {},
        "wrong", "certified"),
    "many entries of mixed scales, rounded, a small one wrong": (
        *halved(lambda x: np.sum(MANY_SCALES * x**2), lambda x: 2 * MANY_SCALES * x), [MANY], {}, "undecided", ""),
    "many entries of mixed scales, measured": (
        lambda x: np.sum(MANY_SCALES * x**2), lambda x: 2 * MANY_SCALES * x, [MANY], {"exact": False}, "undecided", ""),
    "an entry of nothing but rounding": (
        lambda x, b: np.sum(T5 * centred(X[:5, :3] @ x + b)), lambda x, b: (X[:5, :3].T @ (T5 - T5.mean()),
                                                                           np.sum(T5 - T5.mean() + 0 * b)),
        [np.ones(3), 0.5], {}, "right", "measured"),
    "an entry of nothing but rounding, measured": (
        lambda x, b: np.sum(T5 * centred(X[:5, :3] @ x + b)), lambda x, b: (X[:5, :3].T @ (T5 - T5.mean()),
                                                                           np.sum((1 + 0 * b) * T5 - T5.mean())),
        [np.ones(3), 0.5], {"exact": False}, None, None),
    "digits lost that do not move": (
        lambda x: np.sum(np.array([1.0, 3.0]) * np.tanh(x)), in_floats(lambda x: np.array([1.0, 3.0]) *
                                                                       (1 - np.tanh(x) ** 2)),
        [np.array([0.3, 17.0])], {}, "undecided", ""),
    "masked entries, measured": (
        lambda x: 1e3 + np.sum(np.array([1.0, 0.0, 1.0]) * x**2), lambda x: 2 * x * np.array([1.0, 0.0, 1.0]),
        [np.array([0.3, 2.0, -1.0])], {"exact": False}, "right", "measured"),
    "units that are switched off, measured": (
        lambda x: np.sum(np.maximum(x, 0) ** 2), lambda x: 2 * np.maximum(x, 0), [np.array([0.3, -2.0, 1.0])],
        {"exact": False}, "right", "measured"),
    "even at 0, measured": (lambda x: np.sum(x**2), lambda x: 2 * x, [np.array([0.0, 1.0])], {"exact": False},
                            "right", "measured"),
    "no number, measured": (lambda x: np.sum(x**2), lambda x: x * np.nan, [P], {"exact": False}, "wrong", "measured"),
    "right here only": (lambda x: np.sum(x**2), lambda x: np.array([0.6, 4.0]), [P], {}, "wrong", "certified"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name):
    f, grad, inputs, options, verdict, strength = CASES[name]
    report = gp.check(f, grad, inputs, **options)
    if verdict is None:
        assert report.verdict != "wrong", str(report)
        return
    assert report.verdict == verdict, str(report)
    assert strength is None or report.strength == strength, str(report)
    assert report.reason
