"""A stand-in of `float` is equal to it; code that asks with `is` would be told otherwise, and is refused."""

import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.balls.identity import asks_identity
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import Problem

X = np.array([1.3, -0.7, 2.6])


def by_builtin(x):
    half = x.size / 6
    return x[0] if type(half) is float else x[1] ** 2


def by_numpy(x, kind=np.float64):
    return x[0] if kind is np.float64 else x[1] ** 2


def the_other_way(x, kind=float):
    return x[0] if float is kind else x[1] ** 2


def inside(x):
    return sum(v for v in x.tolist() if type(v) is not float)


def by_equality(x):
    half = x.size / 6
    return float(x[0]) if type(half) == float and x is not None else x[1]  # noqa: E721


def of_other_things(x, out=None):
    return float(x[0]) if out is x or out is None else x[1]


@pytest.mark.parametrize("f", [by_builtin, by_numpy, the_other_way, inside])
def test_identity_is_refused(f):
    assert asks_identity(f.__code__)
    problem = Problem(f, lambda x: x, [X], wrt="x", names=["x"])
    with pytest.raises(Untraceable, match="asks whether a type is a floating type itself"):
        exact_slopes(problem, problem.inputs, None, None)


@pytest.mark.parametrize("f", [by_equality, of_other_things])
def test_other_questions_are_not(f):
    assert not asks_identity(f.__code__)
