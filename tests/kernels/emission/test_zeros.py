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
    assert "    clear(d_E[lo:hi])  # (2)" in text
    tok, d_x, d_e = np.array([4, 1, 4]), np.ones((3, 2), np.float32), np.full((7, 2), np.nan, np.float32)
    uncompiled(text)["k"](tok=tok, E=np.zeros((7, 2), np.float32), d_x=d_x, out={"d_E": d_e}, threads=threads)
    np.testing.assert_array_equal(d_e[:, 0], [0, 1, 0, 0, 2, 0, 0])
