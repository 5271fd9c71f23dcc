"""The product of a recurrence's steps: certified against the recurrence alone, printed, and bounded."""

import json
from dataclasses import replace

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.notation.printer import format_equation
from gradproof.derive.through_time.path import GateBound, NormBound
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

SIGMOID = """
given x[T, H], h0[H]
param U[H, H]
start h[-1,k] = h0[k]
h[t,k] = sigmoid(x[t,k] + sum[j] U[k,j]*h[t-1,j])
"""
LINEAR = """
given h0[H]
param A[H, H]
shape h[T, H]
start h[-1,k] = h0[k]
h[t,k] = sum[j] A[k,j]*h[t-1,j]
"""
UNKNOWN = SIGMOID.replace("given x", "given function phi\ngiven x").replace("sigmoid(", "phi(")
BACKWARD = """
given x[T, H], h0[H]
param U[H, H]
start h[T,k] = h0[k]
h[t,k] = tanh(x[t,k] + sum[j] h[t+1,j]*U[j,k])
"""
TWO = SIGMOID.replace("h[t-1,j]", "h[t-1,j]*h[t-2,k]").replace("start", "start h[-2,k] = h0[k]\nstart")
TEXTS = {"sigmoid": SIGMOID, "linear": LINEAR, "unknown": UNKNOWN, "backward in time": BACKWARD}


@pytest.mark.parametrize(
    ("name", "state"),
    [("rnn", "h"), ("rnn_masked", "h"), ("gru", "h"), ("lstm", "c"), ("momentum", "v"), ("birnn", "g"),
     pytest.param("lstm", "h", marks=pytest.mark.slow), pytest.param("lstm_peephole", "c", marks=pytest.mark.slow)],
)  # fmt: skip
def test_the_product_is_certified_against_the_perturbed_recurrence(name: str, state: str) -> None:
    d = gp.through_time(gp.load(name), state)
    (check,) = check_derivation(d)
    assert (check.verdict, check.strength) == ("right", "certified"), check.reason
    assert [c for c in check_steps(d) if c.verdict != "right"] == []


@pytest.mark.parametrize("name", TEXTS)
def test_other_recurrences_are_certified_too(name: str) -> None:
    d = gp.through_time(gp.system(TEXTS[name]), "h")
    assert [c.verdict for c in check_derivation(d)] == ["right"]
    assert [c for c in check_steps(d) if c.verdict != "right"] == []


def test_a_wrong_product_is_refuted() -> None:
    d = gp.through_time(gp.system(SIGMOID), "h")
    flipped = d.backward.definitions[-2]
    wrong = tuple(replace(e, value=2 * e.value) if e is flipped else e for e in d.backward.equations)
    (check,) = check_derivation(d, backward=replace(d.backward, equations=wrong))
    assert check.verdict == "wrong"


@pytest.mark.parametrize(
    ("text", "step", "product"),
    [
        (
            SIGMOID,
            "J[t,k,j] = h[t,k]*U[k,j]*(1 - h[t,k])",
            "P[t,k,j] = [t+1 == T, j == k] + [t+1 < T]*sum[i] P[t+1,k,i]*J[t+1,i,j]",
        ),
        (LINEAR, "J[t,k,j] = A[k,j]", "P[t,k,j] = [t+1 == T, j == k] + [t+1 < T]*sum[i] P[t+1,k,i]*J[t+1,i,j]"),
        (
            BACKWARD,
            "J[t,k,j] = U[j,k]*(1 - h[t,k]**2)",
            "P[t,k,j] = [t == 0, j == k] + [t > 0]*sum[i] P[t-1,k,i]*J[t-1,i,j]",
        ),
    ],
)
def test_the_step_and_the_product_as_they_are_printed(text: str, step: str, product: str) -> None:
    d = gp.through_time(gp.system(text), "h")
    assert [format_equation(e, d.joint) for e in d.backward.definitions[-2:]] == [step, product]


def test_the_path_of_the_cell_is_the_product_of_the_forget_gates() -> None:
    d = gp.through_time(gp.load("lstm"), "c")
    assert [str(e) for e in d.backward.definitions] == ["J[t,n,k] = f[t,n,k]", "P[t,n,k] = prod[i>t] f[i,n,k]"]
    assert d.path is not None
    assert d.path.recurrence.held == ("h",)
    assert d.path.bound == GateBound("f", 4)
    assert "held constant here: this is the path of c alone" in " ".join(d.plain().split())


def test_equal_steps_make_a_power() -> None:
    d = gp.through_time(gp.load("adam"), "m")
    assert str(d.gradients["m"]) == "P[t,j] = beta1**(T - 1 - t)"


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        (SIGMOID, ("U", False, "sigmoid", "1/4")),
        (LINEAR, ("A", False, "", "1")),
        (BACKWARD, ("U", True, "tanh", "1")),
        (UNKNOWN, ("U", False, "phi", "None")),
        (SIGMOID.replace("sigmoid(", "exp("), None),
        (SIGMOID.replace("+ sum[j]", "+ h[t-1,k] + sum[j]"), None),
    ],
)
def test_the_bound_by_one_weight_and_one_activation(text: str, bound: tuple[object, ...] | None) -> None:
    path = gp.through_time(gp.system(text), "h").path
    assert path is not None
    if bound is None:
        assert path.bound is None
        return
    assert isinstance(path.bound, NormBound)
    assert (path.bound.weight, path.bound.turned, path.bound.function, str(path.bound.steepest)) == bound


