"""What else `check` and `assert_gradient` promise: noise, memory, the diagnosis, refusals, long searches."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import gradproof as gp
from gradproof.errors import InputError

RNG = np.random.default_rng(0)
X, W, V = RNG.normal(size=(8, 30)), RNG.normal(size=(30, 40)), RNG.normal(size=40)
P = np.array([0.3, 2.0])


def net(w, v):
    return np.mean(np.tanh(X @ w) @ v)


def one_entry_off(w, v):
    h = np.tanh(X @ w)
    a = X.T @ ((1 - h * h) * v) / 8
    a[3, 7] *= 1.01
    return a, h.mean(0)


def test_noise_is_never_called_a_mistake():
    noise = np.random.default_rng(1)
    for seed in range(5):
        f = lambda x: np.sum(x**2) + 0.01 * noise.normal()  # noqa: E731
        report = gp.check(f, lambda x: 2.02 * x, [P], seed=seed)
        assert report.verdict != "wrong"
        assert any("twice" in n for n in report.notes)


def test_findings_come_worst_first_and_complete():
    report = gp.check(lambda x: np.sum(x**2), lambda x: 2 * x + np.array([0.0, 0.1, 0.3]), [np.ones(3)], names=["w"])
    assert [(f.input, f.index) for f in report.findings] == [("w", (2,)), ("w", (1,))]
    assert report.wrong["w"].tolist() == [[1], [2]]
    worst = report.findings[0]
    assert abs(worst.claimed - 2.3) < 1e-12
    assert abs(worst.expected - 2) <= worst.error_bar + 1e-12


def test_a_mistake_that_only_the_tool_s_point_shows_is_elsewhere():
    report = gp.check(lambda x: np.sum(np.where(x > 0, x, 0.1 * x)), np.ones_like, [np.array([1.0, 2.0])])
    assert report.verdict == "right"
    assert report.elsewhere
    assert "elsewhere" in str(report)


def test_a_gradient_that_remembers_its_first_point_is_not_right():
    memory = []

    def f(x):
        memory.append(x.copy())
        return np.sum(x**2)

    assert gp.check(f, lambda x: 2 * memory[0], [P], exact=False).verdict == "wrong"


def test_a_gradient_that_depends_on_earlier_calls_is_not_right():
    calls = []

    def f(x):
        calls.append(x.copy())
        return np.sum(x**2)

    # Right after two calls of f at one point, as a cache that lags one call behind.
    assert gp.check(f, lambda x: 2 * calls[-2], [P], exact=False).verdict != "right"


def test_assert_gradient_raises_with_the_report():
    gp.assert_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, [P])
    with pytest.raises(AssertionError, match=r"gradient wrong \(certified\)(.|\n)*x\[1\]: claimed 6"):
        gp.assert_gradient(lambda x: np.sum(x**2), lambda x: 3 * x, [P])


def test_the_report_is_plain_data_too():
    report = gp.check(lambda x: np.sum(x**2), lambda x: 3 * x, [P], seed=7)
    again = json.loads(json.dumps(report.to_dict()))
    assert (again["verdict"], again["seed"]) == ("wrong", 7)
    assert again["wrong"] == {"x": [[0], [1]]}
    assert "seed 7" in str(report)


def test_the_report_is_json_too_without_numbers_that_json_lacks():
    report = gp.check(lambda x: np.sum(x**2), lambda x: x * np.nan, [P])
    again = json.loads(report.to_json(indent=1))
    assert again["findings"][0]["claimed"] is None


def test_a_failing_diagnosis_never_changes_the_verdict(monkeypatch):
    def fails(case):
        raise ValueError(f"no idea about {case['names']}")

    monkeypatch.setitem(sys.modules, "gradproof.verify.diagnosis", SimpleNamespace(Case=dict, diagnose=fails))
    report = gp.check(lambda x: np.sum(x**2), lambda x: 3 * x, [P])
    assert (report.verdict, report.diagnosis) == ("wrong", ())
    assert "no diagnosis: ValueError: no idea about ['x']" in report.notes


def test_the_diagnosis_gets_the_whole_true_gradient(monkeypatch):
    cases = []
    monkeypatch.setitem(
        sys.modules,
        "gradproof.verify.diagnosis",
        SimpleNamespace(Case=SimpleNamespace, diagnose=lambda c: cases.append(c) or ()),
    )
    for exact in (True, False):
        gp.check(
            lambda x, w: np.sum(np.tanh(x) * w), lambda x, w: {"w": 2 * np.tanh(x)}, [P, 2 * P], wrt=["w"], exact=exact
        )
    for case in cases:
        assert np.allclose(case.expected[0], np.tanh(P), rtol=case.accuracy)
        assert np.allclose(case.reference([P, P])[0], np.tanh(P), rtol=case.accuracy)
        assert case.objective([P, P]) == np.sum(np.tanh(P) * P)
    assert len(cases) == 2


def test_the_same_seed_gives_the_same_report():
    assert str(gp.check(net, one_entry_off, [W, V], seed=3)) == str(gp.check(net, one_entry_off, [W, V], seed=3))


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((np.sin, np.cos, [P]), {}, InputError, r"array of shape \(2,\)(.|\n)*vjp="),
        ((np.sum, np.ones_like, ["text"]), {}, InputError, "no input is a floating-point array"),
        ((np.sum, np.ones_like, [P]), {"names": ["x"], "wrt": ["y"]}, InputError, "no input named 'y'(.|\n)*one of x"),
        ((np.sum, np.ones_like, [P]), {"names": ["a", "b"]}, InputError, "2 names for 1 inputs"),
        ((np.sum, None, [P]), {}, InputError, "no gradient to judge"),
        ((np.sum, np.ones_like), {}, InputError, "there are no inputs"),
        ((np.sum, np.ones_like, [P]), {"wrt": []}, InputError, "wrt= names no input"),
        ((np.sum, np.ones_like, [P]), {"order": 2}, InputError, r"claims no second derivative(.|\n)*hess= or hvp="),
        ((np.sum, np.ones_like, [P]), {"order": 3}, InputError, r"order=3(.|\n)*1, or 2"),
        (
            (lambda x, w: np.sum(x * w), lambda x, w: {"x": w, "W": x}, [P, P]),
            {},
            InputError,
            r"has the key 'W', and no input is named so(.|\n)*keys among x, w",
        ),
        (
            (lambda x, bias: np.sum(x * bias), lambda x, bias: {"x": bias, "bais": x}, [P, P]),
            {},
            InputError,
            "did you mean 'bias'",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        gp.check(*arguments, **options)


def big_net(w, b, v):
    return np.mean(np.tanh(BIG @ w + b) @ v)


def big_net_gradient(w, b, v):
    h = np.tanh(BIG @ w + b)
    dh = (1 - h * h) * v / len(BIG)
    return BIG.T @ dh, dh.sum(0), h.mean(0)


BIG = RNG.normal(size=(8, 150))


@pytest.mark.slow
def test_a_long_search_ends_with_what_it_has_found():
    inputs = [RNG.normal(size=(150, 32)) / 20, RNG.normal(size=32), RNG.normal(size=32)]
    assert str(gp.check(big_net, big_net_gradient, inputs)).startswith("gradient right (certified)")

    def column_off(w, b, v):
        dw, db, dv = big_net_gradient(w, b, v)
        dw[:, 5] *= 1.5
        db[5] *= 1.5
        return dw, db, dv

    report = gp.check(big_net, column_off, inputs)
    assert report.verdict == "wrong"
    assert report.reason.startswith("at least ")
    assert {f.input for f in report.findings} == {"w", "b"}
    assert all(f.index[-1] == 5 for f in report.findings if f.index)
