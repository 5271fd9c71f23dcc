"""Jacobians: the compact form, the derivative in dual balls, and every step's value."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.commands.choices import form_of
from gradproof.errors import InputError, NotYet
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

SOFTMAX = "given z[n]\np[i] = exp(z[i]) / sum[k] exp(z[k])"
SYSTEMS = {
    "softmax": (SOFTMAX, "p", "z"),
    "log softmax": ("given z[n]\ny[i] = z[i] - log(sum[k] exp(z[k]))", "y", "z"),
    "through two layers": (
        "given x[n], W[n,m], V[m,k]\nh[j] = tanh(sum[i] x[i]*W[i,j])\ny[l] = sum[j] h[j]*V[j,l]",
        "y",
        "x",
    ),
    "norm": ("given x[n]\ny[i] = x[i]/sqrt(1 + sum[k] x[k]**2)", "y", "x"),
    "of a matrix": ("given W[n,m], x[m]\ny[i] = tanh(sum[j] W[i,j]*x[j])", "y", "W"),
    "of a number": ("given a, x[n]\ny[i] = exp(a*x[i])", "y", "a"),
    "gradient": ("given x[n]\nL = sum[i] x[i]**3", "L", "x"),
    "recurrence": ("given x[T]\nstart h[-1] = 0\nh[t] = tanh(x[t] + h[t-1])", "h", "x"),
}


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_it_is_the_derivative(name):
    text, of, wrt = SYSTEMS[name]
    derivation = gp.jacobian(gp.system(text), of, wrt)
    assert {o.verdict for o in check_derivation(derivation, seed=3)} == {"right"}
    assert [c for c in check_steps(derivation, seed=3) if c.verdict != "right"] == []


@pytest.mark.parametrize(
    ("system", "form", "matrix"),
    [
        (gp.system(SOFTMAX), "p[i]*([i == k] - p[k])", "∂p/∂z = diag(p) − p pᵀ"),
        (gp.load("softmax"), "[i == j]*p[i,c]*([c == k] - p[i,k])", ""),
        (gp.system("given x[m], W[n,m]\ny[i] = sum[j] W[i,j]*x[j]"), "W[i,j]", "∂y/∂x = W"),
        (gp.system("given x[n]\ny[i] = tanh(x[i])"), "[i == j]*(1 - y[i]**2)", "∂y/∂x = diag(1 − y ⊙ y)"),
    ],
)
def test_the_form_that_books_print(system, form, matrix):
    derivation = gp.jacobian(system, None, system.inputs[0].name)
    (equation,) = derivation.gradients.values()
    assert str(equation).partition(" = ")[2] == form
    assert matrix in derivation.plain(width=120)
    assert "Jacobian" in derivation.plain()


def test_every_format_shows_it():
    derivation = gp.jacobian(gp.system(SOFTMAX))
    assert r"\frac{\partial p_{i}}{\partial z_{k}}" in derivation.latex().replace("p_i", "p_{i}").replace(
        "z_k", "z_{k}"
    )
    assert '"mode": "jacobian"' in derivation.json()
    for text in (derivation.markdown(), derivation.html(), derivation.plain(ascii=True)):
        assert "Jacobian" in text


def test_the_value_by_plain_numbers():
    z = np.array([0.5, -1.0, 2.0])
    p = np.exp(z) / np.exp(z).sum()
    found = gp.jacobian(gp.system(SOFTMAX)).evaluate({"z": z})["p"]
    assert np.allclose(found, np.diag(p) - np.outer(p, p), rtol=1e-14)


def test_what_is_no_jacobian_is_refused():
    two = gp.system("given x[n], w[n]\ny[i] = x[i]*w[i]\nu[i] = x[i] + w[i]")
    with pytest.raises(InputError, match="of one output for one input, and there are 2: y, u"):
        gp.jacobian(two, None, "x")
    with pytest.raises(InputError, match="there are 2: x, w"):
        gp.jacobian(two, "y")
    with pytest.raises(NotYet, match="a Jacobian of u, which is computed"):
        gp.jacobian(gp.system("given x[n]\nu[i] = x[i]**2\ny[i] = exp(u[i])"), "y", "u")
    with pytest.raises(InputError, match="--jvp and --jacobian"):
        form_of(1, jvp=True, jacobian=True)
