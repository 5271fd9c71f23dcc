"""What is no known mistake has no cause, and a place is no more than a place."""

import numpy as np
import pytest

from .cases import causes

RNG = np.random.default_rng(7)
A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 4))
NOISE = RNG.normal(size=(4, 3))


def f(a, b):
    return np.sum(np.tanh(a @ b) ** 2)


def right(a, b):
    d = 2 * np.tanh(a @ b) * (1 - np.tanh(a @ b) ** 2)
    return d @ b.T, a.T @ d


STRANGE = {
    "a fixed factor for each entry": lambda g, a: g * (1 + 0.3 * NOISE),
    "a fixed term": lambda g, a: g + 0.1 * NOISE,
    "a function of itself": lambda g, a: np.sin(3 * g),
    "a polynomial of the input": lambda g, a: g + 0.1 * a**2 - 0.3 * a**3,
    "another gradient": lambda g, a: np.cos(a) * g.mean() + g**2,
    "numbers that change with every point": lambda g, a: g * (1 + 0.2 * np.sin(1e6 * a)),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_gradient_has_no_cause(name):
    wrong = lambda a, b: (STRANGE[name](right(a, b)[0], a), right(a, b)[1])  # noqa: E731
    assert causes(f, right, wrong, [A, B]) == ()


def test_a_factor_of_one_number_alone_is_not_named():
    one = np.zeros((4, 3))
    one[1, 2] = 0.37
    wrong = lambda a, b: (right(a, b)[0] * (1 + one), right(a, b)[1])  # noqa: E731
    (cause,) = causes(f, right, wrong, [A, B])
    assert cause.kind == "entry"
    assert "[1, 2]" in cause.text


def test_a_cause_at_the_given_point_that_does_not_hold_elsewhere_is_dropped():
    """At the given point the two are the same numbers; elsewhere they are not."""
    here = right(A, B)[0]
    wrong = lambda a, b: (2 * here if a.shape == here.shape else here, right(a, b)[1])  # noqa: E731
    assert not [c for c in causes(f, right, wrong, [A, B]) if c.kind == "factor"]


def test_a_diagnosis_survives_functions_that_fail_elsewhere():
    def fussy(a, b):
        if not np.array_equal(a, A):
            raise ValueError("only here")
        return 2 * right(a, b)[0], right(a, b)[1]

    (cause,) = causes(f, right, fussy, [A, B])
    assert cause.kind == "factor"
