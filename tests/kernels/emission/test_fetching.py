"""Rows that are fetched while exponentials are computed: which, and that nothing else changes."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels import cache
from gradproof.kernels.emission.module import fast_source
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import uncompiled

SOFTMAX = "given x[m, n]\np[i,j] = exp(x[i,j])/sum[k] exp(x[i,k])"


LABELS = "given x[m, n], label[m] in n\nd[i,j] = exp(x[i,j])/sum[k] exp(x[i,k]) - [j == label[i]]"
NEAR = "if size <= FETCHED:"


def _text(text: str, dtype: str = "float32") -> str:
    return fast_source(make_plan(prepare(gp.system(text))), "k", dtype)


def _fetches(text: str) -> list[str]:
    return re.findall(r"^ +(fetch_\w+\(\w+, \w+\)|if not \w+:|if \w+ <= FETCHED:)$", text, re.MULTILINE)


def test_the_next_row_is_read_ahead_and_that_of_the_result_is_fetched_to_be_written() -> None:
    assert _fetches(_text(SOFTMAX)) == [NEAR, "fetch_next(x_i, first)", "if not large:", "fetch_own(p_i, first)"]


def test_a_module_that_sends_nothing_still_knows_what_is_large() -> None:
    k = cache.load(_text(LABELS), "k").k
    x = np.random.default_rng(0).normal(size=(3, 70)).astype("float32")
    e = np.exp(x.astype(float))
    expected = e / e.sum(1, keepdims=True) - (np.arange(70) == np.array([[0], [64], [69]]))
    np.testing.assert_allclose(k(x=x, label=np.array([0, 64, 69]))["d"], expected, atol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "given x[m, n]\nb[j] = x[0,j]\nz[i,j] = tanh(x[i,j])",  # no exponentials along a row
        "given x[n]\ns = sum[j] exp(x[j])",  # no loop around the row
        "given x[n, m]\ns[i] = sum[j] exp(x[j,i])",  # the next turn's row is not after this one
    ],
)
def test_nothing_is_fetched_where_no_row_follows(text: str) -> None:
    assert _fetches(_text(text)) == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("m", "n"), [(0, 5), (1, 0), (1, 1), (3, 63), (3, 64), (2, 65), (5, 1000)])
def test_results_are_those_of_numpy(dtype: str, m: int, n: int) -> None:
    """A sum of n exponentials in float64 is off by n roundings at most; one in float32 is added up in float64."""
    x, units = np.random.default_rng(n).normal(size=(m, n)).astype(dtype), 8 if dtype == "float32" else 8 + n
    e = np.exp(x.astype(float))
    for k in (cache.load(_text(SOFTMAX, dtype), "k").k, uncompiled(_text(SOFTMAX, dtype))["k"]):
        np.testing.assert_allclose(k(x=x)["p"], e / e.sum(1, keepdims=True), rtol=units * np.finfo(dtype).eps)
