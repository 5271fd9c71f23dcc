"""A recurrence whose rows are single numbers, over floats and over balls."""

import numpy as np

import gradproof as gp

TEXT = """
given a[n], e
start r[-1] = e
r[i] = tanh(r[i-1] + a[i])
s[i] = sin(r[i])
"""


def test_rows_that_are_single_numbers() -> None:
    inputs = {"a": np.array([0.5, -1.0, 0.25]), "e": 0.1}
    row, rows = 0.1, []
    for a in inputs["a"]:
        row = np.tanh(row + a)
        rows.append(row)
    floats = gp.evaluate(gp.system(TEXT), inputs)
    balls = gp.evaluate(gp.system(TEXT), inputs, field="arb")
    np.testing.assert_allclose(floats["s"], np.sin(rows), rtol=1e-15)
    np.testing.assert_allclose([float(b.mid()) for b in balls["s"]], np.sin(rows), rtol=1e-15)
