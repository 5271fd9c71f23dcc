"""Stabilising changes no value (proved in ball arithmetic), and removes overflow, underflow and nan."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof import catalogue
from gradproof.derive.derivation import derive
from gradproof.derive.interpret import evaluate
from gradproof.derive.model import System
from gradproof.derive.nodes import Call
from gradproof.derive.notation import format_equation, parse_system
from gradproof.derive.stabilise import stabilise
from gradproof.loading import load

FORMS = {
    "softmax": "given z[m, C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])",
    "softmax with a temperature": "given z[m, C], tau\np[i,c] = exp(z[i,c]/tau)/sum[k] exp(z[i,k]/tau)",
    "softmax over columns": "given z[m, C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[k,c])",
    "softmax in steps": "given z[m, C]\ne[i,c] = exp(z[i,c])\nS[i] = sum[k] e[i,k]\np[i,c] = e[i,c]/S[i]\n"
    "H[i] = -sum[c] p[i,c]*log(p[i,c])",
    "cross-entropy": "given z[m, C], y[m, C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])\n"
    "L = -1/m*sum[i,c] y[i,c]*log(p[i,c])",
    "cross-entropy of labels": "given z[m, C], label[m] in C\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])\n"
    "L = -1/m*sum[i] log(p[i,label[i]])",
    "focal loss": "given z[m, C], y[m, C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])\n"
    "L = -sum[i,c] y[i,c]*(1 - p[i,c])**2*log(p[i,c])",
    "maximum subtracted by hand": "given z[m, C], y[m, C]\nM[i] = max[c] z[i,c]\n"
    "S[i] = sum[c] exp(z[i,c] - M[i])\np[i,c] = exp(z[i,c] - M[i])/S[i]\nL = -sum[i,c] y[i,c]*log(p[i,c])",
    "log sum exp": "given x[n]\ny = log(sum[i] exp(x[i]))",
    "log of a mean of exponentials": "given x[n]\ny = log(mean[i] exp(2*x[i]))",
    "causal attention": "given Q[T, d], K[T, d], V[T, e]\nS[i,j] = sum[k] Q[i,k]*K[j,k]/sqrt(d)\n"
    "O[i,k] = (sum[j<=i] exp(S[i,j])*V[j,k])/(sum[j<=i] exp(S[i,j]))",
    "binary cross-entropy": "given z[m], y[m]\np[i] = sigmoid(z[i])\n"
    "L = -1/m*sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))",
    "sigmoid spelled out": "given z[m], y[m]\np[i] = 1/(1 + exp(-z[i]))\n"
    "L = -1/m*sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))",
    "sigmoid in other words": "given z[n]\na[i] = exp(z[i])/(1 + exp(z[i]))\nb[i] = exp(-z[i])/(1 + exp(-z[i]))**2\n"
    "c[i] = 1 - sigmoid(z[i])\nd[i] = exp(z[i])/(exp(z[i]) + exp(2))",
    "tanh spelled out": "given z[n]\na[i] = (exp(z[i]) - exp(-z[i]))/(exp(z[i]) + exp(-z[i]))\n"
    "b[i] = (exp(2*z[i]) - 1)/(exp(2*z[i]) + 1)\nc[i] = (1 - exp(-2*z[i]))/(1 + exp(-2*z[i]))",
    "softplus spelled out": "given z[n]\na[i] = log(1 + exp(z[i]))\nb[i] = log(exp(z[i]) + exp(-z[i]))\n"
    "c[i] = log(2 + exp(z[i]))",
    "products in a logarithm": "given z[n], u[n]\na[i] = log(u[i]**2*exp(z[i]))\n"
    "b[i] = log(3*sigmoid(z[i])**2/exp(u[i]))",
    "two classes together": "given z[m, 3]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])\nl[i] = log(p[i,0] + p[i,1])",
    "nothing to do": "given x[n]\ny[i] = exp(x[i])*x[i]\nz = sum[i] exp(x[i])\nw[i] = (exp(x[i]) + 1)/(1 + x[i]**2)",
}  # fmt: skip


def _inputs(system: System, seed: int, scale: float = 1.5) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    sizes = {s: 2 + k for k, s in enumerate(system.sizes)}
    shapes = {t.name: tuple(int(n.xreplace(sizes)) for n in t.shape) for t in system.inputs}
    return {
        t.name: random.normal(size=shapes[t.name], scale=scale)
        if t.bound is None
        else random.integers(0, int(t.bound.xreplace(sizes)), size=shapes[t.name])
        for t in system.inputs
    }


def _assert_equal_in_balls(original: System, stable: System, given: dict[str, np.ndarray]) -> None:
    """Every tensor of the original encloses the same number to 40 digits."""
    one, two = (evaluate(s, given, field="arb", digits=60) for s in (original, stable))
    for name, values in one.items():
        for a, b in zip(np.ravel(values), np.ravel(two[name]), strict=True):
            assert a.overlaps(b), f"{name}: {a} and {b}"
            assert (a - b).abs_upper() < 1e-40 * (1 + a.abs_upper()), f"{name}: {a} and {b}"


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_stabilising_changes_no_value(name, seed):
    system = parse_system(FORMS[name])
    _assert_equal_in_balls(system, stabilise(system), _inputs(system, seed))


@pytest.mark.parametrize("name", [n for n in catalogue.names() if n not in ("neuron", "cross_entropy")])
def test_stabilising_changes_no_gradient_of_the_catalogue(name):
    joint = derive(load(name)).joint
    _assert_equal_in_balls(joint, stabilise(joint), _inputs(joint, 3))


@pytest.mark.parametrize("name", [n for n in FORMS if n != "nothing to do"])
def test_unstable_forms_are_gone(name):
    system = parse_system(FORMS[name])
    stable = stabilise(system)
    assert stable != system
    given = _inputs(system, 4, scale=3000.0)
    if name == "softmax in steps":
        del given  # its own exp(z) is asked for, and overflows
        return
    if "tau" in given:
        given["tau"] = np.asarray(1.5)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        values = evaluate(stable, given)
    assert all(np.isfinite(v).all() for v in values.values())


def test_the_steps_of_a_softmax_are_seen_through():
    stable = stabilise(parse_system(FORMS["softmax in steps"]))
    values = evaluate(stable, {"z": np.array([[5000.0, 0.0], [3.0, 4.0]])})
    assert np.isfinite(values["p"]).all()
    assert np.isfinite(values["H"]).all()


def test_what_needs_nothing_is_left_alone():
    system = parse_system(FORMS["nothing to do"])
    assert stabilise(system) is system


@pytest.mark.parametrize("name", FORMS)
def test_stabilising_twice_changes_nothing_more(name):
    stable = stabilise(parse_system(FORMS[name]))
    assert stabilise(stable) == stable


def test_shared_parts_are_computed_once_and_bear_readable_names():
    stable = stabilise(parse_system(FORMS["cross-entropy"]))
    assert [format_equation(e, stable) for e in stable.equations] == [
        "z_max[i] = max[c] z[i,c]",
        "z_sumexp[i] = sum[c] exp(z[i,c] - z_max[i])",
        "p[i,c] = exp(z[i,c] - z_max[i])/z_sumexp[i]",
        "z_lse[i] = z_max[i] + log(z_sumexp[i])",
        "L = -1/m * sum[i,c] y[i,c]*(z[i,c] - z_lse[i])",
    ]
    assert [e.number for e in stable.equations] == [1, 1, 1, 2, 2]


def test_added_names_collide_with_nothing():
    stable = stabilise(parse_system("given z[n], z_max[n]\np[i] = exp(z[i])/sum[k] exp(z[k]) + z_max[i]"))
    assert "z_max2" in stable.by_name


def test_a_recurrence_is_not_seen_through():
    text = "given x[T], h0\nstart h[-1] = h0\nh[t] = exp(x[t])*h[t-1]\ny[t] = log(h[t])"
    system = parse_system(text)
    assert stabilise(system) == system


def test_log_of_a_sigmoid_keeps_its_digits():
    stable = stabilise(parse_system("given z\nL = log(1 - sigmoid(z))"))
    assert stable.equations[-1].value.has(Call)
    assert float(evaluate(stable, {"z": np.asarray(40.0)})["L"]) == -40.0
