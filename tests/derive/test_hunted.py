"""Systems written to break the engine: shared indices, edges, gathers, coupled recurrences, folds that almost fit."""

from __future__ import annotations

from pathlib import Path

import pytest

import gradproof as gp
from gradproof.derive.notation import format_system, parse_system
from gradproof.derive.render import render
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

HUNTED = tuple((Path(__file__).parent / "hunted.txt").read_text().strip().split("\n---\n"))
#: One in so many is tried by the default suite, all that once went wrong, and what sees a rule of the engine broken.
SHARE = 8
SHARP = tuple((Path(__file__).parent / "sharp.txt").read_text().strip().split("\n---\n"))


def _every(text: str) -> str:
    return text.replace("\n", "; ")[:60]


@pytest.mark.parametrize(
    "text",
    [*SHARP, *(t if k % SHARE == 0 else pytest.param(t, marks=pytest.mark.slow) for k, t in enumerate(HUNTED))],
    ids=_every,
)
def test_gradients_tangents_steps_and_texts(text: str) -> None:
    system = gp.system(text)
    derived = gp.derive(system)
    for check in (*check_derivation(derived), *check_derivation(gp.jvp(system))):
        assert (check.verdict, check.strength) == ("right", "certified"), f"{check.name}: {check.reason}"
        assert check.one_sided == 0 or "x[i] > x[i]" in text
    for step in check_steps(derived):
        assert step.verdict == "right", f"{step.block}, {step.step.rule}: {step.reason}"
    assert parse_system(format_system(system)) == system
    parse_system(render(derived, "eqs"))
    for form in ("plain", "latex", "markdown", "html", "json"):
        assert render(derived, form)


#: Each was once derived wrongly, or refused for what was derived.
ONCE_WRONG = {
    "a definition has fewer rows than the tensor it is made of": (
        "given x[2*n]\nshape y[n]\noutside y = 0\ny[i] = tanh(x[i])\nz = (sum[j] tanh(x[j])**2) + sum[i] y[i]"
    ),
    "its shifted rows do not reach the first": (
        "given z[n+1], w[n]\nshape s[n]\noutside s = 0\ns[i] = 1/(1+exp(-z[i+1]))\n"
        "L = sum[i] w[i]*s[i] + sum[j] exp(-z[j])/(1+exp(-z[j]))**2"
    ),
    "a softmax over more columns than it is kept for": (
        "given z[n,2*k], t\nshape p[n,k]\np[i,j] = exp(z[i,j]/t)/(sum[l] exp(z[i,l]/t))\nL = sum[i,j] p[i,j]**2"
    ),
    "a factor leaves the bracket that a name takes": (
        "given x[n]\noutside s = 0\ns[i] = sigmoid(x[i])\nshape y[n]\ny[i] = s[i+1]*(1 - s[i+1])*x[i]"
    ),
    "three rows behind the last": (
        "given x[n], a, b, c\nstart h[n+2] = a\nstart h[n+1] = b\nstart h[n] = c\nshape h[n]\n"
        "h[i] = sin(h[i+1] + h[i+2]*x[i])*h[i+3]"
    ),
}


@pytest.mark.parametrize("text", ONCE_WRONG.values(), ids=ONCE_WRONG)
def test_what_was_wrong_is_right(text: str) -> None:
    derived = gp.derive(gp.system(text))
    assert [c.verdict for c in check_derivation(derived)] == ["right"] * len(derived.wrt)
    assert {c.verdict for c in check_derivation(gp.jvp(gp.system(text)))} == {"right"}
    assert {s.verdict for s in check_steps(derived)} == {"right"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("given x[n]\nshape y[2*n]\ny[i] = x[i/2]", "i/2 stands in an index, and is no whole number everywhere"),
        ("given x[n]\ngiven size s\nshape y[n]\ny[i] = [i < n]*x[i/s]", "i/s stands in an index"),
        ("given x[n]\nshape y[n]\ny[i] = x[i % 3]", "a remainder may only be compared with a number"),
        ("given x[n]\nshape y[n]\ny[i] = x[min(i+1,n-1)]", "this is no integer expression"),
        ("given x[n,m]\ny[i] = argmax[j] x[i,j]", "argmax gives a position, not a value"),
        ("given x[n]\ny[i] = x[i] + y[i]", "y is defined by itself"),
        ("given x[n,m]\ny = sum[j] x[j,j]", "the index j has conflicting ranges"),
        ("given x[n]\ny = sum[i] (x[i]*sum[i] x[i])", "the index i is already bound here"),
        ("given x[n], c\noutside x = c\nL = sum[j<n] x[j-1]", "this is no integer expression"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(gp.InputError, match=message):
        gp.system(text)


def test_a_product_over_several_indices_is_refused_by_name() -> None:
    with pytest.raises(gp.NotYet, match="the derivative of a product over several indices"):
        gp.derive(gp.system("given x[n,m]\ny = prod[i,j] (1 + x[i,j]**2)"))
