"""The measured path where it is hard: kinks, ties, coarse rounding, saturation, state, types, layouts."""

import numpy as np
import pytest

import gradproof as gp

RNG = np.random.default_rng(3)
X = RNG.normal(size=6)


def measured(f, grad, *inputs, **options):
    return gp.check(f, grad, list(inputs), exact=False, **options)


def largest(x):
    return np.max(x) ** 2


def one_of_ties(x):
    g = np.zeros_like(x)
    g[np.argmax(x)] = 2 * np.max(x)
    return g


TIED = np.array([1.0, 3.0, 3.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("grad", "verdict"),
    [
        (one_of_ties, "right"),
        (lambda x: 2 * np.max(x) * (x == np.max(x)) / np.sum(x == np.max(x)), "right"),
        (lambda x: 2 * np.max(x) * (x == np.max(x)), "wrong"),
        (lambda x: 0 * x, "wrong"),
    ],
)
def test_ties_are_judged_together(grad, verdict):
    report = measured(largest, grad, TIED)
    assert report.verdict == verdict, str(report)


@pytest.mark.parametrize(
    ("at_tie", "verdict"),
    [
        ((0.0, 1.0), "right"),
        ((0.7, 0.3), "right"),
        ((1.0, 1.0), "wrong"),
        ((0.0, 0.0), "wrong"),
        ((1.3, -0.3), "wrong"),
    ],
)
def test_the_smaller_of_two_where_they_are_equal(at_tie, verdict):
    # min(a, b) = b - relu(b - a): at a = b the subgradients are (t, 1 - t).
    def grad(a, b):
        return np.where(a == b, at_tie[0], a < b), np.where(a == b, at_tie[1], b < a)

    report = measured(lambda a, b: np.sum(np.minimum(a, b)), grad, np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert report.verdict == verdict, str(report)


@pytest.mark.parametrize(("at_kink", "taken"), [(0, "the lower one"), (1, "the upper one"), (0.5, "the middle")])
def test_the_convention_at_a_kink_is_said(at_kink, taken):
    relu = lambda x: np.sum(np.maximum(x, 0))  # noqa: E731
    report = gp.check(relu, lambda x: np.where(x == 0, at_kink, x > 0), [np.array([0.0, 1.0, -2.0])])
    assert report.verdict == "right"
    (note,) = (n for n in report.notes if "at a kink" in n)
    assert note.endswith(f"{taken} is taken")


RIGHT = {
    "x|x| at 0": (lambda x: np.sum(x * np.abs(x)), lambda x: 2 * np.abs(x), np.array([0.0, 1.0, -2.0])),
    "rounded to nine decimals": (lambda x: round(float(np.sum(np.sin(x))), 9), np.cos, X),
    "1 - cos of small numbers": (lambda x: np.sum(1 - np.cos(x)), np.sin, 1e-5 * X),
    "in float32": (lambda x: float(np.sum(np.tanh(x.astype(np.float32)))), lambda x: 1 - np.tanh(x) ** 2, X),
    "the median": (
        lambda x: np.sum(np.abs(x - np.median(x))),
        lambda x: np.sign(x - np.median(x)),
        np.arange(9.0) ** 2 - 7.3,
    ),
    "huge": (lambda x: 1e12 * np.sum(x**3), lambda x: 3e12 * x**2, X),
    "1e300": (lambda x: 1e300 * np.sum(np.sin(x)), lambda x: 1e300 * np.cos(x), X),
    "1e-300": (lambda x: 1e-300 * np.sum(np.sin(x)), lambda x: 1e-300 * np.cos(x), X),
    "tiny inputs": (lambda x: np.sum(np.sin(1e12 * x)), lambda x: 1e12 * np.cos(1e12 * x), 1e-12 * X),
    "huge inputs": (lambda x: np.sum(np.log(x**2)), lambda x: 2 / x, 1e12 * X),
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("exact", [True, False])
def test_hard_functions_are_judged_both_ways(name, exact):
    f, grad, x = RIGHT[name]
    report = gp.check(f, grad, [x], exact=exact)
    assert report.verdict == "right", str(report)
    wrong = gp.check(f, lambda x: 1.02 * grad(x), [x], exact=exact)
    assert wrong.verdict == "wrong", str(wrong)


def test_a_forgotten_mask_is_found_where_f_is_constant():
    f = lambda x: np.sum(np.clip(x, -1, 1) ** 3)  # noqa: E731
    x = np.array([0.3, 1.06, -1.9, 5.0])
    report = measured(f, lambda x: 3 * np.clip(x, -1, 1) ** 2, x)
    assert report.wrong["x"].tolist() == [[1], [2], [3]]


def test_a_gradient_in_float32_of_a_function_in_float64():
    report = gp.check(lambda x: np.sum(np.sin(x)), lambda x: np.cos(x.astype(np.float32)).astype(float), [X])
    assert (report.verdict, report.severity) == ("wrong", "digits lost")
    assert "float32" in report.reason


@pytest.mark.parametrize("exact", [True, False])
def test_an_iteration_that_stops_early_is_given_advice(exact):
    def root(a):
        y = 1 + 0 * a
        for _ in range(60):
            step = (y**3 + y - a) / (3 * y**2 + 1)
            y = y - step
            if np.max(np.abs(step)) < 3e-3:
                break
        return y

    def grad(a):
        y = root(a)
        y = y - (y**3 + y - a) / (3 * y**2 + 1)
        return 1 / (3 * y**2 + 1)

    arguments = (lambda a: np.sum(root(a)), grad, [np.array([0.4, 1.7])])
    report = gp.check(*arguments, exact=exact)
    assert report.verdict == "wrong"
    (advice,) = report.advice
    allowed = float(advice.split("rtol=")[1].split()[0])
    assert gp.check(*arguments, exact=exact, rtol=allowed).verdict == "right"
    assert gp.check(arguments[0], lambda a: 2 * grad(a), arguments[2], exact=exact).advice == ()


def test_no_number_is_wrong_where_f_is_smooth():
    norm = lambda x: np.exp(-np.sum(x**2))  # noqa: E731
    grad = lambda x: -2 * norm(x) * np.sqrt(np.sum(x**2)) * x / np.sqrt(np.sum(x**2))  # noqa: E731
    assert measured(norm, grad, np.zeros(2)).verdict == "wrong"


# ------------------------------------------------------------ state


def test_a_gradient_that_adds_up_is_wrong():
    total = np.zeros(6)

    def grad(x):
        total[:] += 2 * x
        return total.copy()

    for exact in (True, False):
        total[:] = 0
        assert gp.check(lambda x: np.sum(x**2), grad, [X], exact=exact).verdict == "wrong"


def test_a_gradient_that_is_random_is_not_judged():
    noise = np.random.default_rng(0)
    report = measured(lambda x: np.sum(x**2), lambda x: 2 * x * noise.uniform(0.5, 1.5, 6), X)
    assert report.verdict != "right"


def test_a_cache_that_is_filled_once_is_wrong():
    cache = {}

    def f(x):
        cache.setdefault("x", x.copy())
        return np.sum(x**2)

    assert measured(f, lambda x: 2 * cache["x"], X).verdict == "wrong"


def test_a_buffer_that_is_handed_out_again_is_noted():
    buffer = np.zeros(6)

    def grad(x):
        buffer[:] = 2 * x
        return buffer

    report = measured(lambda x: np.sum(x**2), grad, X)
    assert report.verdict == "right"
    assert any("overwrites the array" in n for n in report.notes)
    kept = measured(lambda x: np.sum(buffer * x), lambda x: buffer, X)
    assert (kept.verdict, kept.notes) == ("right", ("measured, as was asked for",))


# ------------------------------------------------------------ what is passed


@pytest.mark.parametrize("exact", [True, False])
def test_inputs_of_every_kind(exact):
    square, double = lambda x: np.sum(x**2), lambda x: 2 * x
    for x in (np.array([1, 2, 3]), 3, [0.5, 1.5], np.zeros((2, 0)), np.ones((4, 4))[::2, 1::2].T, X.astype(np.float16)):
        assert gp.check(square, double, [x], exact=exact).verdict == "right", x
    both = gp.check(lambda a, b: np.sum(a * b), lambda a, b: (b, a), [X, X], exact=exact)
    assert both.verdict == "right"


@pytest.mark.parametrize("exact", [True, False])
def test_single_numbers(exact):
    f, grad = lambda a, b: a**2 * np.exp(b), lambda a, b: (2 * a * np.exp(b), a**2 * np.exp(b))
    assert gp.check(f, grad, [0.7, np.array(-1.3)], exact=exact).verdict == "right"
    assert gp.check(f, lambda a, b: grad(a, 2 * b), [0.7, np.array(-1.3)], exact=exact).verdict == "wrong"
    assert gp.check(f, lambda a, b: grad(b, a), [1e-320, 0.0], exact=exact).verdict != "right"


def test_integers_beside_real_numbers_stay_integers():
    f = lambda x, k: np.sum(x[k] ** 2)  # noqa: E731

    def grad(x, k):
        g = np.zeros_like(x)
        np.add.at(g, k, 2 * x[k])
        return g

    assert gp.check(f, grad, [X, np.array([0, 2, 2])]).verdict == "right"


# ------------------------------------------------------------ narrow types


def test_a_gradient_that_overflows_in_the_inputs_own_type_is_wrong():
    x = np.array([1, 2, 11.5], dtype=np.float16)
    report = gp.check(np.sum, lambda x: np.exp(x) * np.exp(-x), [x], names=["x"])
    assert (report.verdict, report.severity) == ("wrong", "overflow")
    assert report.wrong["x"].tolist() == [[2]]
    wide = gp.check(np.sum, lambda x: np.exp(x) * np.exp(-x), [x.astype(float)], names=["x"])
    assert wide.verdict == "right"


def test_rounding_in_the_inputs_own_type_is_no_mistake():
    for kind in (np.float32, np.float16):
        report = gp.check(lambda x: np.sum(np.tanh(x)), lambda x: 1 - np.tanh(x) ** 2, [X.astype(kind)])
        assert (report.verdict, report.severity) == ("right", "")


def test_where_f_overflows_too_that_is_said_alone():
    def f(x):
        return np.log(np.sum(np.exp(x)))

    report = gp.check(f, lambda x: np.exp(x) / np.sum(np.exp(x)), [np.array([1, 30], dtype=np.float16)])
    assert report.verdict == "right"
    assert report.advice == ("f itself is not finite in float16",)
