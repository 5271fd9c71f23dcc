"""Stabilising changes no value (proved in ball arithmetic), and removes overflow, underflow and nan."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.interpret import evaluate
from gradproof.derive.model import System
from gradproof.derive.nodes import Call
from gradproof.derive.notation import format_equation, parse_system
from gradproof.derive.stabilise import stabilise
from gradproof.loading import load
from tests.entries import SMALL

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
    "log-softmax": "given z[m, C]\np[i,c] = exp(z[i,c] - log(sum[k] exp(z[i,k])))\nl[i,c] = log(p[i,c])",
    "log-softmax in steps": "given z[m, C]\nl[i] = log(sum[k] exp(z[i,k]))\np[i,c] = exp(z[i,c] - l[i])",
    "softmax with a class at 0": "given x[m, n]\np[i,k] = exp(x[i,k])/(1 + sum[l] exp(x[i,l]))\n"
    "y[i] = log(1 + sum[k] exp(x[i,k]))",
    "softmax of doubles": "given x[n], u[n]\ny[i] = exp(x[i])**2/sum[k] exp(x[k])**2\n"
    "z[i] = exp(x[i])*exp(u[i])/(sum[k, l] exp(x[k])*exp(u[l]))",
    "weighted sums": "given x[n], u[n]\ny = (sum[k] u[k]*exp(x[k]))/(sum[k] exp(x[k] + u[k]) + 2)\n"
    "z = log((sum[k] u[k]**2*exp(x[k]))/(3 + sum[k] exp(u[k])))",
    "three terms": "given a, b, u\ny = log(1 + exp(a) + exp(b))\nz = (u + exp(a))/(1 + exp(a) + exp(b))\n"
    "v = log(1 + u**2 + exp(a))\nw = (u + exp(a))/(1 + exp(a))",
    "hyperbolic": "given x[n]\ny[i] = log(cosh(x[i]))\nz[i] = sinh(x[i])/cosh(x[i])\nu[i] = exp(-abs(x[i]))*cosh(x[i])",
    "products of sigmoids": "given x[n]\ny = log(prod[i] sigmoid(x[i]))\nz[i] = exp(-x[i])*sigmoid(x[i])*exp(x[i])",
    "opposite exponentials": "given x[n]\ny[i] = exp(-x[i])*(1 + exp(x[i]))*sigmoid(x[i])\n"
    "z[i] = exp(-x[i])/(sum[k] exp(-x[k]))",
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


@pytest.mark.parametrize("name", [n for n in SMALL if not load(n).functions])
def test_stabilising_changes_no_gradient_of_the_catalogue(name):
    joint = derive(load(name)).joint
    _assert_equal_in_balls(joint, stabilise(joint), _inputs_in_the_domain(joint, 3))


def _inputs_in_the_domain(system: System, seed: int) -> dict[str, np.ndarray]:
    """Return normal numbers or, where something has no value at them, numbers between 0 and 1."""
    given = _inputs(system, seed)
    if all(np.isfinite(v).all() for v in evaluate(system, given).values()):
        return given
    return {n: a if a.dtype.kind in "iu" else 1 / (1 + np.exp(-a)) for n, a in given.items()}


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
        "z_shift[i] = [z_max[i] != 2*z_max[i]]*z_max[i]",
        "z_sumexp[i] = sum[c] exp(z[i,c] - z_shift[i])",
        "p[i,c] = exp(z[i,c] - z_shift[i])/z_sumexp[i]",
        "z_log[i] = log(z_sumexp[i])",
        "L = -1/m * sum[i,c] y[i,c]*(z[i,c] - z_log[i] - z_shift[i])",
    ]
    assert [e.number for e in stable.equations] == [1, 1, 1, 1, 2, 2]


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


#: Adjoints that are named and overflow themselves: exp(z) is asked for, or (1 - p)/p, for a p that is rounded to 0.
_OVERFLOW = ("softmax in steps", "nothing to do", "focal loss")


@pytest.mark.parametrize(
    ("name", "scale"), [(n, s) for n in FORMS for s in (1.5, 1000.0) if s < 10 or n not in _OVERFLOW]
)
def test_gradients_keep_their_values_and_are_finite_for_large_arguments(name, scale):
    system = parse_system(FORMS[name])
    for of in system.outputs:
        joint = derive(system, of=of).joint
        stable = stabilise(joint)
        given = _inputs(joint, 5, scale)
        if "tau" in given:
            given["tau"] = np.asarray(1.5)
        if scale < 10:
            _assert_equal_in_balls(joint, stable, given)
        with np.errstate(all="ignore"):
            values = evaluate(stable, given)
        assert all(np.isfinite(v).all() for v in values.values()), f"{of}: {values}"


def test_a_large_argument_gives_the_gradient_of_the_ball():
    joint = derive(parse_system("given x[n]\ny[i] = 1/sum[k] exp(x[k] - x[i])")).joint
    given = {"x": np.array([1000.0, -1000.0, 999.0]), "d_y": np.array([1.0, 2.0, 3.0])}
    exact = [float(v) for v in evaluate(joint, given, field="arb", digits=2000)["d_x"]]
    np.testing.assert_allclose(evaluate(stabilise(joint), given)["d_x"], exact, rtol=1e-14)


@pytest.mark.parametrize(
    "z", [[-np.inf, -np.inf], [np.inf, 1.0], [-np.inf, 2.0], [np.inf, -np.inf], [np.nan, 1.0], [np.inf, np.inf]]
)
def test_infinities_are_what_they_are_in_the_textbook_form(z):
    system = parse_system("given z[n]\nl = log(sum[i] exp(z[i]))\ny = log(1 + sum[i] exp(z[i]))")
    given = {"z": np.array(z)}
    plain, stable = evaluate(system, given), evaluate(stabilise(system), given)
    for name in ("l", "y"):
        np.testing.assert_allclose(stable[name], plain[name], rtol=1e-15)


def test_a_logarithm_is_split_into_positive_parts_alone():
    text = "given u, x[n]\na = log(u*(sum[i] u*exp(x[i])))\nb = log(exp(x[0]) + sum[i] (u + 1)*exp(x[i]))"
    given = {"u": np.asarray(-1.0), "x": np.array([0.5, 0.25])}
    values = evaluate(stabilise(parse_system(text)), given)
    np.testing.assert_allclose(values["a"], np.log(np.exp([0.5, 0.25]).sum()))
    given["u"] = np.asarray(-1.25)
    np.testing.assert_allclose(
        evaluate(stabilise(parse_system(text)), given)["b"], np.log(np.exp(0.5) - np.exp([0.5, 0.25]).sum() / 4)
    )


def test_definitions_that_are_read_twice_are_seen_through_once():
    chain = "".join(f"a{k}[i] = a{k - 1}[i]*(x[i] + a{k - 1}[i])\n" for k in range(1, 60))
    system = parse_system(f"given x[n]\na0[i] = exp(x[i])\n{chain}")
    assert len(stabilise(system).equations) >= 60  # with one look for every path it would never end
