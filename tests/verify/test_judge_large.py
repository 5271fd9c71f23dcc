"""Large inputs: single mistakes found and named in few evaluations, in a few copies of the input's memory."""

import tracemalloc

import numpy as np
import pytest

import gradproof as gp

MANY = 100_000
X = np.random.default_rng(0).normal(size=MANY)


def f(x):
    return float(np.sum(np.sin(x) * x))


def gradient(x):
    return np.sin(x) + x * np.cos(x)


def off(*changes):
    def grad(x):
        g = gradient(x)
        for place, factor, more in changes:
            g[place] = g[place] * factor + more
        return g

    return grad


@pytest.mark.parametrize("seed", [0])
def test_a_right_gradient_takes_few_evaluations(seed):
    report = gp.check(f, gradient, [X], exact=False, seed=seed)
    assert report.verdict == "right"
    assert report.evaluations < 600


def without_diagnosis(monkeypatch):
    from gradproof.verify.judge import assemble
    from gradproof.verify.judge.why import Why

    monkeypatch.setattr(assemble, "diagnosed", lambda *_, **__: Why())


@pytest.mark.slow
@pytest.mark.parametrize("changes", [((33_333, 1.01, 0),), ((99_999, 1.0, 1e-3),)])
def test_a_single_wrong_entry_among_many_is_named_in_a_thousand_evaluations(changes, monkeypatch):
    without_diagnosis(monkeypatch)
    report = gp.check(f, off(*changes), [X], exact=False)
    assert report.verdict == "wrong"
    assert report.wrong["x"].tolist() == [[place] for place, _, _ in changes]
    assert report.evaluations < 1200


@pytest.mark.slow
def test_two_wrong_entries_that_cancel_are_both_named(monkeypatch):
    without_diagnosis(monkeypatch)
    report = gp.check(f, off((33_333, 1, 0.1), (50_000, 1, -0.1)), [X], exact=False)
    assert report.wrong["x"].tolist() == [[33_333], [50_000]]
    assert report.evaluations < 2200


@pytest.mark.slow
def test_the_diagnosis_of_a_large_input_costs_little_more():
    report = gp.check(f, lambda x: 1.5 * gradient(x), [X], exact=False)
    assert report.verdict == "wrong"
    assert report.evaluations < 4500


@pytest.mark.slow
def test_a_million_parameters_take_a_dozen_copies_of_the_input():
    x = np.random.default_rng(1).normal(size=1_000_000)
    gp.check(lambda x: float(x @ x), lambda x: 2 * x, [x[:9]])
    tracemalloc.start()
    try:
        report = gp.check(lambda x: float(x @ x), lambda x: 2 * x, [x])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.verdict == "right"
    assert report.evaluations < 600
    assert peak < 12 * x.nbytes


def test_entries_too_small_to_be_seen_are_said():
    weights = np.ones(3000)
    weights[:7] = 1e-14
    report = gp.check(lambda x: float(weights @ x**2), lambda x: 2 * weights * x, [X[:3000]], exact=False)
    assert report.verdict == "right"
    assert report.unchecked == ("7 entries of x: too small beside f's rounding",)
    half = weights.copy()
    half[:1500] = 1e-14
    report = gp.check(lambda x: float(half @ x**2), lambda x: 2 * half * x, [X[:3000]], exact=False)
    assert report.verdict == "undecided"
