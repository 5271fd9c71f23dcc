"""The catalogue's entries over whole matrices: their gradients as textbooks print them, certified and as numbers."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.notation import format_equation
from gradproof.derive.render.mathtext import Writer, flat_text
from gradproof.derive.render.matrix import matrix_form
from gradproof.derive.render.matrix_text import hand_of, matrix_doc
from gradproof.derive.render.symbols import symbols_for
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

#: entry -> the backward equations, and each in matrix notation.
FORMS = {
    "inverse": [("d_A[i,k] = -sum[j] Y[k,j]*sum[l] Y[l,i]*d_Y[l,j]", "∂A = −Yᵀ ∂Y Yᵀ")],
    "linear_solve": [
        ("solve d_B: sum[i] A[i,j]*d_B[i,k] = d_Y[j,k]", "Aᵀ ∂B = ∂Y"),
        ("d_A[i,j] = -sum[k] d_B[i,k]*Y[j,k]", "∂A = −∂B Yᵀ"),
    ],
    "log_determinant": [
        ("solve inv_A: sum[j] A[i,j]*inv_A[j,k] = [i == k]", "A inv_A = I"),
        ("d_A[i,j] = inv_A[j,i]", "∂A = inv_Aᵀ"),
    ],
    "trace_forms": [
        ("d_X[i,k] = sum[j,l] X[j,l]*(A[j,i]*B[k,l] + A[i,j]*B[l,k])", "∂X = Aᵀ X Bᵀ + A X B"),
    ],
    "gaussian_multivariate": [
        ("solve inv_S: sum[k] S[j,k]*inv_S[k,d] = [d == j]", "S inv_S = I"),
        ("d_mu[j] = sum[i] z[i,j]", "∂μ = zᵀ 1"),
        ("d_S[j,k] = (sum[i] z[i,j]*z[i,k] - m*inv_S[j,k])/2", "∂S = (zᵀ z − m·inv_S)/2"),
    ],
    "gaussian_precision": [
        ("solve inv_P: sum[k] P[j,k]*inv_P[k,d] = [d == j]", "P inv_P = I"),
        ("d_mu[j] = sum[i] sum[k] P[j,k]*e[i,k]", "∂μ = P eᵀ 1"),
        ("d_P[j,k] = (m*inv_P[j,k] - sum[i] e[i,j]*e[i,k])/2", "∂P = (m·inv_P − eᵀ e)/2"),
    ],
}


@pytest.mark.parametrize("name", FORMS)
def test_the_backward_pass_is_the_one_that_is_printed(name: str) -> None:
    derivation = gp.derive(gp.load(name))
    hand = hand_of(Writer(symbols_for(derivation), derivation.system))
    found = []
    for equation in derivation.backward.definitions:
        form = matrix_form(equation)
        sides = [flat_text(matrix_doc(m, hand)) for m in form] if form else []
        found.append((format_equation(equation, derivation.system), " = ".join(sides)))
    assert found == FORMS[name]


@pytest.mark.parametrize("name", FORMS)
def test_every_input_is_certified(name: str) -> None:
    system = gp.load(name)
    derivation = gp.derive(system, wrt=[t.name for t in system.inputs])
    assert all(c.verdict == "right" for c in check_derivation(derivation))
    assert all(c.verdict == "right" for c in check_steps(derivation))


@pytest.mark.parametrize("name", ["gaussian_multivariate", "gaussian_precision"])
def test_without_symmetry_the_gradients_are_still_right(name: str) -> None:
    derivation = gp.derive(gp.load(name), without="all")
    assert not derivation.assumptions_used
    assert all(c.verdict == "right" for c in check_derivation(derivation))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (5, 3), (7, 2)])
def test_the_likelihoods_agree_with_numpy(m: int, n: int) -> None:
    """Covariance and precision, their gradients related by d_S = -P d_P P."""
    rng = np.random.default_rng(m)
    x, mu, a = rng.normal(size=(m, n)), rng.normal(size=n), rng.normal(size=(n, n))
    s = a @ a.T + np.eye(n)
    p, e = np.linalg.inv(s), x - mu
    value = -m / 2 * np.linalg.slogdet(s)[1] - np.trace(e @ p @ e.T) / 2
    covariance, precision = gp.load("gaussian_multivariate"), gp.load("gaussian_precision")
    assert gp.evaluate(covariance, {"x": x, "mu": mu, "S": s})["L"] == pytest.approx(value)
    assert gp.evaluate(precision, {"x": x, "mu": mu, "P": p})["L"] == pytest.approx(value)
    first = gp.derive(covariance).evaluate({"x": x, "mu": mu, "S": s})
    second = gp.derive(precision).evaluate({"x": x, "mu": mu, "P": p})
    np.testing.assert_allclose(first["mu"], p @ e.sum(axis=0), rtol=1e-8)
    np.testing.assert_allclose(second["mu"], first["mu"], rtol=1e-8)
    np.testing.assert_allclose(first["S"], -p @ second["P"] @ p, rtol=1e-7, atol=1e-9)


def test_the_gradients_vanish_at_the_estimates() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(9, 3))
    e = x - x.mean(axis=0)
    s = e.T @ e / len(x)
    found = gp.derive(gp.load("gaussian_multivariate")).evaluate({"x": x, "mu": x.mean(axis=0), "S": s})
    assert all(np.max(np.abs(g)) < 1e-9 for g in found.values())
    found = gp.derive(gp.load("gaussian_precision")).evaluate({"x": x, "mu": x.mean(axis=0), "P": np.linalg.inv(s)})
    assert all(np.max(np.abs(g)) < 1e-9 for g in found.values())
