"""Second order: as it is printed, certified twice over, and against differences of the forward equations alone."""

from typing import Any

import numpy as np
import pytest
from flint import ctx

import gradproof as gp
from gradproof.derive.interpret import evaluate
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.steps import Derivation
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps
from tests.derive.differences import DIGITS, curvatures
from tests.derive.second_order_systems import EACH, SYSTEMS, inputs_of, load

LOGISTIC = """
    given X[m, D], y[m]
    param w[D]
    z[i] = sum[d] X[i,d]*w[d]
    p[i] = sigmoid(z[i])
    L = -(sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i])))
"""
RIDGE = """
    given X[m, D], y[m], lam
    param w[D]
    r[i] = sum[d] X[i,d]*w[d] - y[i]
    L = (sum[i] r[i]**2) + lam*sum[d] w[d]**2
"""
CROSS_ENTROPY = """
    given z[m, C], y[m, C]
    assume sum[c] y[i,c] = 1
    p[i,c] = exp(z[i,c]) / sum[k] exp(z[i,k])
    L = -1/m * sum[i,c] y[i,c]*log(p[i,c])
"""
VECTORS = {
    "logistic": LOGISTIC,
    "ridge": RIDGE,
    "quartic": "param x[n]\nL = (sum[i] x[i]**4) + (sum[i] x[i])**3",
    "norm": "param x[n]\nL = sqrt(sum[i] x[i]**2)",
    "log-sum-exp": "param x[n]\nL = log(sum[i] exp(x[i]))",
    "number": "given z\na = sigmoid(z)**2",
}
ELEMENTWISE = {
    "sigmoid(z[i])": "a[i]*(1 - a[i])*(1 - 2*a[i])",
    "tanh(z[i])": "-2*a[i]*(1 - a[i]**2)",
    "softplus(z[i])": "sigmoid(z[i])*(1 - sigmoid(z[i]))",
    "log(1 + exp(z[i]))": "sigmoid(z[i])*(1 - sigmoid(z[i]))",
    "relu(z[i])": "0",
    "z[i]**3": "6*z[i]",
    "where(z[i] > 0, z[i], exp(z[i]) - 1)": "[not(z[i] > 0)]*exp(z[i])",
    "z[i]/2*(1 + erf(z[i]/sqrt(2)))": "(2 - z[i]**2)*exp(-z[i]**2/2)/sqrt(2*pi)",
}


def certified(d: Derivation) -> bool:
    """Is the gradient right, is what was derived of it right, and does every step keep its value?"""
    assert d.first is not None
    found = (*check_derivation(d.first, seed=0), *check_derivation(d, seed=0))
    assert [c for c in found if (c.verdict, c.strength) != ("right", "certified")] == []
    assert [c for c in check_steps(d, seed=0) if c.verdict != "right"] == []
    return True


# ---------------------------------------------------------------- as it is printed


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_second_derivatives_of_activations(activation: str) -> None:
    d = gp.derive(gp.system(f"given z[n]\na[i] = {activation}"), order=2)
    assert str(d.gradients["z"]) == f"d2_z[i] = {ELEMENTWISE[activation]}"
    assert (d.mode, d.order) == ("second", 2)
    assert certified(d)


@pytest.mark.parametrize(
    ("text", "hessian"),
    [
        (LOGISTIC, "d2_w[d,j] = sum[i] X[i,d]*X[i,j]*p[i]*(1 - p[i])"),
        (RIDGE, "d2_w[d,j] = 2*([d == j]*lam + sum[i] X[i,d]*X[i,j])"),
        (VECTORS["norm"], "d2_x[i,j] = ([i == j] - x[i]*x[j]/L**2)/L"),
        ("given A[n, n]\nparam x[n]\nL = 1/2*sum[i,j] x[i]*A[i,j]*x[j]", "d2_x[i,j] = (A[i,j] + A[j,i])/2"),
    ],
)
def test_hessians(text: str, hessian: str) -> None:
    d = gp.derive(gp.system(text), order=2)
    assert [str(e) for e in d.gradients.values()] == [hessian]
    assert d.mode == "hessian"


def test_softmax_cross_entropy_times_a_direction() -> None:
    d = gp.derive(gp.system(CROSS_ENTROPY), wrt="z", order=2)
    assert str(d.gradients["z"]) == "d2_z[i,c] = p[i,c]*(v_z[i,c] - sum[k] p[i,k]*v_z[i,k])/m"
    assert (d.mode, d.directions) == ("hvp", {"z": "v_z"})
    assert certified(d)


# ---------------------------------------------------------------- certified


