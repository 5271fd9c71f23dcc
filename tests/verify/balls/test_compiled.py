"""Functions compiled by numba run as the Python that they were compiled from, and what they call too."""

import numpy as np
from numba import njit

from gradproof.verify.balls.exactly import exact_gradient, exact_slopes
from gradproof.verify.calls import Problem


@njit
def square(v):
    return v * v


@njit
def loss(x):
    total = 0.0
    out = np.zeros(x.shape[0])
    for i in range(x.shape[0]):
        out[i] = square(x[i])
        total += out[i] * np.exp(x[i])
    return total


@njit
def grad(x):
    return (square(x) + 2 * x) * np.exp(x)


def test_a_compiled_function_runs_in_balls():
    before = loss, square
    problem = Problem(loss, grad, [np.array([0.3, -1.2])])
    rows = exact_slopes(problem, problem.inputs, None, None).rows
    (claims,) = exact_gradient(problem, problem.inputs, None)
    assert all(row.overlaps(claim) and row.rad() < 1e-50 for row, claim in zip(rows, claims, strict=True))
    assert (loss, square) == before
