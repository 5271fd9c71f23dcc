"""Reads past the edge of an array are refused before a loop runs; those behind a condition are not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError
from gradproof.kernels import kernel

LEAVING = {
    "given x[n]\ny = x[5]": "equation (1) reads x at 5 in axis 0, which has the length 3",
    "given x[n], w[m]\nshape y[m]\ny[i] = x[i+1]*w[i]": "equation (1) reads x at 3 in axis 0, which has the length 3",
    "given x[n], w[m]\nshape y[m]\ny[i] = x[n-2-i]*w[i]": "equation (1) reads x at -1 in axis 0",
    "given x[n], w[m]\ny = sum[i] w[i]\nz[j] = x[j]*(sum[i] x[2*i]*w[i])*y": "equation (2) reads x at 4 in axis 0",
    "given x[n], w[m]\nz = max[i] x[i+1]*w[i]": "equation (1) reads x at 3 in axis 0",
    "given x[n], w[m]\nz[i] = [x[i+1] > 0]*w[i]": "equation (1) reads x at 3 in axis 0",
    "given x[n], w[m]\nstart h[-1] = x[4]\nh[i] = h[i-1] + w[i]": "equation (1) reads x at 4 in axis 0",
    "given x[n], w[m]\nstart h[-1] = x[0]\nh[i] = h[i-1] + w[i]\nz[i] = h[i-n]*w[i]": "reads h at -3 in axis 0, "
    "whose rows are -1 to 2",
    "given x[n], w[m]\nz[i] = x[i*i]*w[i]": "reads x at 4 in axis 0",
}
STAYING = (
    "given x[n]\ny = [n > 5]*x[5]",
    "given x[n], w[m]\nz[i] = [i + 1 < n]*x[i+1]*w[i]",
    "given x[n], w[m]\nz[i] = where(i + 1 < n, x[i+1], 2)*w[i]",
    "given x[n], w[m]\nz = sum[i, i + 1 < n] x[i+1]*w[i]",
    "given x[n], w[m]\noutside x = 1\nz[i] = x[i+1]*w[i]",
    "given x[n], w[m]\nstart h[-1] = x[0]\nh[i] = h[i-1] + w[i]",
)


def _threes(text: str) -> dict[str, np.ndarray]:
    return {name: np.ones(3) for name in ("x", "w") if f"{name}[" in text.splitlines()[0]}


@pytest.mark.parametrize("text", LEAVING)
def test_a_read_that_leaves_its_array_is_refused(text):
    with pytest.raises(IndexError, match=re.escape(LEAVING[text])):
        kernel(parse_system(text), dtype="float64", what="forward")(**_threes(text))


@pytest.mark.parametrize("text", STAYING)
def test_a_read_behind_a_condition_is_legal(text):
    values = kernel(parse_system(text), dtype="float64", what="forward")(**_threes(text))
    assert all(np.isfinite(v).all() for v in values.values())


def test_nothing_is_read_where_no_loop_runs():
    k = kernel(parse_system("given x[n], w[m]\nz[i] = x[5]*w[i]"), dtype="float64")
    assert k(x=np.ones(3), w=np.ones(0))["z"].shape == (0,)
    with pytest.raises(IndexError, match="reads x at 5"):
        k(x=np.ones(3), w=np.ones(1))


def test_sizes_may_be_such_that_a_read_stays_inside():
    text = "given x[n], w[k]\ngiven size s\nshape y[q]\ny[t] = sum[u<k] x[s*t+u]*w[u]"
    d = derive(parse_system(text))
    k = kernel(d, dtype="float64")
    given = {"x": np.arange(7.0), "w": np.ones(3), "d_y": np.ones(3)}
    assert k(**given, s=2)["y"].tolist() == [3.0, 9.0, 15.0]
    with pytest.raises(IndexError, match="equation \\(1\\) reads x at 8 in axis 0, which has the length 7"):
        k(**given, s=3)
    assert "check_read(" not in kernel(parse_system("given x[n], w[n]\ny = sum[i] x[i]*w[i]")).source


def test_an_index_beyond_64_bits_is_refused():
    for text in ("given x[n]\ny = x[99999999999999999999]", "given x[n]\ny = [n > 5]*x[99999999999999999999]"):
        with pytest.raises(InputError, match="99999999999999999999 is too large"):
            kernel(parse_system(text), dtype="float64")
