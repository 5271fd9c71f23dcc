"""Mistakes inside a function of several steps are found on its tape and named with the line."""

from itertools import pairwise

import numpy as np
import pytest

from gradproof.verify.diagnosis.tape.record import Untapeable
from gradproof.verify.diagnosis.tape.reverse import Edges, Reverse
from gradproof.verify.diagnosis.tape.run import run_on_tape

from .cases import causes

RNG = np.random.default_rng(4)
X, W, B, V = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3), RNG.normal(size=(3, 2))
T = RNG.integers(0, 2, 5)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(w, b, v):
    z = np.tanh(X @ w + b) @ v
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(5), T]))


def gradient(w, b, v, slip=""):
    h = np.tanh(X @ w + b)
    z = h @ v
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    d = (p - np.eye(2)[T]) / 5
    d = p / 5 if slip == "labels" else d
    dh = d @ v.T * (1 - h**2 if slip != "tanh" else 1)
    dh = d @ v.T * (1 - h) if slip == "square" else dh
    return X.T @ dh, dh[-1] if slip == "row" else dh.sum(0), h.T @ d


def recurrent(x, u):
    h = np.zeros(3)
    out = np.zeros((4, 3))
    for t in range(4):
        h = np.tanh(x[t] + h @ u)
        out[t] = h
    return np.sum(out * np.arange(12.0).reshape(4, 3))


def through_time(x, u, carry=1.0, transpose=True):
    h = [np.zeros(3)]
    for t in range(4):
        h.append(np.tanh(x[t] + h[-1] @ u))
    dx, du, d = np.zeros_like(x), np.zeros_like(u), np.zeros(3)
    for t in range(3, -1, -1):
        dx[t] = (np.arange(12.0).reshape(4, 3)[t] + carry * d) * (1 - h[t + 1] ** 2)
        du += np.outer(h[t], dx[t])
        d = dx[t] @ (u.T if transpose else u)
    return dx, du


SLIPS = [
    ("tanh", "activation", "tanh"),
    ("labels", "term", ""),
    ("row", "broadcast", "only the last"),
    ("square", "activation", ""),
]


@pytest.mark.parametrize(("slip", "kind", "words"), SLIPS)
def test_a_slip_inside_a_network_is_named(slip, kind, words):
    (cause,) = causes(loss, gradient, lambda *at: gradient(*at, slip=slip), [W, B, V])
    assert cause.kind == kind, cause.text
    assert words in cause.text
    assert "of test_tape.py" in cause.text


@pytest.mark.parametrize(("options", "kind"), [({"carry": 0.0}, "truncated"), ({"transpose": False}, "transposed-use")])
def test_a_slip_in_a_recurrence_is_named(options, kind):
    wrong = lambda x, u: through_time(x, u, **options)  # noqa: E731
    (cause,) = causes(recurrent, through_time, wrong, [RNG.normal(size=(4, 3)), W])
    assert cause.kind == kind, cause.text
    assert "h = np.tanh(x[t] + h @ u)" in cause.text


def test_two_mistakes_are_two_causes():
    wrong = lambda *at: (gradient(*at, slip="tanh")[0], gradient(*at, slip="row")[1], gradient(*at)[2])  # noqa: E731
    found = causes(loss, gradient, wrong, [W, B, V])
    assert found == () or sum(c.share for c in found) > 0.99


FUNCTIONS = [
    lambda x: np.sum(np.log1p(np.exp(x)) * sigmoid(x)),
    lambda x: np.max(x) * np.prod(x) + np.linalg.norm(x),
    lambda x: float(np.mean(np.where(x > 0, x**3, np.abs(x)))),
    lambda x: np.sum(np.cumsum(x) ** 2 / (1 + x[::-1] ** 2)),
    lambda x: np.einsum("i,j,ij->", x, x, np.arange(36.0).reshape(6, 6)) + np.dot(x, x) + np.std(x),
    lambda x: np.sum(np.concatenate([x[2:], x[:2]]) * np.clip(x, -0.5, 0.5) * np.maximum(x, 0.1)),
    lambda x: sum(np.arctan2(a, 2 + b) for a, b in pairwise(x)),
]


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_the_tape_gives_the_gradient(number):
    f, x = FUNCTIONS[number], RNG.normal(size=6)
    run = run_on_tape(lambda at: f(*at), [x], [0])
    assert run.value == pytest.approx(float(f(x)), rel=1e-13)
    (found,) = Reverse(run, None).gradients([Edges()])
    step = 1e-6 * np.eye(6)
    numeric = [(f(x + h) - f(x - h)) / 2e-6 for h in step]
    np.testing.assert_allclose(found[0], numeric, rtol=1e-6, atol=1e-8)


def test_numpy_is_as_before_and_what_cannot_be_followed_is_refused():
    zeros = np.zeros
    with pytest.raises(Untapeable, match="linalg"):
        run_on_tape(lambda at: np.sum(np.linalg.svd(at[0])[1]), [W], [0])
    assert np.zeros is zeros


def test_random_numbers_in_a_function_are_no_harm():
    """Compiled code that asks NumPy for memory must get floats: with anything else the process ends."""
    f = lambda w: np.sum(w**3 * (np.random.default_rng(0).random(w.shape) < 0.5))  # noqa: E731
    run = run_on_tape(lambda at: f(*at), [W], [0], f)
    assert run.value == pytest.approx(f(W))


def test_a_function_that_leaves_the_tape_has_no_cause_from_it():
    f = lambda w: float(np.sum(np.float64(3.0) * np.array([float(a) for a in w.reshape(-1)]) ** 2))  # noqa: E731
    wrong = lambda w: 6 * w + 0.1 * np.sin(w.T)  # noqa: E731
    assert causes(f, lambda w: 6 * w, wrong, [W]) == ()


def test_exchanged_cotangents_of_a_product_are_named():
    f = lambda a, b: np.sum(np.sin(np.tanh(a) @ np.cos(b)))  # noqa: E731

    def right(a, b, swap=False):
        p, q = np.tanh(a), np.cos(b)
        d = np.cos(p @ q)
        dp, dq = d @ q.T, p.T @ d
        dp, dq = (dq, dp) if swap else (dp, dq)
        return dp * (1 - p**2), -dq * np.sin(b)

    wrong = lambda a, b: right(a, b, swap=True)  # noqa: E731
    (cause,) = causes(f, right, wrong, [W, RNG.normal(size=(3, 3))])
    assert cause.kind == "swapped"


def test_a_right_gradient_of_an_input_that_f_ignores_does_not_hide_the_mistake():
    f = lambda w, b: np.sum(np.tanh(w + b - np.mean(w + b, axis=0)))  # noqa: E731

    def right(w, b, slope=True):
        z = w + b - np.mean(w + b, axis=0)
        d = 1 - np.tanh(z) ** 2 if slope else np.ones_like(z) * (1 - np.tanh(z))
        d = d - np.mean(d, axis=0)
        return d, np.sum(d, axis=0)

    (cause,) = causes(f, right, lambda w, b: right(w, b, slope=False), [X, B])
    assert cause.kind == "activation"
