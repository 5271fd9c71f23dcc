"""Pages of forward mode and of second order: what the signs are, and what is said of them."""

import json

import pytest

import gradproof as gp
from gradproof.derive.render import FORMATS, render
from gradproof.derive.steps import Derivation

LOGISTIC = '''
    """Logistic regression."""
    given X[m, D], y[m]
    param w[D]
    z[i] = sum[d] X[i,d]*w[d]
    p[i] = sigmoid(z[i])
    L = -(sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i])))
'''


def hessian() -> Derivation:
    return gp.derive(gp.system(LOGISTIC), order=2)


def words(text: str) -> str:
    """Return the text on one line, single spaces between its words."""
    return " ".join(text.split())


def test_the_hessian_of_logistic_regression() -> None:
    text = words(hessian().plain(detail=1))
    assert "Logistic regression: Hessian" in text
    assert "and its gradient, as the first derivation gives it ∂L/∂w[d] = Σ[i] X[i,d]·(p[i] − y[i]) (4)" in text
    assert "The Hessian of L with respect to w: how each entry of ∂L/∂w changes with each entry of w." in text
    assert "∂²L/∂w²[d,j] = Σ[i] X[i,d]·X[i,j]·p[i]·(1 − p[i])" in text
    assert "∂²L/∂w² = Xᵀ diag(p ⊙ (1 − p)) X" in text


def test_it_is_a_second_derivative_in_latex() -> None:
    latex = hessian().latex()
    assert r"\frac{\partial^2 L}{\partial w_d \, \partial w_j} &= \sum" in latex
    assert r"\frac{\partial p_i}{\partial w_j}" in latex
    assert r"\frac{\partial^2 L}{\partial w^2} &= X^{\top}\, \operatorname{diag}(p \odot (1 - p))\, X" in latex


def test_the_second_derivative_of_an_activation() -> None:
    d = gp.derive(gp.load("tanh"), order=2)
    text = words(d.plain())
    assert "The second derivative of a with respect to z, the same function at every entry." in text
    assert "Derivative of ∂a/∂z ∂²a/∂z²[i] = −2·a[i]·∂a/∂z[i]" in text
    assert "∂²a/∂z²[i] = −2·a[i]·(1 − a[i]²)" in text
    assert r"\frac{\partial^2 a_i}{\partial z_i^2} &= -2 a_i \, (1 - a_i^2)" in d.latex()


def test_a_hessian_times_a_direction() -> None:
    d = gp.derive(gp.load("softmax_cross_entropy"), wrt="z", order=2)
    text = words(d.plain())
    assert (
        "The Hessian H of L with respect to z, times a direction: how ∂L/∂z changes along it. "
        "The direction v has the shape of z and comes in." in text
    )
    assert "Tangent of p ∂ᵥp[i,c] = v[i,c]·exp(z[i,c])" in text
    assert "(Hv)[i,c] = p[i,c]·(v[i,c] − Σ[k] p[i,k]·v[i,k])/m" in text
    assert r"(Hv)_{i,c} &= \frac{p_{i,c} \left(v_{i,c} -" in d.latex()


def test_several_directions_are_told_apart() -> None:
    d = gp.hvp(gp.load("mlp"), wrt=["W1", "b1"])
    text = words(d.plain(detail=1))
    assert "how ∂L/∂W₁ and ∂L/∂b₁ change along it. Its parts v_W₁ and v_b₁ have the shapes of W₁ and b₁" in text
    assert "(Hv)_b₁[h] = Σ[i] ∂ᵥ∂L/∂z₁[i,h]" in text
    assert r"(Hv)^{(W_1)}_{d,h} &= \sum" in d.latex()


def test_a_tangent() -> None:
    d = gp.jvp(gp.load("softmax"))
    text = words(d.plain())
    assert "The derivative of p along a direction of z: ∂ᵥp is the Jacobian times the direction." in text
    assert "∂ᵥp[i,c] = p[i,c]·(v[i,c] − Σ[k] p[i,k]·v[i,k])" in text
    assert r"\partial_v p_{i,c} &= p_{i,c} \left(v_{i,c} -" in d.latex()


def test_a_tensor_of_the_name_v_is_no_direction() -> None:
    d = gp.jvp(gp.system("given x[n], v[n]\ny[i] = x[i]*v[i]"), wrt="x")
    assert "∂ᵥy[i] = v[i]·v_x[i]" in words(d.plain())


def test_ascii_has_the_names_of_the_notation() -> None:
    text = gp.derive(gp.load("tanh"), order=2).plain(ascii=True)
    assert text.isascii()
    assert "d2_z[i] = -2*a[i]*(1 - a[i]**2)" in text


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_them(form: str) -> None:
    for d in (hessian(), gp.hvp(gp.load("softmax")), gp.jvp(gp.load("softmax"))):
        text = render(d, form)
        assert text.strip()
        if form == "eqs":
            assert gp.system(text).outputs


def test_json_says_what_it_holds() -> None:
    record = json.loads(gp.hvp(gp.load("softmax")).json())
    assert (record["mode"], record["order"]) == ("hvp", 2)
    assert record["directions"] == [{"name": "v_z", "of": "z"}]


def test_the_memory_of_a_backward_pass_that_is_none_is_refused() -> None:
    with pytest.raises(gp.NotYet, match="the memory of a jvp derivation"):
        gp.jvp(gp.load("softmax")).plain(memory=True)
