"""Run as a program, in the simulator with NUMBA_ENABLE_CUDASIM=1 or on a device: half precision beside float32.

Each argument is `NAME:WHAT:DTYPE`. On inputs that half precision holds, results are those in float32, rounded once:
so they are off by half a unit in the last place at most, and by what float32 is. A line is printed for each.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numba import cuda

import gradproof as gp
from gradproof.loading import load
from tests.kernels.cuda.verdicts import print_verdicts
from tests.kernels.planner.test_plans import _point
from tests.kernels.support import reference


def to_half(x: Any, dtype: str) -> Any:
    """Return numbers of float32 as half precision holds them: the nearest, of two the one whose last bit is 0."""
    x = np.asarray(x, np.float32)
    if dtype == "float16":
        with np.errstate(over="ignore"):
            return x.astype(np.float16)
    bits = x.view(np.uint32)
    low, high = (bits >> 16).astype(np.uint16), ((bits >> 16) + 1).astype(np.uint16)
    below, above = np.abs(_exact(low) - x.astype(float)), np.abs(_exact(high) - x.astype(float))
    up = (above < below) | ((above == below) & (low % 2 == 1))
    nearest = np.where(up & np.isfinite(x), high, low)
    return np.where(np.isnan(x), np.uint16(0x7FC0), nearest).astype(np.uint16)


def to_float(x: Any, dtype: str) -> Any:
    """Return in float32 what half precision holds."""
    x = np.asarray(x)
    return x.astype(np.float32) if dtype == "float16" else (x.astype(np.uint32) << 16).view(np.float32)


def _exact(bits: Any) -> Any:
    """Return what the bits of bfloat16 mean; infinity is the number after the largest, as rounding takes it."""
    with np.errstate(invalid="ignore"):  # signalling nan
        value = to_float(bits, "bfloat16").astype(float)
    return np.where(np.isinf(value), np.copysign(2.0**128, value), value)


def check(name: str, what: str, dtype: str) -> str:
    """Return "ok", or what is wrong."""
    d = gp.derive(load(name))
    given = {n: _held(v, dtype) for n, v in _point(d.joint).named().items()}
    values = {**{n: _held(v, dtype) for n, v in reference(d.joint, given).items() if n in d.system.by_name}, **given}
    single = gp.kernel(d, target="cuda", what=what)
    k = gp.kernel(d, target="cuda", dtype=dtype, what=what)
    with np.errstate(all="ignore"):
        expected = single(**{n: _on_device(values[n]) for n in k.unit.parameters})
        found = k(**{n: _on_device(values[n], dtype) for n in k.unit.parameters})
    for output, value in found.items():
        exact = expected[output].copy_to_host()
        exact = to_half(exact, dtype) if exact.ndim and exact.dtype.kind == "f" else exact
        got = value.copy_to_host()
        same = (got == exact) | (np.isnan(to_float(got, dtype)) & np.isnan(to_float(exact, dtype)))
        if got.dtype != exact.dtype or not same.all():
            return f"{output} is {got}, expected {exact}"
    return "ok"


def _held(value: Any, dtype: str) -> Any:
    """Return the value with what half precision holds of it, in float32."""
    array = np.asarray(value)
    if array.dtype.kind != "f" or not array.ndim:
        return value
    return to_float(to_half(array, dtype), dtype)


def _on_device(value: Any, dtype: str = "") -> Any:
    array = np.asarray(value)
    if not array.ndim:
        return value
    if array.dtype.kind in "iu":
        return cuda.to_device(array.astype(np.int64))
    return cuda.to_device(np.ascontiguousarray(to_half(array, dtype) if dtype else array.astype(np.float32)))


if __name__ == "__main__":
    print_verdicts(check, sys.argv[1:])
