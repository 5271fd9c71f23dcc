"""Arrays of zeros are written in one go, each thread its stretch, where nothing lies between their rows."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.emission.module import fast_source
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import uncompiled


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_without_terms_are_zero(threads: int) -> None:
    text = fast_source(make_plan(prepare(gp.derive(gp.load("embedding")), "fused")), "k", "float32")
    assert "    clear_begun(d_E[lo:hi], d_E_begun, d_E_block, large)  # (2)" in text
    tok, d_x, d_e = np.array([4, 1, 4]), np.ones((3, 2), np.float32), np.full((7, 2), np.nan, np.float32)
    uncompiled(text)["k"](tok=tok, E=np.zeros((7, 2), np.float32), d_x=d_x, out={"d_E": d_e}, threads=threads)
    np.testing.assert_array_equal(d_e[:, 0], [0, 1, 0, 0, 2, 0, 0])


def test_threads_that_own_rows_give_the_same_bits_however_many_they_are() -> None:
    """Terms of a row are added in the order of the labels."""
    text = fast_source(make_plan(prepare(gp.derive(gp.load("embedding")), "fused")), "k", "float32")
    assert "        if lo <= tok[t] < hi:" in text
    random = np.random.default_rng(0)
    tok, d_x = random.integers(0, 5, 40), random.normal(size=(40, 3)).astype(np.float32)
    k = uncompiled(text)["k"]
    found = [k(tok=tok, E=np.zeros((5, 3), np.float32), d_x=d_x, threads=n)["d_E"] for n in (1, 2, 3, 5)]
    assert len({f.tobytes() for f in found}) == 1
    np.testing.assert_allclose(found[0], np.eye(5)[tok].T @ d_x, rtol=0, atol=1e-5)
