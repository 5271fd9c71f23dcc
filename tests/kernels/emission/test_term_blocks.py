"""Sums of exponentials along a row: every term once, and as near to the sum as one rounding for any length."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels import cache
from gradproof.kernels.emission.module import fast_source
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import uncompiled

ROWS = "given x[m, n]\ns[i] = sum[j] exp(x[i,j])"
SIZES = (0, 1, 17, 63, 64, 65, 127, 128, 1000, 8191)


def _text(text: str, dtype: str = "float32") -> str:
    return fast_source(make_plan(prepare(gp.system(text))), "k", dtype)


def _ulps(found: np.ndarray, x: np.ndarray) -> float:
    """Return how far the farthest sum is from the exact one, in units in the last place."""
    exact = np.sum(np.exp(x.astype(np.longdouble)), axis=1)
    return float(np.max(abs(found - exact) / np.spacing(exact.astype(x.dtype))))


def _rows(size: int, dtype: str) -> np.ndarray:
    return np.random.default_rng(size).normal(size=(3, size)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_term_is_lost_or_added_twice(dtype: str) -> None:
    k = cache.load(_text(ROWS, dtype), "k").k
    for size in SIZES:
        x = _rows(size, dtype)
        assert _ulps(k(x=x)["s"], x) <= (1.5 if dtype == "float32" else max(1.5, size / 2)), size


def test_it_runs_without_a_compiler() -> None:
    """Products and sums are rounded apart there, so that an exponential can be 2 units from its own."""
    k = uncompiled(_text(ROWS))["k"]
    for size in SIZES[:7]:
        x = _rows(size, "float32")
        assert _ulps(k(x=x)["s"], x) <= 2.5, size


def test_a_nan_and_an_infinity_stay_wherever_they_are() -> None:
    k = cache.load(_text(ROWS), "k").k
    for place in (0, 63, 64, 700, 999):
        x = np.zeros((3, 1000), np.float32)
        x[0, place], x[1, place], x[2, place] = np.nan, np.inf, -np.inf
        found = k(x=x)["s"]
        assert np.isnan(found[0])
        assert list(found[1:]) == [np.inf, 999]


@pytest.mark.parametrize("term", ["x[i,j]", "x[i,j]**2", "x[i,j]*exp(x[i,j])"])
def test_other_sums_are_kept_in_float64(term: str) -> None:
    assert "TERMS" in _text(ROWS)
    assert "TERMS" not in _text(f"given x[m, n]\ns[i] = sum[j] {term}")


def test_the_header_says_so_where_it_is_so() -> None:
    assert "but each 64 exponentials along a row in `real`" in _text(ROWS)
    assert "exponentials along a row" not in _text(ROWS, "float64")
