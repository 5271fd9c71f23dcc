"""A stride that the adjoint divides by is at least 1: said on the page, and refused elsewhere when it is 0."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.divisors import divisors
from gradproof.derive.render import render

CONV = gp.load("conv1d")
AT_ZERO = {"x": np.ones((1, 1, 3)), "k": np.ones((1, 1, 2)), "b": np.ones(1), "s": 0, "p": 0, "r": 1}


def test_the_forward_equations_allow_a_stride_of_0() -> None:
    assert divisors(e.value for e in CONV.definitions) == ()
    assert gp.evaluate(CONV, {**AT_ZERO, "I": 2})["y"].tolist() == [[[3, 3]]]


def test_the_adjoint_names_its_divisor() -> None:
    derived = gp.derive(CONV, wrt="x")
    assert [s.name for s in divisors(e.value for e in derived.backward.definitions)] == ["s"]
    for form in ("plain", "latex", "markdown"):
        assert "is at least 1: an index is divided by it." in " ".join(render(derived, form).split())
    assert "at least 1" not in render(gp.derive(CONV, wrt="k"), "plain")


def test_a_stride_of_0_is_refused_where_something_is_divided_by_it() -> None:
    derived = gp.derive(CONV, wrt="x")
    inputs = {**AT_ZERO, "d_y": np.ones((1, 1, 2))}
    with pytest.raises(gp.InputError, match="the size s is 0, and something is divided by it"):
        derived.evaluate(inputs)
    with pytest.raises(ValueError, match="s"):
        gp.kernel(derived, dtype="float64")(**inputs)
    assert derived.evaluate({**inputs, "s": 1})["x"].tolist() == [[[1, 2, 1]]]
