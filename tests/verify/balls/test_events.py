"""Kinks at the point are events; harmless ties are none; afterwards everything is as it was."""

import math

import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_gradient, exact_slopes
from gradproof.verify.balls.traced import BudgetedTrace, TooCostly, Untraceable
from gradproof.verify.calls import Problem
from tests.verify.balls.support import X, differences, slopes

HALVES = np.array([1.5, -0.75, 2.5])


KINKS = {
    "maximum": lambda x: np.maximum(x, 1.5).sum(),
    "where": lambda x: np.where(x > 1.5, x, 0.0).sum(),
    "a branch": lambda x: x[0] if x[0] >= 1.5 else x[1],
    "abs": lambda x: np.abs(x - HALVES).sum(),
    "a tie": lambda x: np.max(np.array([x[0], 3.0 - x[0]])),
    "a tie of argmax": lambda x: x[np.argmax([x[0], 3.0 - x[0]])],
    "a tie of a sort": lambda x: np.sort(np.array([x[0], 3.0 - x[0]]))[0],
    "floor": lambda x: np.floor(x + 0.5).sum(),
    "an integer": lambda x: int(x[0] + 0.5) * x[1],
    "rint at a half": lambda x: np.rint(x[0]) * x[1],
    "clip at its edge": lambda x: np.clip(x, -0.75, 1.0).sum(),
    "median": lambda x: np.median(np.array([x[0], 3.0 - x[0], x[2]])),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_at_the_point_is_an_event(name):
    events = slopes(KINKS[name], HALVES).events
    assert events
    assert "test_events.py:" in events[0]


HARMLESS = {
    "the maximum taken out of a softmax": lambda x: log_sum_exp(x, np.max(x)),
    "a softmax of equal logits": lambda x: stable_softmax(x - x.copy())[0],
    "x times its size": lambda x: np.sum(x * np.abs(x - HALVES) * (x - HALVES)),
    "squared rectifier": lambda x: np.sum(np.maximum(x - HALVES, 0) ** 2),
}


def log_sum_exp(x, m):
    return np.log(np.sum(np.exp(x - m))) + m


def stable_softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@pytest.mark.parametrize("name", HARMLESS)
def test_a_tie_that_nothing_depends_on_is_none(name):
    x = np.array([2.5, 2.5, 2.5]) if "maximum" in name else HALVES
    found = slopes(HARMLESS[name], x)
    assert not found.events
    assert [float(r) for r in found.rows] == pytest.approx(differences(HARMLESS[name], x), abs=1e-5)


def test_guesses_that_cancel_are_no_derivative():
    for f in (lambda x: np.maximum(x[0], 1.5) + np.maximum(3.0 - x[0], 1.5), lambda x: abs(x[0] - 1.5)):
        assert slopes(f, HALVES).events


def test_names_are_bound_as_they_were():
    before = dict(globals())
    slopes(lambda x: math.exp(x[0]) + float(np.zeros(1)[0] + x[1]), X)
    with pytest.raises(Untraceable):
        slopes(lambda x: np.linalg.eigvals(np.outer(x, x))[0].sum(), X)
    assert all(globals()[k] is v for k, v in before.items())
    assert "float" not in globals()
    assert type(np.zeros(2)) is np.ndarray
    assert np.__name__ == "numpy"
    assert type(np).__name__ == "module"


def test_a_gradient_in_balls_has_no_slopes():
    problem = Problem(lambda x: np.sum(x**3), lambda x: np.array([3 * float(v) ** 2 for v in x]), [X])
    (found,) = exact_gradient(problem, problem.inputs, None)
    assert all(abs(g - 3 * v**2) < 1e-12 for g, v in zip(found, X, strict=True))


def test_a_run_beyond_its_budget_stops_before_it_is_done():
    big = np.ones((90, 90))
    problem = Problem(lambda x: np.sum((x[0] * big) @ big @ big @ big), lambda x: x, [X])
    with pytest.raises(TooCostly, match=r"more than 50000 operations .*@ big"):
        exact_slopes(problem, problem.inputs, None, None, kind=lambda _: BudgetedTrace(50_000))


def test_a_loop_beyond_the_budget_stops():
    def forever(x):
        total = x[0]
        while True:
            total = total * 0.5 + x[1]

    problem = Problem(lambda x: x.sum(), lambda x: x, [X])
    problem.f = forever
    with pytest.raises(TooCostly, match=r"more than 1000 operations in ball arithmetic, at .*total \* 0.5"):
        exact_slopes(problem, problem.inputs, None, None, kind=lambda _: BudgetedTrace(1000))
