"""Derivatives in terms of the output: an identity in E = exp(u), matched by exact algebra."""

import pytest

import gradproof as gp


@pytest.mark.parametrize(
    ("body", "derivative"),
    [
        ("1/(1 + exp(-z))", "a*(1 - a)"),
        ("exp(z)/(1 + exp(z))", "a*(1 - a)"),
        ("2/(1 + exp(-2*z)) - 1", "1 - a**2"),
        ("(exp(z) - exp(-z))/(exp(z) + exp(-z))", "1 - a**2"),
        ("(1 - exp(-2*z))/(1 + exp(-2*z))", "1 - a**2"),
        ("3*exp(z)", "a"),
        ("log(1 + exp(z))", "sigmoid(z)"),
        ("log(1 + exp(-z))", "sigmoid(z) - 1"),
    ],
)
def test_scalar_functions(body: str, derivative: str) -> None:
    d = gp.derive(gp.system(f"given z\na = {body}"))
    assert str(d.gradients["z"]) == f"d_z = {derivative}"


def test_elementwise_over_an_axis_with_a_cotangent() -> None:
    d = gp.derive(gp.system("given z[n]\na[i] = 1/(1 + exp(-z[i]))"))
    assert str(d.gradients["z"]) == "d_z[i] = d_a[i]*a[i]*(1 - a[i])"


def test_what_is_no_polynomial_of_the_output_stays() -> None:
    """x*sigmoid(x) has no derivative in terms of its output alone."""
    d = gp.derive(gp.system("given z\na = z/(1 + exp(-z))"))
    assert "sigmoid(z)" in str(d.gradients["z"]) or "exp" in str(d.gradients["z"])


def test_a_square_is_never_taken_apart_by_its_root() -> None:
    """z - t is not the root of (z - t)**2: that would be its absolute value."""
    d = gp.derive(gp.system("given z, t\nL = (z - t)**2/2"))
    assert str(d.gradients["z"]) == "d_z = z - t"


def test_a_root_is_folded() -> None:
    """With r = 1/sqrt(v + eps), (v + eps)**(-3/2) is r**3."""
    d = gp.derive(gp.system("given v, eps\nr = 1/sqrt(v + eps)"))
    assert str(d.gradients["v"]) == "d_v = -r**3/2"
