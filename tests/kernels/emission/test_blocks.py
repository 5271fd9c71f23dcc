"""Sums down columns: blocks of rows in the module's type, added up in float64."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.emission.module import fast_source
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import uncompiled

COLUMNS = "given d_y[N, D]\nparam b[D]\nL = sum[n,d] d_y[n,d]*b[d]"


@pytest.mark.parametrize("rows", [0, 1, 15, 16, 17, 50])
def test_no_row_is_lost_or_counted_twice(rows: int) -> None:
    text = fast_source(make_plan(prepare(gp.derive(gp.system(COLUMNS)), "fused")), "k", "float32")
    assert "each 16 rows of those down columns in `real`" in text
    k = uncompiled(text)["k"]
    d_y = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3) + 1  # whole numbers: any order of adding is exact
    for threads in (1, 2, 3):
        found = k(d_y=d_y, b=np.ones(3, np.float32), threads=threads)
        np.testing.assert_array_equal(found["d_b"], d_y.sum(0))
