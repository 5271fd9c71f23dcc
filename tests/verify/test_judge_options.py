"""What a user may choose: where else, how exactly, for how long, with whose help."""

import concurrent.futures

import numpy as np
import pytest

import gradproof as gp
from gradproof.errors import InputError

RNG = np.random.default_rng(5)
X = RNG.normal(size=4)


def test_a_sampler_widens_what_counts():
    grad = lambda x: np.where(x > 0, 2 * x, x)  # noqa: E731
    square = lambda x: np.sum(x**2)  # noqa: E731
    inputs = [np.array([1.0, 2.0])]
    assert gp.check(square, grad, inputs).verdict == "right"
    report = gp.check(square, grad, inputs, sampler=lambda rng: rng.normal(size=2))
    assert report.verdict == "wrong"
    assert "a point of the sampler" in report.reason
    assert gp.check(square, grad, inputs, bounds=[(-3, 3)]).verdict == "wrong"
    assert gp.check(square, grad, inputs, bounds={"x": (0, np.inf)}).verdict == "right"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampler": lambda rng: rng.normal(size=3)}, r"the sampler made x of shape \(3,\)(.|\n)*\(2,\)"),
        ({"sampler": lambda rng: (rng, rng)}, "the sampler returned 2 inputs"),
        ({"sampler": lambda rng: rng.no_such_thing()}, "the sampler raised AttributeError"),
        ({"bounds": [(2, 3)]}, "x is outside of its bounds"),
        ({"bounds": {"y": (2, 3)}}, "bounds for 'y'"),
        ({"budget": "soon"}, "budget='soon'(.|\n)*10s"),
        ({"budget": 0}, "budget=0"),
        ({"rtol": 2.0}, "rtol=2.0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        gp.check(lambda x: np.sum(x**2), lambda x: 2 * x, [np.ones(2)], **options)


@pytest.mark.parametrize("exact", [True, False])
def test_rtol_allows_what_it_says(exact):
    grad = lambda x: 2 * x * (1 + 1e-5)  # noqa: E731
    arguments = (lambda x: np.sum(x**2), grad, [X])
    assert gp.check(*arguments, exact=exact).verdict == "wrong"
    assert gp.check(*arguments, exact=exact, rtol=1e-6).verdict == "wrong"
    assert gp.check(*arguments, exact=exact, rtol=1e-4).verdict == "right"


@pytest.mark.slow
def test_rtol_counts_for_large_inputs_too():
    many = RNG.normal(size=1000)
    arguments = (lambda x: np.sum(x**2), lambda x: 2 * x * (1 + 1e-5), [many])
    for exact in (True, False):
        assert gp.check(*arguments, exact=exact).verdict == "wrong"
        assert gp.check(*arguments, exact=exact, rtol=1e-4).verdict == "right"


def test_a_budget_ends_the_work_and_says_so():
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(np.tanh(x))

    grad = lambda x: 1 - np.tanh(x) ** 2  # noqa: E731
    x = RNG.normal(size=50)
    tiny = gp.check(counted, grad, [x], budget=12, exact=False)
    assert (tiny.verdict, len(calls) <= 12) == ("undecided", True)
    assert "the budget (12) was spent" in tiny.reason
    some = gp.check(counted, grad, [x], budget=200, exact=False)
    assert some.verdict == "right"
    assert some.evaluations <= 200
    assert gp.check(counted, lambda x: 2 * grad(x), [x], budget=200, exact=False).verdict == "wrong"
    assert gp.check(counted, grad, [x], budget="5min", exact=False).verdict == "right"


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_grad(x):
    g = np.zeros_like(x)
    g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_an_executor_changes_nothing(factor):
    grad = lambda x: factor * rosenbrock_grad(x)  # noqa: E731
    serial = gp.check(rosenbrock, grad, [X], exact=False)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        parallel = gp.check(rosenbrock, grad, [X], exact=False, executor=pool)
    assert parallel.to_dict() == serial.to_dict()


def test_an_executor_of_processes_says_what_it_cannot_send():
    with concurrent.futures.ProcessPoolExecutor(1) as pool, pytest.raises(InputError, match="top level of a module"):
        gp.check(lambda x: np.sum(x**2), lambda x: 2 * x, [X], exact=False, executor=pool)
