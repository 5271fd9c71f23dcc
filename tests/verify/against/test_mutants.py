"""Mistakes planted in hand-written backward passes are named with the equation of the derivation."""

import numpy as np
import pytest

from gradproof.verify.against import check_against

from . import lstm

RNG = np.random.default_rng(3)
NAMES = ["X", "y", "W1", "b1", "W2", "b2"]
MLP = [RNG.normal(size=s) for s in ((5, 4), (5, 2), (4, 3), (3,), (3, 2), (2,))]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mlp(X, y, *weights):
    return np.sum((layers(X, *weights)[1] - y) ** 2) / (2 * len(X))


def layers(X, W1, b1, W2, b2):
    a1 = sigmoid(X @ W1 + b1)
    return a1, sigmoid(a1 @ W2 + b2)


def backward(X, y, *weights, slip=""):
    W1, b1, W2, b2 = weights
    a1, a2 = layers(X, W1, b1, W2, b2)
    m = 1 if slip == "size" else len(X)
    d2 = (a2 - y) * a2 * (1 - a2) / m
    d2 = (a2 - y) / m if slip == "output" else d2
    d1 = d2 @ W2.T * (a1 * (1 - a1) if slip != "hidden" else 1)
    d1 = d2 @ W2.T * (a1 * (1 + a1)) if slip == "plus" else d1
    d1 = 2 * d1 if slip in ("double", "both") else d1
    db1 = d1[0] if slip == "row" else d1.sum(0)
    dW2 = a1.T @ d2
    return X.T @ d1, db1, -dW2 if slip == "both" else dW2, d2.sum(0)


SLIPS = [
    ("hidden", "activation", "d_z1"),
    ("output", "activation", "d_z2"),
    ("plus", "activation", "d_z1"),
    ("size", "size", "d_z2"),
    ("double", "factor", "d_z1"),
    ("row", "sum", "d_b1"),
]


def judged(slip):
    return check_against("mlp", mlp, lambda *at: backward(*at, slip=slip), MLP, wrt=NAMES[2:], names=NAMES)


@pytest.mark.parametrize(("slip", "kind", "place"), SLIPS)
def test_a_slip_in_a_network_is_named_with_its_equation(slip, kind, place):
    report = judged(slip)
    assert report.verdict == "wrong"
    (cause,) = report.diagnosis
    assert cause.kind == kind, cause.text
    assert f", {place}[" in cause.text
    assert f"it should read {place}[" in cause.text


def test_two_slips_are_two_causes_with_their_shares():
    causes = judged("both").diagnosis
    assert sorted(c.kind for c in causes) == ["factor", "sign"]
    assert sum(c.share for c in causes) == pytest.approx(1)
    assert all(0 < c.share < 1 for c in causes)


def test_what_no_slip_explains_has_no_cause():
    strange = lambda *at: [g * np.exp(0.1 * np.sin(7 * g)) for g in backward(*at)]  # noqa: E731
    report = check_against("mlp", mlp, strange, MLP, wrt=NAMES[2:], names=NAMES)
    assert (report.verdict, report.diagnosis) == ("wrong", ())


@pytest.mark.slow
def test_truncated_backpropagation_is_named():
    wrong = lambda *at: lstm.backward(*at, truncated=True)  # noqa: E731
    report = check_against("lstm", lstm.forward, None, lstm.inputs(T=2, N=1, D=2, H=2), vjp=wrong)
    (cause,) = report.diagnosis
    assert cause.kind == "truncated"
    assert "d_h[t,n,k]: the term [t+1 < T]*" in cause.text


@pytest.mark.slow
def test_a_missing_slope_of_a_cell_is_named():
    wrong = lambda *at: lstm.backward(*at, tanh=False)  # noqa: E731
    report = check_against("lstm", lstm.forward, None, lstm.inputs(T=2, N=1, D=2, H=2), vjp=wrong)
    (cause,) = report.diagnosis
    assert cause.kind == "activation"
    assert "the factor 1 - tanh(c[t,n,k])**2 is missing" in cause.text
