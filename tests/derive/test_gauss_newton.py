"""G v = Jᵀ H J v: certified by dual balls, held against explicit matrices, printed as books print it."""

import json
from dataclasses import replace

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.render import render
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

SOFTMAX = """
given X[m, D], label[m] in C
param W[D, C], b[C]
z[i,c] = sum[d] X[i,d]*W[d,c] + b[c]
p[i,c] = exp(z[i,c]) / sum[k] exp(z[i,k])
L = -1/m * sum[i] log(p[i,label[i]])
"""
NETWORK = """
given X[m, D], label[m] in C
param V[D, H], W[H, C]
h[i,k] = tanh(sum[d] X[i,d]*V[d,k])
z[i,c] = sum[k] h[i,k]*W[k,c]
p[i,c] = exp(z[i,c]) / sum[k] exp(z[i,k])
L = -1/m * sum[i] log(p[i,label[i]])
"""
SQUARES = "given X[m, D], r[m]\nparam w[D]\ny[i] = sum[d] X[i,d]*w[d]\nL = sum[i] (y[i] - r[i])**2"
RECURRENT = """
given x[T, H], h0[H], r[T, H]
param U[H, H]
start h[-1,k] = h0[k]
h[t,k] = tanh(x[t,k] + sum[j] U[k,j]*h[t-1,j])
L = sum[t, k] (h[t,k] - r[t,k])**2
"""
SCALAR = "given x[D], r\nparam w[D], b\nz = b*sum[d] x[d]*w[d]\nL = (z - r)**4"
CASES = {
    "scalar": (SCALAR, "z"),
    "softmax": (SOFTMAX, "z"),
    "network": (NETWORK, "z"),
    "squares": (SQUARES, "y"),
    "recurrent": (RECURRENT, "h"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_product_is_certified_and_every_step_keeps_its_value(name: str) -> None:
    text, through = CASES[name]
    d = gp.gauss_newton(gp.system(text), through)
    for check in check_derivation(d):
        assert (check.verdict, check.strength) == ("right", "certified"), check.reason
    assert [c for c in check_steps(d) if c.verdict != "right"] == []


@pytest.mark.parametrize("through", ["h", "z", "p"])
def test_through_each_tensor_on_the_way(through: str) -> None:
    checks = check_derivation(gp.gauss_newton(gp.system(NETWORK), through, wrt="V"))
    assert [c.verdict for c in checks] == ["right"]


def test_a_wrong_product_is_refuted() -> None:
    d = gp.gauss_newton(gp.system(SQUARES), "y")
    wrong = tuple(replace(e, value=3 * e.value) if e.name.startswith("d2_") else e for e in d.backward.equations)
    assert [c.verdict for c in check_derivation(d, backward=replace(d.backward, equations=wrong))] == ["wrong"]


def softmax_of(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_a_network_against_its_explicit_matrices() -> None:
    """J by finite differences of plain NumPy, H = (diag(p) - p pᵀ)/m in blocks."""
    rng = np.random.default_rng(2)
    m, width, hidden, classes = 4, 3, 5, 3
    x, labels = rng.normal(size=(m, width)), rng.integers(0, classes, m)
    shapes = {"V": (width, hidden), "W": (hidden, classes)}
    at = {n: rng.normal(size=s) for n, s in shapes.items()}
    v = {n: rng.normal(size=s) for n, s in shapes.items()}

    def logits(flat: np.ndarray) -> np.ndarray:
        first, second = np.split(flat, [width * hidden])
        return (np.tanh(x @ first.reshape(width, hidden)) @ second.reshape(hidden, classes)).ravel()

    flat = np.concatenate([at[n].ravel() for n in shapes])
    steps = 1e-6 * np.eye(flat.size)
    jacobian = np.transpose([(logits(flat + e) - logits(flat - e)) / 2e-6 for e in steps])
    hessian = np.zeros((m * classes, m * classes))
    for i, p in enumerate(softmax_of(logits(flat).reshape(m, classes))):
        block = slice(i * classes, (i + 1) * classes)
        hessian[block, block] = (np.diag(p) - np.outer(p, p)) / m
    expected = jacobian.T @ hessian @ jacobian @ np.concatenate([v[n].ravel() for n in shapes])
    d = gp.gauss_newton(gp.system(NETWORK), "z")
    found = d.evaluate({"X": x, "label": labels, **at, **{d.directions[n]: v[n] for n in shapes}})
    assert np.allclose(np.concatenate([found[n].ravel() for n in shapes]), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "through"), [("softmax", "z"), ("squares", "y")])
def test_for_a_linear_model_it_is_the_hessian(name: str, through: str) -> None:
    system = gp.system(CASES[name][0])
    product, hessian = gp.gauss_newton(system, through), gp.hvp(system)
    rng = np.random.default_rng(4)
    shapes = {"X": (4, 3), "r": (4,), "W": (3, 2), "b": (2,), "w": (3,)}
    inputs = {n: rng.normal(size=s) for n, s in shapes.items() if n in system.by_name}
    if "label" in system.by_name:
        inputs["label"] = rng.integers(0, 2, 4)
    v = {w: rng.normal(size=shapes[w]) for w in product.wrt}
    one = product.evaluate({**inputs, **{product.directions[w]: v[w] for w in v}})
    two = hessian.evaluate({**inputs, **{hessian.directions[w]: v[w] for w in v}})
    for w in v:
        assert np.allclose(one[w], two[w], rtol=1e-10, atol=1e-12)


def test_it_is_not_the_hessian_of_a_network_but_never_negative_along_a_direction() -> None:
    system = gp.system(NETWORK)
    product, hessian = gp.gauss_newton(system, "z"), gp.hvp(system)
    rng = np.random.default_rng(6)
    inputs = {"X": rng.normal(size=(3, 2)), "label": np.array([0, 1, 1]), "V": rng.normal(size=(2, 3))}
    inputs["W"] = rng.normal(size=(3, 2))
    v = {w: rng.normal(size=inputs[w].shape) for w in ("V", "W")}
    one = product.evaluate({**inputs, **{product.directions[w]: v[w] for w in v}})
    two = hessian.evaluate({**inputs, **{hessian.directions[w]: v[w] for w in v}})
    assert sum(np.sum(one[w] * v[w]) for w in v) > 0
    assert not np.allclose(one["V"], two["V"], rtol=1e-3)


def test_the_hessian_of_softmax_cross_entropy_is_diag_p_minus_p_p_transposed() -> None:
    d = gp.gauss_newton(gp.system(SOFTMAX), "z")
    found = {e.name: str(e) for e in d.backward.definitions}
    assert found["v_z"] == "v_z[i,c] = sum[d] X[i,d]*v_W[d,c] + v_b[c]"
    assert found["d2_z"] == "d2_z[i,c] = p[i,c]*(v_z[i,c] - sum[k] p[i,k]*v_z[i,k])/m"
    assert found["u_W"] == "u_W[d,c] = sum[i] X[i,d]*d2_z[i,c]"
    assert found["u_b"] == "u_b[c] = sum[i] d2_z[i,c]"


def test_logistic_regression_in_matrices() -> None:
    text = " ".join(gp.gauss_newton(gp.load("logistic_regression"), "z").plain(width=100).split())
    for form in ("∂ᵥz = X v", "∂ᵥ∂L/∂z = p ⊙ ∂ᵥz ⊙ (1 − p)", "(Gv) = Xᵀ ∂ᵥ∂L/∂z"):
        assert form in text


@pytest.mark.parametrize(
    ("text", "through", "message"),
    [
        (SQUARES + " + sum[d] w[d]**2", "y", "L depends on w besides through y"),
        (SQUARES, "X", "X does not lie between w and L"),
        (SQUARES, "nothing", "nothing does not lie between w and L"),
        (SQUARES.replace("L = sum[i]", "L[i] ="), "y", "the loss is L"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(text: str, through: str, message: str) -> None:
    with pytest.raises(gp.InputError, match=message):
        gp.gauss_newton(gp.system(text), through)


@pytest.mark.parametrize("form", ["plain", "terminal", "latex", "markdown", "html", "eqs"])
def test_every_format_writes_it(form: str) -> None:
    text = render(gp.gauss_newton(gp.system(NETWORK), "z"), form, width=120)
    assert ("u_V[d,k]" if form == "eqs" else "Gauss-Newton matrix") in " ".join(text.split())


def test_json_says_what_it_is() -> None:
    found = json.loads(gp.gauss_newton(gp.system(SQUARES), "y").json())
    assert (found["mode"], found["order"], found["directions"]) == ("gauss newton", 2, [{"name": "v_w", "of": "w"}])


def test_its_equations_are_a_system_that_reads_back() -> None:
    d = gp.gauss_newton(gp.system(NETWORK), "z")
    again = gp.system(str(d.joint))
    assert [e.name for e in again.definitions] == [e.name for e in d.joint.definitions]
