"""The bounds in ulps: float32 over the whole range of bit patterns, float64 against mpmath."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from gradproof.kernels.vector import ULPS

from .support import EXACT, WIDE, apply, ulps_in_float32, ulps_in_float64

#: Arguments around which a function changes its form, or its result leaves the range.
EDGES = (
    0.0, 5e-324, 1e-310, 2.3e-308, 1e-45, 1.2e-38, 1e-30, 1e-17, 1e-8, 6e-8, 1e-4, 0.25, 0.3465, 0.3466, 0.5, 0.55,
    0.7071, 0.7072, 1.0, 1.0397, 1.4142, 1.4143, 2.0, 4.0, 5.9, 6.0, 9.25, 17.3, 19.25, 37.4, 87.33, 88.72, 88.73,
    9.2, 10.05, 10.3, 26.5, 27.2, 27.4, 13.2, 14.4, 14.43, 37.5, 38.6, 38.63,
    103.9, 104.1, 708.39, 709.78, 709.79, 744.4, 745.2, 746.5, 1e5, 1e30, 1e38, 3.4e38, 1e300, 1.79e308,
)  # fmt: skip


def _float32s(stride: int) -> np.ndarray:
    return np.arange(0, 2**32, stride, dtype=np.uint64).astype(np.uint32).view(np.float32)


def _worst_in_float32(name: str, x: np.ndarray) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        errors = ulps_in_float32(apply(name, x), WIDE[name](x.astype(float)))
    worst = int(np.argmax(errors))
    return float(errors[worst]), float(x[worst])


def _float64s(name: str, count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    wild = rng.integers(0, 2**63, count).view(float)
    edges = np.array(EDGES)
    near = edges[rng.integers(0, edges.size, count)] * (1 + rng.normal(size=count) * 1e-3)
    x = np.concatenate(
        [rng.normal(size=count), rng.uniform(-1.2, 1.2, count), rng.uniform(-750, 712, count), wild, near]
    )
    x = np.concatenate([edges, x])
    x = np.concatenate([x, -x])
    x = x[np.isfinite(x)]
    if name in {"log", "sqrt", "rsqrt", "log1p"}:
        x = x[x > (-1 if name == "log1p" else 0)]
    if name in {"exp", "expm1", "sigmoid", "softplus", "tanh"}:
        x = x[abs(x) < 1e4]
    return x[abs(x) < 40] if name in {"erf", "erfc", "normal", "bell"} else x


def _error_in_float64(name: str, got: float, at: float) -> float:
    # Of large angles, as many digits of pi are needed as they have before the point.
    with mpmath.workprec(160 + max(0, math.frexp(at)[1])):
        return ulps_in_float64(got, EXACT[name](mpmath.mpf(at)))


def _worst_in_float64(name: str, x: np.ndarray) -> tuple[float, float]:
    results = zip(apply(name, x).tolist(), x.tolist(), strict=True)
    errors = [_error_in_float64(name, got, at) for got, at in results]
    worst = int(np.argmax(errors))
    return errors[worst], float(x[worst])


@pytest.mark.parametrize("name", EXACT)
def test_float32_over_the_whole_range(name):
    worst, at = _worst_in_float32(name, _float32s(19_997))
    assert worst <= ULPS[name, "float32"], at


@pytest.mark.parametrize("name", EXACT)
def test_float64_against_mpmath(name):
    worst, at = _worst_in_float64(name, _float64s(name, 100))
    assert worst <= ULPS[name, "float64"], at


#: Floats that come closest to multiples of pi/2 for their size, and others that are hard.
HARD = (
    6381956970095103 * 2.0**797,
    5.319372648326541e255,
    1e22,
    2.0**1023,
    np.pi,
    np.pi / 2,
    3 * np.pi / 4,
    11.0,
    355.0,
)


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_angles_near_whole_quarter_turns(name):
    x = np.array([*HARD, *(k * np.pi / 2 for k in range(1, 400)), *(-k * np.pi / 4 for k in range(1, 400))])
    worst, at = _worst_in_float64(name, x)
    assert worst <= ULPS[name, "float64"], at
    worst, at = _worst_in_float32(name, x[abs(x) < 1e38].astype(np.float32))
    assert worst <= ULPS[name, "float32"], at


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_float32_at_a_fine_stride(name):
    for start in range(4):
        worst, at = _worst_in_float32(name, _float32s(1_021)[start::4])
        assert worst <= ULPS[name, "float32"], at


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_float64_at_many_points(name):
    worst, at = _worst_in_float64(name, _float64s(name, 1_500))
    assert worst <= ULPS[name, "float64"], at
