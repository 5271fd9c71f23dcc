"""Shapes and memory on demand, in every format."""

from __future__ import annotations

import json

import pytest

from gradproof.derive.render import render
from gradproof.errors import InputError


@pytest.mark.parametrize(
    ("form", "given", "heading", "result"),
    [
        ("plain", r"m × H   (1)", "Adjoint of z₂   m × C", "H × C   from (3)"),
        ("terminal", "m × H   (1)", "", "H × C   from (3)"),
        (
            "latex",
            r"m \times H \quad \text{(1)}",
            r"{Adjoint of $z_2$ ($m \times C$)}",
            r"H \times C \quad \text{from (3)}",
        ),
        (
            "markdown",
            r"m \times H \quad \text{(1)}",
            r"### Adjoint of $z_2$ ($m \times C$)",
            r"H \times C \quad \text{from",
        ),
    ],
)
def test_shapes_stand_at_the_equations_on_demand(derived, form, given, heading, result):
    with_shapes, without = (render(derived("mlp"), form, shapes=s) for s in (True, False))
    for text in (given, heading, result):
        assert text in with_shapes
        assert not text or text not in without


def test_shapes_of_adjoints_that_are_substituted_away(derived):
    assert "Adjoint of p   m × C" in render(derived("softmax_cross_entropy"), "plain", shapes=True)


def test_a_scalar_says_so(derived):
    assert "scalar   (2)" in render(derived("softmax_cross_entropy"), "plain", shapes=True)
    assert r"\text{scalar} \quad \text{(2)}" in render(derived("softmax_cross_entropy"), "latex", shapes=True)


def test_shapes_in_ascii(derived):
    page = render(derived("dense"), "plain", shapes=True, ascii=True)
    assert page.isascii()
    assert "D x C   from (1)" in page


@pytest.mark.parametrize(
    ("form", "saved"),
    [
        ("plain", "a₁ (m × H) and a₂ (m × C): m·C + m·H numbers."),
        ("latex", r"$a_1$ ($m \times H$) and $a_2$ ($m \times C$): $m C + m H$ numbers."),
        ("markdown", r"$a_1$ ($m \times H$) and $a_2$ ($m \times C$): $m C + m H$ numbers."),
    ],
)
def test_what_is_saved_on_demand(derived, form, saved):
    page = render(derived("mlp"), form, memory=True)
    assert "Saved for the backward pass" in page
    assert saved in page
    assert "Saved" not in render(derived("mlp"), form)


def test_nothing_saved_is_said(derived):
    page = render(derived("dense"), "plain", memory=True)
    assert "Nothing: the gradients are written with inputs alone." in page
    assert "Given to the backward pass: ∂Z." in page


def test_json_has_what_is_saved_always(derived):
    assert json.loads(render(derived("tanh"), "json"))["saved"] == {
        "tensors": ["a"],
        "numbers": "n",
        "inputs": [],
        "cotangents": ["d_a"],
        "again": [],
        "recomputable": [{"name": "a", "sources": ["z"], "numbers": "n"}],
    }


@pytest.mark.parametrize(("given", "meant"), [("latx", "latex"), ("Markdown", "markdown"), ("eq", "eqs")])
def test_an_unknown_format_says_what_was_meant(derived, given, meant):
    with pytest.raises(InputError, match=f"did you mean '{meant}'"):
        render(derived("tanh"), given)
