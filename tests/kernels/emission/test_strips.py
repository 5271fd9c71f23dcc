"""Strips that end early, and threads that share pairs of indices: compiled, longer than a strip, by several threads."""

from __future__ import annotations

import pytest

from gradproof.derive.derivation import derive
from gradproof.kernels import kernel
from gradproof.loading import load
from tests.kernels.support import assert_close, draw, reference

CASES = {
    "attention": {"T": 70, "S": 5, "E": 3, "F": 2},
    "causal_attention": {"T": 70, "E": 3, "F": 3},
    "max_pool2d": {"N": 2, "C": 3, "H": 9, "W": 8, "k": 3, "s": 2, "I": 4, "J": 3},
}


@pytest.mark.parametrize("name", CASES)
def test_several_threads_and_strips_give_what_the_interpreter_gives(name):
    d = derive(load(name))
    k = kernel(d, dtype="float64")
    assert "strips" in k.plan.show() or any(r.beside is not None for r in k.plan.regions)
    given = draw(d.joint, CASES[name], "float64", seed=1)
    expected = reference(d.joint, given)
    for threads in (1, 3):
        got = k(**{n: v for n, v in given.items() if n in k.unit.parameters}, threads=threads)
        for output, value in got.items():
            assert_close(value, expected[output], "float64", f"{output} by {threads} threads", ulps=400)


def test_terms_that_do_not_count_are_no_branches():
    """A branch around a term of a reduction would keep the loop from running in vectors."""
    source = kernel(derive(load("causal_attention"))).source
    assert "maximum(A_max, A_j if i >= (0 + j) else lowest)" in source
    assert "if i >= (0 + j):" not in source


def test_a_strip_keeps_one_of_two_where_one_is_made_of_the_other():
    source = kernel(derive(load("attention"))).source
    assert "d_P_i[j] = P_i[j]*(d_P_i[j] - D)" in source
    assert "d_A = room" not in source


def test_what_is_read_again_is_not_written_over():
    """P is read by the row that makes scores' gradients, as d_P is, and by two products before."""
    assert "\n    P = room(" in kernel(derive(load("attention"))).source
