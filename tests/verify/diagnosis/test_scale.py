import math

import numpy as np
import pytest

from .cases import causes

RNG = np.random.default_rng(0)
X, W, T = RNG.normal(size=(5, 3)), RNG.normal(size=3), RNG.normal(size=5)


def loss(w, x, t):
    return np.mean((x @ w - t) ** 2)


def right(w, x, t):
    e = 2 * (x @ w - t) / len(t)
    return x.T @ e, np.outer(e, w), -e


def scaled(c):
    return lambda *at: [right(*at)[0] * c, *right(*at)[1:]]


@pytest.mark.parametrize(
    ("c", "kind", "words"),
    [
        (-1, "sign", "the sign of the gradient of `w` is flipped"),
        (2, "factor", "2 times too large"),
        (0.5, "factor", "half"),
        (5, "size", "divide by it"),
        (1 / 5, "size", "multiply by it"),
        (1 / 15, "size", "`x`"),
        (math.sqrt(5), "size", "√5"),
        (4 / 5, "size", "n - 1 for n"),
        (2 / 7, "factor", "2/7"),
        (-3, "size", "its sign is flipped"),
        (math.pi, "factor", "π"),
        (1 / math.log(2), "factor", "too small by the factor log 2"),
        (1.0001, "factor", "1.0001 times"),
        (0, "detached", "zero"),
    ],
)
def test_a_constant_factor_is_named(c, kind, words):
    (cause,) = causes(loss, right, scaled(c), [W, X, T])
    assert (cause.kind, cause.input) == (kind, "w")
    assert words in cause.text
    assert cause.share > 0.99


def test_one_factor_of_several_inputs_is_one_cause():
    (cause,) = causes(loss, right, lambda *at: [2 * g for g in right(*at)], [W, X, T])
    assert cause.kind == "factor"
    assert "`w` and `x` and `t`" in cause.text
    assert cause.share > 0.99


def test_a_factor_that_another_point_does_not_confirm_is_no_cause():
    wrong = lambda w, x, t: [right(w, x, t)[0] * np.exp(w[0]), *right(w, x, t)[1:]]  # noqa: E731
    assert not [c for c in causes(loss, right, wrong, [W, X, T]) if c.kind in ("factor", "size", "sign")]


def test_one_number_is_any_factor_of_another():
    one = lambda x: float(np.sum(x**2))  # noqa: E731
    options = {"inputs": [np.array(1.3)], "reference": False, "names": ["x"]}
    assert causes(one, lambda x: 2 * x, lambda x: 1.1 * x, **options) == ()


def test_a_right_gradient_has_no_cause():
    assert causes(loss, right, right, [W, X, T]) == ()
