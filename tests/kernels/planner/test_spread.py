"""Sums that read through an exact quotient: each term is made once, and added where it belongs."""

from __future__ import annotations

from functools import cache

import pytest

import gradproof as gp
from gradproof.derive.interpret.binding import all_sizes
from gradproof.derive.model import System
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.planner.tree import Plan, statements_of
from gradproof.kernels.prepare import prepare
from tests.kernels.support import assert_close, draw, reference

from .machine import Machine

#: A convolution's gradient in one dimension, and its transpose, which says where a term goes.
_CONVOLUTION = "given x[H], k[U]\ngiven size s, p, r\nshape y[I]\noutside x = 0\ny[i] = sum[u] k[u]*x[s*i+r*u-p]"
_TRANSPOSED = "given x[H], k[U]\ngiven size s, p\nshape y[I]\ny[i] = sum[h, u, s*h+u-p == i] x[h]*k[u]"
_SIZES = [
    {"s": 1, "p": 0, "r": 1, "H": 5, "U": 2, "I": 4},
    {"s": 2, "p": 1, "r": 1, "H": 7, "U": 3, "I": 4},
    {"s": 3, "p": 2, "r": 2, "H": 5, "U": 3, "I": 3},
    {"s": 2, "p": 0, "r": 0, "H": 4, "U": 2, "I": 1},
    {"s": 2, "p": 0, "r": 1, "H": 0, "U": 2, "I": 3},
]


@cache
def _planned(text: str) -> tuple[System, Plan]:
    d = gp.derive(gp.system(text))
    return d.joint, make_plan(prepare(d, "fused"))


def _kinds(plan: Plan, number: int) -> set[str]:
    """Return the kinds of the statements of an equation."""
    found = (s for region in plan.regions for node in region.body for s in statements_of(node))
    return {s.kind for s in found if s.number == number}


@pytest.mark.parametrize("sizes", _SIZES, ids=str)
@pytest.mark.parametrize("text", [_CONVOLUTION, _TRANSPOSED])
def test_terms_arrive_where_the_equations_look_for_them(text: str, sizes: dict[str, int]) -> None:
    """Strides, paddings and dilations alike, where windows overlap or leave gaps, and where they end outside."""
    joint, plan = _planned(text)
    assert _kinds(plan, 2 if text == _CONVOLUTION else 1) == {"map", "add"}
    own = {s: sizes[s.name] for s in all_sizes(joint)}
    given = draw(joint, sizes, "float64", 1)
    expected = reference(joint, given)
    found = Machine(plan, {**expected, **given}, own).run()
    for output, value in found.items():
        assert_close(value, expected[output], "float64", output, ulps=200)


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
def test_a_product_makes_the_terms_of_an_image_strip_by_strip(name: str) -> None:
    """Nothing is asked about divisibility, and no zeros are multiplied."""
    lines = [line.strip() for line in make_plan(prepare(gp.derive(gp.load(name)), "fused")).show().splitlines()]
    made = next(k for k, line in enumerate(lines) if line.startswith("dot") and "~terms" in line)
    assert lines[made - 1].startswith("strips of ")
    assert not any("operand =" in line and "%" in line for line in lines)
    assert sum("~operand =" in line for line in lines) == 1


def test_a_quotient_that_may_be_outside_is_left_alone() -> None:
    """Without the conditions that keep it inside, places past the ends would be lost."""
    text = "given x[I], k[U]\ngiven size s\nshape y[H]\noutside x = 1\ny[h] = sum[u, (h+u) % s == 0] k[u]*x[(h+u)/s]"
    assert _kinds(_planned(text)[1], 1) == {"sum"}
