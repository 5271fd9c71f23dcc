"""Every way to state a derivative: gradients in any container, Jacobians, products, Hessians."""

import math

import numpy as np
import pytest

import gradproof as gp

RNG = np.random.default_rng(5)
A = RNG.normal(size=(3, 4))
X, W = RNG.normal(size=4), RNG.normal(size=(2, 3))


def f(x, w):
    return np.sum(np.tanh(w @ (A @ x)) ** 2)


def parts(x, w):
    y = A @ x
    t = np.tanh(w @ y)
    d = 2 * t * (1 - t**2)
    return A.T @ (w.T @ d), np.outer(d, y)


FORMS = {
    "tuple": parts,
    "list": lambda x, w: list(parts(x, w)),
    "dict": lambda x, w: dict(zip("wx", reversed(parts(x, w)), strict=True)),
    "flat": lambda x, w: np.concatenate([g.ravel() for g in parts(x, w)]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("exact", [True, False])
def test_gradients_come_in_any_container(form, exact):
    grad = FORMS[form]
    assert gp.check(f, grad, [X, W], exact=exact).verdict == "right"

    def second_wrong(x, w):
        found = grad(x, w)
        if form == "dict":
            return {**found, "w": 2 * found["w"]}
        if form == "flat":
            return np.concatenate([found[:4], 2 * found[4:]])
        return type(found)([found[0], 2 * found[1]])

    report = gp.check(f, second_wrong, [X, W], exact=exact)
    assert report.verdict == "wrong"
    assert set(report.wrong) == {"w"}
    assert len(report.wrong["w"]) == 6


def test_one_flat_vector_for_a_matrix():
    assert gp.check(lambda w: np.sum(w**2), lambda w: (2 * w).ravel(), [W]).verdict == "right"
    assert gp.check(lambda w: np.sum(w**2), lambda w: (2 * w).T.ravel(), [W]).verdict == "wrong"


# ------------------------------------------------------------ first derivatives of arrays


def layer(x, w):
    return np.tanh(w @ x[:3])


def layer_jac(x, w):
    d = 1 - np.tanh(w @ x[:3]) ** 2
    dx = np.zeros((2, 4)) + 0 * d[:, None]
    dx[:, :3] = d[:, None] * w
    dw = np.zeros((2, 2, 3)) + 0 * d[0]
    for i in range(2):
        dw[i, i] = d[i] * x[:3]
    return dx, dw


def one_wrong(x, w):
    dx, dw = layer_jac(x, w)
    dw[1, 1, 2] *= 1.001
    return dx, dw


@pytest.mark.parametrize("exact", [True, False])
def test_jacobians(exact):
    right = gp.check(layer, None, [X, W], jac=layer_jac, exact=exact)
    assert right.verdict == "right", str(right)
    report = gp.check(layer, None, [X, W], jac=one_wrong, exact=exact)
    assert report.verdict == "wrong"
    assert report.wrong["w"].tolist() == [[1, 1, 2]]
    (found,) = report.findings
    assert abs(found.claimed / found.expected - 1.001) < 1e-6


def test_a_jacobian_as_one_matrix_over_all_inputs():
    def matrix(x, w):
        dx, dw = layer_jac(x, w)
        return np.concatenate([dx, dw.reshape(2, 6)], axis=1)

    assert gp.check(layer, None, [X, W], jac=matrix).verdict == "right"
    assert gp.check(layer, None, [X, W], jac=lambda x, w: -matrix(x, w)).verdict == "wrong"


def test_a_transposed_jacobian_is_named_by_its_shape():
    report = gp.check(layer, None, [X, W], wrt=["x"], jac=lambda x, w: layer_jac(x, w)[0].T)
    assert report.verdict == "wrong"
    assert "shape (4, 2), expected the output's and the input's shape, (2, 4)" in report.reason


@pytest.mark.parametrize("exact", [True, False])
def test_products_with_tangents(exact):
    def jvp(tangents, x, w):
        tx, tw = tangents
        d = 1 - np.tanh(w @ x[:3]) ** 2
        return d * (tw @ x[:3] + w @ tx[:3])

    assert gp.check(layer, None, [X, W], jvp=jvp, exact=exact).verdict == "right"
    report = gp.check(layer, None, [X, W], jvp=lambda t, x, w: jvp((t[0], 0.5 * t[1]), x, w), exact=exact)
    assert report.verdict == "wrong"
    assert set(report.wrong) == {"w"}
    assert report.wrong["w"].shape[1] == 3  # output and input indices


def test_a_single_input_has_a_single_tangent():
    assert gp.check(np.sin, None, [X], jvp=lambda t, x: t * np.cos(x), names=["x"]).verdict == "right"


def test_a_vjp_must_be_linear_in_its_cotangent():
    def vjp(c, x):
        return np.where(np.abs(c).max() > 3.5, 2.0, 1.0) * c * np.cos(x)

    verdicts = {gp.check(np.sin, None, [X], vjp=vjp, names=["x"], seed=s).verdict for s in range(3)}
    assert "right" not in verdicts


# ------------------------------------------------------------ second derivatives


def quartic(x):
    return np.sum(x**4) / 4 + np.sum(x) ** 3


def quartic_grad(x):
    return x**3 + 3 * np.sum(x) ** 2


def quartic_hess(x):
    return np.diag(3 * x**2) + 6 * np.sum(x) * np.ones((len(x), len(x)))


def off_at(i, j):
    def hess(x):
        h = quartic_hess(x)
        h[i, j] *= 0.99
        return h

    return hess


@pytest.mark.parametrize("exact", [True, False])
def test_hessians(exact):
    report = gp.check(quartic, quartic_grad, [X], hess=quartic_hess, exact=exact)
    assert report.verdict == "right", str(report)
    assert any("against the gradient that was given" in c for c in report.checked)
    report = gp.check(quartic, quartic_grad, [X], hess=off_at(1, 2), exact=exact)
    assert report.verdict == "wrong"
    assert report.wrong["x"].tolist() == [[1, 2]]


def test_a_hessian_without_a_gradient_is_judged_against_the_exact_one():
    report = gp.check(quartic, None, [X], hess=quartic_hess)
    assert (report.verdict, report.strength) == ("right", "measured")
    assert any("against the exact gradient of f" in c for c in report.checked)
    assert gp.check(quartic, None, [X], hess=off_at(0, 0)).wrong["x"].tolist() == [[0, 0]]
    lost = gp.check(lambda x: quartic(np.frombuffer(x.tobytes())), None, [X], hess=quartic_hess)
    assert lost.verdict == "undecided"
    assert "give its gradient too" in lost.reason


def test_a_hessian_is_not_judged_by_a_wrong_gradient():
    report = gp.check(quartic, lambda x: 2 * quartic_grad(x), [X], hess=quartic_hess)
    assert report.verdict == "wrong"
    assert any("the Hessian was not judged" in c for c in report.checked)


def test_products_with_the_hessian():
    assert gp.check(quartic, quartic_grad, [X], hvp=lambda v, x: quartic_hess(x) @ v).verdict == "right"
    report = gp.check(quartic, quartic_grad, [X], hvp=lambda v, x: 3 * x**2 * v)
    assert report.verdict == "wrong"


def hessian_in_loops(x):
    """A Hessian as people write it, of functions in balls only if its own names are bound anew."""
    out = np.zeros((len(x), len(x)))
    for k in range(len(x)):
        out[k, k] = math.exp(x[k])
    return out


def gradient_in_loops(x):
    out = np.zeros(len(x))
    for k in range(len(x)):
        out[k] = math.exp(x[k])
    return out


@pytest.mark.parametrize(
    "claim", [{"hess": hessian_in_loops}, {"hvp": lambda v, x: hessian_in_loops(x) @ v}], ids=["hess", "hvp"]
)
def test_second_order_is_judged_exactly(claim):
    def f(x):
        return sum(math.exp(v) for v in x)

    (name, second), *_ = claim.items()
    report = gp.check(f, gradient_in_loops, [X], order=2, **claim)
    assert (report.verdict, report.strength) == ("right", "certified"), str(report)
    assert any(c.startswith(f"{name}: every entry") for c in report.checked)
    report = gp.check(f, gradient_in_loops, [X], order=2, **{name: lambda *args: (1 + 1e-9) * second(*args)})
    assert (report.verdict, report.strength) == ("wrong", "certified"), str(report)
    assert report.reason.startswith(f"{name}: ")


@pytest.mark.parametrize("form", ["matrix", "nested", "dicts"])
def test_hessians_over_several_inputs(form):
    def g(a, b):
        return np.sum(a**2) * np.sum(b**3)

    def grad(a, b):
        return 2 * a * np.sum(b**3), 3 * b**2 * np.sum(a**2)

    def hess(a, b):
        aa, bb = 2 * np.eye(2) * np.sum(b**3), np.diag(6 * b) * np.sum(a**2)
        ab = np.outer(2 * a, 3 * b**2)
        if form == "matrix":
            return np.concatenate([np.concatenate([aa, ab], 1), np.concatenate([ab.T, bb], 1)])
        if form == "nested":
            return (aa, ab), (ab.T, bb)
        return {"a": {"a": aa, "b": ab}, "b": {"a": ab.T, "b": bb}}

    inputs = [np.array([0.3, -1.2]), np.array([0.5, 0.7, 2.0])]
    assert gp.check(g, grad, inputs, hess=hess).verdict == "right"
    report = gp.check(g, grad, inputs, hess=lambda a, b: hess(a, b * np.array([1, 1, 1.5])))
    assert report.verdict == "wrong"
    assert set(report.wrong) == {"a, a", "a, b", "b, a", "b, b"}
    assert [2, 2] in report.wrong["b, b"].tolist()


@pytest.mark.parametrize("exact", [True, False])
def test_single_numbers_have_second_derivatives_too(exact):
    cube, square = lambda x: x**3, lambda x: 3 * x**2
    assert gp.check(cube, square, [2.0], hess=lambda x: 6 * x, exact=exact).verdict == "right"
    assert gp.check(cube, square, [2.0], hess=lambda x: 5 * x, exact=exact).verdict == "wrong"
    assert gp.check(cube, square, [2.0], hvp=lambda v, x: 6 * x * v, exact=exact).verdict == "right"
    powers = lambda x: np.array([1.0, 2.0, 3.0]) * x**2  # noqa: E731
    assert gp.check(powers, None, [0.7], jac=lambda x: np.array([2.0, 4.0, 6.0]) * x, exact=exact).verdict == "right"


def test_what_fails_is_named_after_its_argument():
    report = gp.check(quartic, quartic_grad, [X], hess=lambda x: 1 / 0)
    assert report.verdict == "undecided"
    assert report.reason.startswith("hess: hess raised ZeroDivisionError: division by zero, at test_judge_claims.py")
    assert gp.check(np.sin, None, [X], jac=lambda x: 1 / 0, names=["x"]).reason.startswith("jac raised")
