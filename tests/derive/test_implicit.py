"""Tensors given by their residual, and log-determinants: values against NumPy, gradients in balls, and their forms."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.implicit import is_solution
from gradproof.derive.notation import format_equation
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

#: name -> (text, backward equations).
SYSTEMS = {
    "right side": (
        "given A[n,n], B[n,p]\nsolve Y: sum[j] A[i,j]*Y[j,k] = B[i,k]",
        ["solve d_B: sum[i] A[i,j]*d_B[i,k] = d_Y[j,k]", "d_A[i,j] = -sum[k] d_B[i,k]*Y[j,k]"],
    ),
    "inverse": (
        "given A[n,n]\nsolve Y: sum[j] A[i,j]*Y[j,k] = [i == k]",
        ["d_A[i,k] = -sum[j] Y[k,j]*sum[l] Y[l,i]*d_Y[l,j]"],
    ),
    "shifted": (
        "given A[n,n], b[n], lam\nsolve x: sum[j] A[i,j]*x[j] + lam*x[i] = b[i]\nL = sum[i] x[i]**2",
        [
            "solve d_b: lam*d_b[j] + sum[i] A[i,j]*d_b[i] = 2*x[j]",
            "d_A[i,j] = -d_b[i]*x[j]",
            "d_lam = -sum[i] d_b[i]*x[i]",
        ],
    ),
    "batch": (
        "given A[s,n,n], B[s,n]\nsolve Y: sum[j] A[b,i,j]*Y[b,j] = tanh(B[b,i])\nL = sum[b,i] Y[b,i]**3",
        [
            "solve r_Y: sum[i] A[b,i,j]*r_Y[b,i] = 3*Y[b,j]**2",
            "d_A[b,i,j] = -r_Y[b,i]*Y[b,j]",
            "d_B[b,i] = r_Y[b,i]*(1 - tanh(B[b,i])**2)",
        ],
    ),
    "Sylvester": (
        "given A[n,n], B[m,m], C[n,m]\nsolve X: sum[k] A[i,k]*X[k,j] + sum[l] X[i,l]*B[l,j] = C[i,j]",
        [
            "solve d_C: sum[i] A[i,k]*d_C[i,l] + sum[j] d_C[k,j]*B[l,j] = d_X[k,l]",
            "d_A[i,k] = -sum[j] d_C[i,j]*X[k,j]",
            "d_B[j,l] = -sum[i] X[i,j]*d_C[i,l]",
        ],
    ),
    "unknown on both sides": (
        "given P[s,s], r[s], gam\nsolve v: v[i] = r[i] + gam*sum[j] P[i,j]*v[j]",
        [
            "solve d_r: d_r[j] - gam*sum[i] P[i,j]*d_r[i] = d_v[j]",
            "d_P[i,j] = gam*d_r[i]*v[j]",
            "d_gam = sum[i,j] d_r[i]*P[i,j]*v[j]",
        ],
    ),
    "transposed matrix": (
        "given A[n,n], b[n]\nsolve v: sum[j] A[j,i]*v[j] = b[i]\nL = sum[i] b[i]*v[i]",
        ["solve r_v: sum[i] A[j,i]*r_v[i] = b[j]", "d_A[i,j] = -v[i]*r_v[j]", "d_b[i] = r_v[i] + v[i]"],
    ),
    "neighbours": (
        "given b[n], c\noutside u = 0\nsolve u: (1 + 2*c)*u[i] - c*u[i-1] - c*u[i+1] = b[i]",
        None,
    ),
    "log-determinant": (
        "given A[n,n]\nl = logdet[i,j] A[i,j]",
        ["solve inv_A: sum[j] A[i,j]*inv_A[j,k] = [i == k]", "d_A[i,j] = inv_A[j,i]"],
    ),
    "log-determinant and inverse": (
        "given A[n,n]\nsolve Y: sum[j] A[i,j]*Y[j,k] = [i == k]\nL = logdet[i,j] A[i,j] + sum[i] Y[i,i]",
        ["d_A[i,k] = Y[k,i] - sum[j] Y[j,i]*Y[k,j]"],
    ),
    "log-determinants of a batch": (
        "given A[b,n,n], w[b]\nf = sum[s] w[s]*logdet[i,j] (A[s,i,j] + [i == j])",
        [
            "solve inv_f: inv_f[s,i,k] + sum[j] A[s,i,j]*inv_f[s,j,k] = [i == k]",
            "d_A[s,i,j] = w[s]*inv_f[s,j,i]",
            "d_w[s] = logdet[i,j] (A[s,i,j] + [i == j])",
        ],
    ),
    "one after the other": (
        "given A[n,n], B[n,n], c[n]\nsolve x: sum[j] A[i,j]*x[j] = c[i]\nsolve y: sum[j] B[i,j]*y[j] = x[i]**2",
        None,
    ),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_gradients_are_certified_and_steps_keep_their_value(name: str) -> None:
    derivation = gp.derive(gp.system(SYSTEMS[name][0]))
    checks = check_derivation(derivation)
    assert {c.name for c in checks} == set(derivation.wrt)
    assert all(c.verdict == "right" for c in checks), checks
    assert all(c.verdict == "right" for c in check_steps(derivation))


@pytest.mark.parametrize("name", [n for n in SYSTEMS if SYSTEMS[n][1]])
def test_backward_equations(name: str) -> None:
    text, expected = SYSTEMS[name]
    derivation = gp.derive(gp.system(text))
    assert [format_equation(e, derivation.backward) for e in derivation.backward.equations] == expected


@pytest.mark.parametrize("name", SYSTEMS)
def test_texts_and_backward_systems_parse_again(name: str) -> None:
    system = gp.system(SYSTEMS[name][0])
    assert gp.system(str(system)) == system
    joint = gp.derive(system).joint
    assert gp.system(str(joint)).equations == joint.equations


@pytest.mark.parametrize("name", ["right side", "inverse", "shifted", "unknown on both sides", "log-determinant"])
def test_forward_mode_and_second_order(name: str) -> None:
    system = gp.system(SYSTEMS[name][0])
    for derivation in (gp.jvp(system), gp.derive(system, order=2)):
        assert all(c.verdict == "right" for c in check_derivation(derivation)), str(derivation.backward)


def test_the_tangent_solves_the_same_system() -> None:
    tangent = gp.jvp(gp.system(SYSTEMS["right side"][0])).gradients["Y"]
    assert str(tangent) == "solve v_Y: sum[j] A[i,j]*v_Y[j,k] = v_B[i,k] - sum[j] v_A[i,j]*Y[j,k]"


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
def test_values_are_those_of_linear_algebra(n: int) -> None:
    rng = np.random.default_rng(n)
    a, b, lam = rng.normal(size=(n, n)), rng.normal(size=(n, 2)), 0.5
    found = gp.evaluate(gp.system(SYSTEMS["right side"][0]), {"A": a, "B": b})["Y"]
    np.testing.assert_allclose(found, np.linalg.solve(a, b), rtol=1e-9)
    found = gp.evaluate(gp.system(SYSTEMS["inverse"][0]), {"A": a})["Y"]
    np.testing.assert_allclose(found, np.linalg.inv(a), rtol=1e-9)
    found = gp.evaluate(gp.system(SYSTEMS["shifted"][0]), {"A": a, "b": b[:, 0], "lam": lam})["x"]
    np.testing.assert_allclose(found, np.linalg.solve(a + lam * np.eye(n), b[:, 0]), rtol=1e-9)
    found = gp.evaluate(gp.system(SYSTEMS["log-determinant"][0]), {"A": a})["l"]
    np.testing.assert_allclose(found, np.linalg.slogdet(a)[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (3, 1)])
def test_an_unknown_matrix(n: int, m: int) -> None:
    rng = np.random.default_rng(10 * n + m)
    a, b, c = rng.normal(size=(n, n)), rng.normal(size=(m, m)), rng.normal(size=(n, m))
    x = gp.evaluate(gp.system(SYSTEMS["Sylvester"][0]), {"A": a, "B": b, "C": c})["X"]
    np.testing.assert_allclose(a @ x + x @ b, c, atol=1e-10)


@pytest.mark.parametrize("text", [SYSTEMS["inverse"][0], SYSTEMS["right side"][0], SYSTEMS["log-determinant"][0]])
def test_balls_enclose_the_floats(text: str) -> None:
    system = gp.system(text)
    rng = np.random.default_rng(3)
    inputs = {t.name: rng.normal(size=(3,) * t.rank) for t in system.inputs}
    name = system.outputs[0]
    floats, balls = gp.evaluate(system, inputs)[name], gp.evaluate(system, inputs, field="arb")[name]
    assert all(abs(float(b.mid()) - f) < 1e-9 and b.rad() < 1e-30 for f, b in zip(floats.flat, balls.flat, strict=True))


def test_a_negative_determinant() -> None:
    """log|det A|, whose derivative is the transposed inverse whatever the sign."""
    a = np.array([[0.0, 1.0], [2.0, 0.0]])
    derivation = gp.derive(gp.system(SYSTEMS["log-determinant"][0]))
    assert gp.evaluate(derivation.system, {"A": a})["l"] == pytest.approx(np.log(2))
    np.testing.assert_allclose(derivation.evaluate({"A": a})["A"], np.linalg.inv(a).T)


def test_a_singular_matrix_has_no_solution() -> None:
    system = gp.system(SYSTEMS["inverse"][0])
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert np.isnan(gp.evaluate(system, {"A": singular})["Y"]).all()
    assert not any(b.is_finite() for b in gp.evaluate(system, {"A": singular}, field="arb")["Y"].flat)
    log_determinant = gp.system(SYSTEMS["log-determinant"][0])
    assert gp.evaluate(log_determinant, {"A": singular})["l"] == -np.inf
    assert not gp.evaluate(log_determinant, {"A": singular}, field="arb")["l"].item().is_finite()


def test_one_unknown_for_each_equation_is_a_quotient() -> None:
    system = gp.system("given a[n], b[n]\nsolve v: a[i]*v[i] = b[i]")
    assert str(system.equations[0]) == "v[i] = b[i]/a[i]"


def test_a_wrong_sign_is_found() -> None:
    text = SYSTEMS["right side"][0]
    derivation = gp.derive(gp.system(text))
    wrong = gp.system(str(derivation.backward).replace("= -sum[k]", "= sum[k]"))
    verdicts = {c.name: c.verdict for c in check_derivation(derivation, backward=wrong)}
    assert verdicts == {"A": "wrong", "B": "right"}


def test_a_solution_is_written_into_no_other_expression() -> None:
    for text, _ in SYSTEMS.values():
        for equation in gp.derive(gp.system(text)).joint.equations:
            inner = [a for a in equation.value.atoms(type(equation.value)) if is_solution(a)]
            assert not inner or inner == [equation.value]
