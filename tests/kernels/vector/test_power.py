"""Powers: their bounds, and the special values of IEEE 754's pow."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from gradproof.kernels.vector import ULPS

from .support import apply, ulps_in_float32, ulps_in_float64

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 2.5, -2.5, 1e10, -1e10, 1e30, -1e30, 9007199254740993.0,
    np.inf, -np.inf, np.nan,
)  # fmt: skip


def _points(dtype: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return bases above 0 and exponents whose powers cover the range, overflow and denormal results included."""
    rng = np.random.default_rng(0)
    wild = np.exp(rng.uniform(-80, 80, count))
    x = np.concatenate([np.exp(rng.normal(size=count)), 1 + 1e-3 * rng.normal(size=count), wild]).astype(dtype)
    most = 110 if dtype == "float32" else 760
    y = rng.uniform(-most, most, x.size) / np.where(x == 1, 1, np.log(x.astype(float)))
    return x, np.where(rng.random(x.size) < 0.5, y, y * rng.random(x.size) ** 4).astype(dtype)


def _worst(dtype: str, count: int) -> float:
    x, y = _points(dtype, count)
    got = apply("power", x, y)
    if dtype == "float32":
        with np.errstate(all="ignore"):
            return float(ulps_in_float32(got, np.power(x.astype(float), y.astype(float))).max())
    with mpmath.workprec(200):
        points = zip(got.tolist(), x.tolist(), y.tolist(), strict=True)
        return max(ulps_in_float64(g, mpmath.mpf(a) ** mpmath.mpf(b)) for g, a, b in points)


@pytest.mark.parametrize(("dtype", "count"), [("float32", 100_000), ("float64", 700)])
def test_powers_keep_their_bound(dtype, count):
    assert _worst(dtype, count) <= ULPS["power", dtype]


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "count"), [("float32", 800_000), ("float64", 15_000)])
def test_many_powers_keep_their_bound(dtype, count):
    assert _worst(dtype, count) <= ULPS["power", dtype]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_powers(dtype):
    pairs = np.array([(a, b) for a in SPECIAL for b in SPECIAL]).astype(dtype)
    x, y = pairs.T.copy()
    got = apply("power", x, y)
    with np.errstate(all="ignore"):
        expected = np.power(x.astype(float), y.astype(float)).astype(dtype)
    np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got[known]), np.signbit(expected[known]))


def test_powers_of_denormals_and_to_denormals():
    x = np.array([5e-324, 2.0**-1040, 2.0**-1074, 0.5, 4.0, 1.5])
    y = np.array([0.5, 0.25, 1.0, 1074.0, -537.0, -1836.0])
    expected = [math.sqrt(5e-324), 2.0**-260, 5e-324, 5e-324, 5e-324, float(mpmath.mpf(1.5) ** -1836)]
    np.testing.assert_array_max_ulp(apply("power", x, y), np.array(expected), 1)
