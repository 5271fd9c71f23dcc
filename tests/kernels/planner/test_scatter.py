"""Sums whose conditions say where each term goes."""

from __future__ import annotations

import gradproof as gp
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare

TEXT = "given tok[T] in V, x[T, D]\nparam E[V, D]\nL = sum[t,d] E[tok[t],d]*x[t,d]"


def test_an_embedding_adds_each_row_where_its_token_is() -> None:
    """Threads share the columns: no two of them add to the same place, whatever the tokens are."""
    text = make_plan(prepare(gp.derive(gp.system(TEXT)), "fused")).show()
    adds = text.index("d_E +=")
    assert text[:adds].splitlines()[-3:] == ["threads share d", "  for a < T", "    row d < D: (2) "]


def test_a_pooled_gradient_goes_to_the_place_of_the_maximum() -> None:
    """The maximum and its place are found in one pass over planes for each place of the window; zeros are written, and
    what stands at that place of the windows is added in such a pass.
    """
    lines = make_plan(prepare(gp.derive(gp.load("max_pool2d")), "fused")).show().splitlines()
    assert "            row j < J: (1) y max=, (2) d_x~argmax argmax=" in lines
    assert "            row j < J: (2) d_x +=" in lines
    assert "nest" not in " ".join(lines)


def test_a_term_that_goes_to_no_single_place_is_looked_for() -> None:
    """A condition that two indices of the target satisfy together says nothing of either."""
    text = "given tok[T] in V, x[T]\ny[i,j] = sum[t, i + 2*j == tok[t]] x[t]"
    sizes = "\nshape y[V, V]"
    assert "y +=" in make_plan(prepare(gp.system(text + sizes), "forward")).show()
