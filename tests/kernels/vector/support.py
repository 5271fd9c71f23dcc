"""Exact values of the functions, and errors in units in the last place."""

from __future__ import annotations

import math
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import mpmath
import numba
import numpy as np

from gradproof.kernels.cache import load
from gradproof.kernels.vector import loops_text

mp = mpmath.mp

#: Where a result is exactly known, mpmath is not asked: it would make numbers of a million digits.
EXACT = MappingProxyType(
    {
        "exp": mp.exp,
        "expm1": mp.expm1,
        "log": mp.log,
        "log1p": mp.log1p,
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "tanh": mp.tanh,
        "softplus": lambda x: mp.log1p(mp.exp(x)) if x < 200 else x,
        "erf": mp.erf,
        "erfc": mp.erfc,
        "normal": mp.ncdf,
        "bell": lambda x: mp.exp(-x * x / 2),
        "sqrt": mp.sqrt,
        "rsqrt": lambda x: 1 / mp.sqrt(x),
        "sin": mp.sin,
        "cos": mp.cos,
    }
)


@numba.vectorize
def _erf(x: float) -> float:
    return math.erf(x)


@numba.vectorize
def _erfc(x: float) -> float:
    return math.erfc(x)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


#: In float64, by libraries: exact for judging float32.
WIDE = MappingProxyType(
    {
        "exp": np.exp,
        "expm1": np.expm1,
        "log": np.log,
        "log1p": np.log1p,
        "sigmoid": _sigmoid,
        "tanh": np.tanh,
        "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x))),
        "erf": _erf,
        "erfc": _erfc,
        "normal": lambda x: _erfc(-x / math.sqrt(2)) / 2,
        "bell": lambda x: np.exp(-x * x / 2),
        "sqrt": np.sqrt,
        "rsqrt": lambda x: 1 / np.sqrt(x),
        "sin": np.sin,
        "cos": np.cos,
    }
)


@lru_cache(4)
def compiled(dtype: str) -> Any:
    """Return a module with a loop for each function."""
    return load(loops_text((*sorted(EXACT), "maximum", "minimum", "power"), dtype), f"vector_{dtype}")


def apply(name: str, *arrays: np.ndarray) -> np.ndarray:
    """Return what the function makes of the elements."""
    result = np.empty_like(arrays[0])
    getattr(compiled(result.dtype.name), f"{name}_of")(*arrays, result)
    return result


def ulps_in_float32(got: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Return the errors of float32 results against exact ones in float64; inf where nan or inf is misplaced."""
    unit = np.ldexp(1.0, np.clip(np.frexp(exact)[1] - 24, -149, 104))
    overflows = np.abs(exact) >= 2.0**128 * (1 - 2.0**-25)
    values = np.where(np.isinf(got), np.copysign(2.0**128, got.astype(float)), got.astype(float))
    errors = np.abs(values - np.where(overflows, np.sign(exact) * 2.0**128, exact)) / unit
    return np.where(np.isnan(exact), np.where(np.isnan(got), 0, np.inf), np.nan_to_num(errors, nan=np.inf))


def ulps_in_float64(got: float, exact: Any) -> float:
    """Return the error of a float64 result against an exact one."""
    if abs(exact) >= mp.mpf(2) ** 1024 * (1 - mp.mpf(2) ** -54):
        return 0.0 if math.isinf(got) and (got > 0) == (exact > 0) else math.inf
    if not math.isfinite(got):
        return math.inf
    unit = max(mp.frexp(exact)[1] - 53, -1074) if exact else -1074
    return float(abs(mp.mpf(got) - exact) * mp.mpf(2) ** -unit)
