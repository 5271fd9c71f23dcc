"""Each family of mistakes, planted in a right gradient, is named; the kind and a few words are looked at."""

import numpy as np
import pytest

from . import cases


def causes(*args, **options):
    """The causes that the families find by themselves, without the function's tape."""
    return cases.causes(*args, function=None, **options)


RNG = np.random.default_rng(1)
A, B, V = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 4)), RNG.normal(size=6)
X = RNG.normal(size=(5, 3))
SEED = RNG.normal(size=(5, 3))


def product(a, b):
    return np.sum(np.sin(a) @ np.cos(b) * np.arange(16.0).reshape(4, 4))


def d_product(a, b):
    c = np.arange(16.0).reshape(4, 4)
    return np.cos(a) * (c @ np.cos(b).T), -np.sin(b) * (np.sin(a).T @ c)


def changed(change):
    return lambda a, b: (change(d_product(a, b)[0], a), d_product(a, b)[1])


def d_both(a, b):
    return d_product(a, b)[::-1]


ONE_OF_TWO = [
    (lambda g, a: g.T, "transpose", "transposed"),
    (lambda g, a: 2 * g.T, "transpose", "2 times too large"),
    (lambda g, a: g[::-1], "flip", "along axis 0"),
    (lambda g, a: np.roll(g, 1, 1), "shift", "off by one"),
    (lambda g, a: np.vstack([np.zeros((1, 4)), g[:-1]]), "shift", "off by one"),
    (lambda g, a: g.reshape(-1)[np.r_[1, 0, 2:16]].reshape(4, 4), "permutation", "[0, 0] and [0, 1]"),
    (lambda g, a: g + 0.1 * a, "regulariser", "0.1·x"),
    (lambda g, a: g - 0.3 * np.sign(a), "regulariser", "L1"),
    (lambda g, a: g + 0.25, "constant", "0.25"),
    (lambda g, a: np.clip(g, -5, 5), "clipped", "[-5, 5]"),
    (lambda g, a: g / np.linalg.norm(g) * 3, "clipped", "norm 3"),
    (lambda g, a: g.astype(np.float32), "precision", "float32"),
    (lambda g, a: np.cumsum(g, axis=0), "sum", "running sum along axis 0"),
    (lambda g, a: np.sum(g, axis=1, keepdims=True) + 0 * g, "sum", "summed along axis 1"),
    (lambda g, a: g / np.cos(a), "activation", "derivative of sin is missing"),
    (lambda g, a: g * -np.sin(a) / np.cos(a), "activation", "derivative of cos, for that of sin"),
    (lambda g, a: g * np.array([1.0, 2.0, 3.0, 5.0]), "axis-factor", "each column"),
    (lambda g, a: np.where(a < 0, 3 * g, g), "branch", "where `a` < 0"),
    (lambda g, a: np.where(a < 0, g * g, g), "branch", "where `a` < 0"),
    (lambda g, a: np.where(np.arange(4)[:, None] == 3, 0, g), "edge", "last of 4 rows"),
    (lambda g, a: np.where(np.arange(4) // 2 == 1, g * g, g), "block", "block 1 of 2"),
    (lambda g, a: g + (np.arange(16).reshape(4, 4) == 5) * a, "entry", "[1, 1]"),
]


@pytest.mark.parametrize(("change", "kind", "words"), ONE_OF_TWO)
def test_a_change_of_one_gradient_is_named(change, kind, words):
    (cause,) = causes(product, d_product, changed(change), [A, B])
    assert (cause.kind, cause.input) == (kind, "a"), cause.text
    assert words in cause.text
    assert cause.share > 0.99


def test_exchanged_gradients_are_one_cause():
    (cause,) = causes(product, d_product, d_both, [A, B])
    assert (cause.kind, cause.text) == ("swapped", "the gradients of `a` and `b` are exchanged")
    assert cause.share > 0.99


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def d_softmax(v, x):
    p = softmax(x)
    return p * (v - np.sum(v * p, axis=1, keepdims=True))


def norm(x):
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)


def d_norm(v, x, mean=1.0, variance=1.0):
    h = norm(x)
    return (v - mean * v.mean(1, keepdims=True) - variance * h * (v * h).mean(1, keepdims=True)) / np.sqrt(
        x.var(1, keepdims=True) + 1e-5
    )


def affine(x):
    return np.tanh(x) @ np.array([[0.0, 1, 2], [3, 4, 5], [6, 8, 7]])


def d_affine(v, x):
    return v @ np.array([[0.0, 1, 2], [3, 4, 5], [6, 8, 7]]).T * (1 - np.tanh(x) ** 2)


ARRAYS = [
    (softmax, d_softmax, lambda v, x: softmax(x) * (1 - softmax(x)) * v, "diagonal", "diagonal"),
    (softmax, d_softmax, lambda v, x: d_softmax(np.ones_like(v), x) + x * 0 + softmax(x), "cotangent", "ignored"),
    (softmax, d_softmax, lambda v, x: softmax(x) * v, "term", "softmax"),
    (norm, d_norm, lambda v, x: d_norm(v, x, mean=0), "mean-term", "mean"),
    (norm, d_norm, lambda v, x: d_norm(v, x, variance=0), "variance-term", "variance"),
    (affine, d_affine, lambda v, x: d_affine(v, x) + v, "residual", "skip connection"),
    (affine, d_affine, lambda v, x: d_affine(v, x) / (1 - np.tanh(x) ** 2), "activation", "tanh is missing"),
    (
        affine,
        d_affine,
        lambda v, x: d_affine(v, x) / (1 - np.tanh(x) ** 2) * (1 - x**2),
        "activation",
        "1 - x² at the input",
    ),
    (
        affine,
        d_affine,
        lambda v, x: v * (1 - np.tanh(x) ** 2) @ np.array([[0.0, 1, 2], [3, 4, 5], [6, 8, 7]]),
        "adjoint",
        "Jᵀ v",
    ),
]


@pytest.mark.parametrize(("f", "right", "wrong", "kind", "words"), ARRAYS)
def test_a_change_of_a_vjp_is_named(f, right, wrong, kind, words):
    (cause,) = causes(f, right, wrong, [X], cotangent=SEED)
    assert cause.kind == kind, cause.text
    assert words in cause.text


def test_a_missing_relu_mask_is_a_branch():
    f = lambda x: np.maximum(x, 0) ** 2  # noqa: E731
    (cause,) = causes(f, lambda v, x: 2 * v * np.maximum(x, 0), lambda v, x: 2 * v * np.abs(x), [X], cotangent=SEED)
    assert cause.kind == "branch"
    assert "relu" in cause.text


def test_duplicates_of_an_index_are_named():
    def lost(table, i):
        g = np.zeros_like(table)
        g[i] += 2 * table[i]
        return g

    def kept(table, i):
        g = np.zeros_like(table)
        np.add.at(g, i, 2 * table[i])
        return g

    rows = np.array([0, 3, 3, 1, 5, 5, 5])
    (cause,) = causes(lambda table, i: np.sum(table[i] ** 2), kept, lost, [RNG.normal(size=(8, 3)), rows])
    assert cause.kind == "duplicates"
    assert "np.add.at" in cause.text


def test_a_sum_over_the_batch_that_is_missing_is_named():
    f = lambda x, b: np.sum(np.tanh(x + b))  # noqa: E731
    slope = lambda x, b: 1 - np.tanh(x + b) ** 2  # noqa: E731
    right = lambda x, b: (slope(x, b), slope(x, b).sum(0))  # noqa: E731
    (cause,) = causes(f, right, lambda x, b: (slope(x, b), slope(x, b)[0]), [X, np.array([0.1, 0.2, 0.3])])
    assert cause.kind == "broadcast"
    assert cause.input == "b"


def test_one_use_of_a_square_matrix_is_named():
    f = lambda a: np.sum(a @ a)  # noqa: E731
    one = lambda a: np.ones((4, 4)) @ a.T  # noqa: E731
    (cause,) = causes(f, lambda a: one(a) + one(a).T, one, [A])
    assert cause.kind in ("shared", "term")


def test_the_outermost_function_is_named():
    f = lambda x: np.sqrt(np.sum(x**2 * np.arange(1, 7)))  # noqa: E731
    wrong = lambda x: x * np.arange(1, 7)  # noqa: E731
    (cause,) = causes(f, lambda x: wrong(x) / f(x), wrong, [V])
    assert cause.kind == "term-factor"
    assert "square root" in cause.text