def products(name_or_text: str, **inputs: np.ndarray) -> np.ndarray:
    system = gp.load(name_or_text) if "\n" not in name_or_text else gp.system(name_or_text)
    return gp.through_time(system, "h").evaluate(inputs)["h"]


@pytest.mark.parametrize(("text", "steepest"), [(SIGMOID, 0.25), (BACKWARD, 1.0)])
@pytest.mark.parametrize("scale", [0.5, 2.0, 8.0])
def test_no_random_product_exceeds_the_bound(text: str, steepest: float, scale: float) -> None:
    rng = np.random.default_rng(int(10 * scale))
    length, width = 6, 3
    for _ in range(5):
        weight = scale * rng.normal(size=(width, width))
        found = products(text, x=rng.normal(size=(length, width)), h0=rng.normal(size=width), U=weight)
        norm = steepest * np.linalg.norm(weight, 2)
        for t in range(length):
            steps = t if text is BACKWARD else length - 1 - t
            assert np.linalg.norm(found[t], 2) <= norm**steps * (1 + 1e-12)


@pytest.mark.parametrize("norm", [0.5, 1.0, 2.0])
def test_the_bound_is_reached_so_the_gradient_vanishes_or_explodes(norm: float) -> None:
    """At the steepest place of tanh, with a multiple of an orthogonal matrix."""
    orthogonal, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    zeros = {"x": np.zeros((8, 1, 2)), "h0": np.zeros((1, 3)), "W": np.zeros((2, 3)), "b": np.zeros(3)}
    found = products("rnn", U=norm * orthogonal, **zeros)[:, 0]
    assert np.allclose([np.linalg.norm(p, 2) for p in found], [norm ** (7 - t) for t in range(8)], rtol=1e-12)


def test_the_product_is_the_finite_difference_of_the_recurrence() -> None:
    """The rows of the recurrence begun again at h[t], in plain NumPy."""
    rng = np.random.default_rng(3)
    x, h0, u = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(3, 3))
    found = products(SIGMOID, x=x, h0=h0, U=u)

    def last(h: np.ndarray, start: int) -> np.ndarray:
        for row in x[start:]:
            h = 1 / (1 + np.exp(-(row + u @ h)))
        return h

    state = h0
    for t in range(5):
        state = 1 / (1 + np.exp(-(x[t] + u @ state)))
        moved = [(last(state + e, t + 1) - last(state - e, t + 1)) / 2e-5 for e in 1e-5 * np.eye(3)]
        assert np.allclose(found[t], np.transpose(moved), atol=1e-9)


@pytest.mark.parametrize(
    ("text", "state", "message"),
    [
        (SIGMOID, "x", "x is not computed by this system"),
        ("given x[n]\ny[i] = x[i]**2", "y", "y is no recurrence"),
        (
            SIGMOID.replace("h[t-1,j]", "h[t-1,j]*h[t-2,k]").replace("start", "start h[-2,k] = h0[k]\nstart"),
            "h",
            "2 start",
        ),
        (SIGMOID + "L = sum[t, k] h[t,k]", "L", "L is no recurrence"),
    ],
)
def test_what_is_no_such_recurrence_is_refused_by_name(text: str, state: str, message: str) -> None:
    with pytest.raises(gp.InputError, match=message):
        gp.through_time(gp.system(text), state)


@pytest.mark.parametrize("form", ["plain", "terminal", "latex", "markdown", "html"])
def test_every_format_shows_the_bound(form: str) -> None:
    from gradproof.derive.render import render

    text = " ".join(render(gp.through_time(gp.system(SIGMOID), "h"), form, width=120).split())
    for words in ("submultiplicativity", "no slope of sigmoid is larger than 1/4", "norm of U is above 4", "vanishes"):
        assert words in text
    none = " ".join(render(gp.through_time(gp.load("gru"), "h"), form, width=120).split())
    assert "No bound is stated" in none
    assert "submultiplicativity" not in none


def test_plain_ascii_keeps_to_ascii() -> None:
    assert gp.through_time(gp.system(SIGMOID), "h").plain(ascii=True).isascii()


def test_json_holds_the_path_and_its_bound() -> None:
    found = json.loads(gp.through_time(gp.system(SIGMOID), "h").json())
    bound = {"kind": "norm", "by": "U", "function": "sigmoid", "steepest": "1/4"}
    assert found["mode"] == "through time"
    assert found["path"] == {"state": "h", "step": "J", "product": "P", "held": [], "bound": bound}
    assert json.loads(gp.derive(gp.system(SIGMOID)).json())["path"] is None


def test_names_that_are_taken_count_up() -> None:
    d = gp.through_time(gp.system(SIGMOID.replace("U", "J")), "h")
    assert d.path is not None
    assert (d.path.step, d.path.product) == ("J2", "P")


def test_it_is_a_system_that_runs_and_derives_again() -> None:
    system = gp.through_time(gp.system(SIGMOID), "h").joint
    assert [c.verdict for c in check_derivation(gp.derive(system, of="P", wrt="U"))] == ["right"]
