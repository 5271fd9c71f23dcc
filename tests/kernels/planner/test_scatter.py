"""Sums whose conditions say where each term goes."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import reference

from .machine import Machine

TEXT = "given tok[T] in V, x[T, D]\nparam E[V, D]\nL = sum[t,d] E[tok[t],d]*x[t,d]"


def test_an_embedding_adds_each_row_where_its_token_is() -> None:
    """Threads own rows of the table: no two of them add to the same place, whatever the tokens are."""
    text = make_plan(prepare(gp.derive(gp.system(TEXT)), "fused")).show()
    assert text.splitlines()[-6:-1] == [
        "threads share v, and add to their own places",
        "  for v < V",
        "    row d < D: (2) d_E =",
        "  for a < T",
        "    row d < D: (2) d_E +=",
    ]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_that_own_rows_add_each_term_once(threads: int) -> None:
    system = gp.derive(gp.system(TEXT)).joint
    random = np.random.default_rng(0)
    given = {"tok": np.array([4, 0, 4, 2]), "x": random.normal(size=(4, 2)), "E": random.normal(size=(5, 2))}
    sizes = {s: {"T": 4, "V": 5, "D": 2}[s.name] for s in system.sizes}
    found = Machine(make_plan(prepare(gp.derive(gp.system(TEXT)), "fused")), given, sizes, threads).run()
    np.testing.assert_array_equal(found["d_E"], reference(system, given)["d_E"])


def test_additions_that_read_what_was_just_computed_have_no_owners() -> None:
    """A label may lead to a row that another thread computes: all of them must be there first."""
    text = "given tok[T] in V, x[T, D], w[V, D]\nshape y[V, D]\nz[v,d] = 2*w[v,d]\n"
    text += "y[v,d] = sum[t, v == tok[t]] x[t,d]*z[tok[t],d]\nu[v] = sum[d] y[v,d]*z[v,d]"
    assert "own places" not in make_plan(prepare(gp.system(text), "forward")).show()


def test_cuda_has_no_owners() -> None:
    assert "own places" not in make_plan(prepare(gp.derive(gp.system(TEXT)), "fused"), device=True).show()


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
