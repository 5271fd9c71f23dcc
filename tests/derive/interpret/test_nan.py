"""NaN in reductions: it goes through, and the place of the maximum is the first NaN."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.interpret import evaluate
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel


@pytest.mark.parametrize("op", ["max", "min"])
def test_the_gradient_of_an_extreme_goes_to_the_first_nan(op):
    d = derive(parse_system(f"given x[m, n]\ny[i] = {op}[j] x[i,j]"))
    given = {"x": np.array([[1.0, np.nan, 5.0], [np.nan, 2.0, np.nan], [3.0, 4.0, 4.0]]), "d_y": np.ones(3)}
    expected = [[0, 1, 0], [1, 0, 0], [0, 1, 0] if op == "max" else [1, 0, 0]]
    assert evaluate(d.joint, given)["d_x"].tolist() == expected
    assert kernel(d, dtype="float64")(**given)["d_x"].tolist() == expected