@pytest.mark.parametrize("name", VECTORS)
def test_hessians_are_certified_and_symmetric(name: str) -> None:
    d = gp.derive(gp.system(VECTORS[name]), order=2)
    assert certified(d)
    (found,) = d.evaluate(inputs_of(d.joint), field="arb").values()
    pairs = [(found[k], found[k[::-1]]) for k in np.ndindex(found.shape)]
    assert pairs
    assert all(a.overlaps(b) for a, b in pairs)


@pytest.mark.parametrize("name", EACH)
def test_a_hessian_times_a_direction_is_certified(name: str) -> None:
    assert certified(gp.hvp(load(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", SYSTEMS)
def test_reverse_over_reverse_agrees(name: str) -> None:
    """The gradient derived again, along the same direction: another path to the same numbers."""
    d = gp.hvp(load(name))
    assert d.first is not None
    inputs = inputs_of(d.joint)
    functions = smooth_functions(d.system.functions)
    forward = evaluate(d.joint, inputs, field="arb", functions=functions)
    gradients = {w: e.name for w, e in d.first.gradients.items()}
    again = gp.derive(d.first.joint, of=tuple(gradients.values()), wrt=d.wrt)
    seeds = {f"d_{gradients[w]}": inputs[v] for w, v in d.directions.items() if np.ndim(inputs[v])}
    if len(seeds) < len(d.wrt):
        pytest.skip("the cotangent of a number is 1, not a direction")
    plain = {n: a for n, a in inputs.items() if n not in d.directions.values()}
    found = evaluate(again.joint, {**plain, **seeds}, field="arb", functions=functions)
    for w, e in again.gradients.items():
        mine, theirs = forward[d.gradients[w].name], found[e.name]
        assert all(a.overlaps(b) for a, b in zip(mine.reshape(-1), theirs.reshape(-1), strict=True))


# ---------------------------------------------------------------- against the forward equations alone


@pytest.mark.parametrize("name", EACH)
def test_differences_of_the_forward_equations_agree(name: str) -> None:
    d = gp.hvp(load(name))
    derived, measured = curvatures(d, inputs_of(d.joint))
    with ctx.workprec(bits(DIGITS)):
        assert abs(derived - measured) < 1e-60


# ---------------------------------------------------------------- what may be used, and what is refused


def test_an_assumption_about_what_moves_is_not_used_in_the_gradient() -> None:
    """d_z = (p - y)/m holds where the rows of y sum to 1, and says nothing of how d_z changes with y."""
    d = gp.derive(gp.system(CROSS_ENTROPY), wrt=["z", "y"], order=2)
    assert d.first is not None
    assert str(d.first.gradients["z"]) == "d_z[i,c] = (p[i,c]*sum[k] y[i,k] - y[i,c])/m"
    assert certified(d)


def test_names_count() -> None:
    d = gp.hvp(gp.system("given x[n], v_x[n]\ny[i] = x[i]**3*v_x[i]"), wrt="x")
    assert str(d.gradients["x"]) == "d2_x[i] = 6*d_y[i]*v2_x[i]*v_x[i]*x[i]"


def test_the_kinks_of_the_function_are_told() -> None:
    (kink,) = gp.derive(gp.load("relu"), order=2).kinks
    assert kink.function == "relu"


@pytest.mark.parametrize(("order", "message"), [(0, "the order is 0"), (-1, "the order is -1"), ("2", "the order is")])
def test_an_order_that_is_none(order: Any, message: str) -> None:
    with pytest.raises(gp.InputError, match=message):
        gp.derive(gp.load("tanh"), order=order)


def test_higher_orders_and_computed_tensors_are_refused_by_name() -> None:
    with pytest.raises(gp.NotYet, match="derivatives of order 3"):
        gp.derive(gp.load("tanh"), order=3)
    with pytest.raises(gp.NotYet, match="a second derivative of p, which is computed"):
        gp.hvp(gp.load("softmax_cross_entropy"), wrt="p")


def test_the_joint_system_computes_everything() -> None:
    d = gp.derive(gp.system(RIDGE), order=2)
    found = gp.evaluate(d.joint, {"X": [[1.0, 2.0]], "y": [0.0], "lam": 1.0, "w": [1.0, 1.0]})
    assert found["d2_w"].tolist() == [[4.0, 4.0], [4.0, 10.0]]
    assert d.evaluate({"X": [[1.0, 2.0]], "y": [0.0], "lam": 1.0, "w": [1.0, 1.0]})["w"].shape == (2, 2)


def test_order_is_the_same_door() -> None:
    assert gp.derive(gp.load("tanh"), order=1).mode == "gradient"
