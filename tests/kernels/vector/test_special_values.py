"""nan, infinities, signed zeros and what lies outside a function's domain."""

from __future__ import annotations

import re

import llvmlite.binding
import numpy as np
import pytest
from numba import njit

from .support import EXACT, apply, compiled

NAN, INF = np.nan, np.inf

#: Function -> (argument, result), the sign of zeros included.
SPECIAL = {
    "exp": ((-INF, 0.0), (INF, INF), (0.0, 1.0), (-0.0, 1.0)),
    "expm1": ((-INF, -1.0), (INF, INF), (0.0, 0.0), (-0.0, -0.0)),
    "log": ((-INF, NAN), (-1.0, NAN), (-1e-40, NAN), (INF, INF), (0.0, -INF), (-0.0, -INF), (1.0, 0.0)),
    "log1p": ((-INF, NAN), (-1.5, NAN), (-1.0, -INF), (INF, INF), (0.0, 0.0), (-0.0, -0.0)),
    "sigmoid": ((-INF, 0.0), (INF, 1.0), (0.0, 0.5), (-0.0, 0.5)),
    "tanh": ((-INF, -1.0), (INF, 1.0), (0.0, 0.0), (-0.0, -0.0)),
    "softplus": ((-INF, 0.0), (INF, INF)),
    "erf": ((-INF, -1.0), (INF, 1.0), (0.0, 0.0), (-0.0, -0.0)),
    "erfc": ((-INF, 2.0), (INF, 0.0), (1e30, 0.0), (-1e30, 2.0), (-0.0, 1.0), (0.0, 1.0)),
    "normal": ((-INF, 0.0), (INF, 1.0), (-1e30, 0.0), (1e30, 1.0), (-0.0, 0.5), (0.0, 0.5)),
    "bell": ((-INF, 0.0), (INF, 0.0), (1e30, 0.0), (-1e30, 0.0), (-0.0, 1.0), (0.0, 1.0)),
    "sqrt": ((-INF, NAN), (-1.0, NAN), (INF, INF), (0.0, 0.0), (-0.0, -0.0)),
    "rsqrt": ((-INF, NAN), (INF, 0.0), (0.0, INF), (-0.0, -INF)),
    "sin": ((-INF, NAN), (INF, NAN), (0.0, 0.0), (-0.0, -0.0)),
    "cos": ((-INF, NAN), (INF, NAN), (0.0, 1.0), (-0.0, 1.0)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", EXACT)
def test_special_values(name, dtype):
    # 19 of each: the vector loop and its scalar rest see them all.
    x, expected = np.repeat(np.array((*SPECIAL[name], (NAN, NAN)), dtype), 19, axis=0).T.copy()
    got = apply(name, x)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.signbit(got[got == 0]), np.signbit(expected[expected == 0]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["expm1", "log1p", "tanh", "sqrt", "erf", "sin"])
def test_denormal_arguments_are_not_flushed(name, dtype):
    x = np.arange(1, 40).astype(dtype) * np.finfo(dtype).smallest_subnormal
    expected = {"sqrt": np.sqrt(x.astype(np.longdouble)).astype(dtype), "erf": (x * np.sqrt(4 / np.pi)).astype(dtype)}
    np.testing.assert_array_max_ulp(apply(name, x), expected.get(name, x), 1, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_denormal_results_are_not_flushed(dtype):
    least = np.finfo(dtype).smallest_subnormal
    x = np.log(np.float64(np.finfo(dtype).tiny)) - np.arange(1, 15).astype(dtype)
    assert (apply("exp", x) >= least).all()
    assert (apply("sigmoid", x) >= least).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_larger_and_the_smaller_number_keep_nan_and_the_sign_of_zero(name, dtype):
    values = np.array([NAN, -INF, -1.0, -0.0, 0.0, 1.0, INF], dtype)
    x, z = (a.ravel().copy() for a in np.meshgrid(values, values))
    got = apply(name, x, z)
    np.testing.assert_array_equal(got, getattr(np, name)(x, z))
    zeros = (x == 0) & (z == 0)
    either = np.signbit(x[zeros]) & np.signbit(z[zeros])
    both = np.signbit(x[zeros]) | np.signbit(z[zeros])
    np.testing.assert_array_equal(np.signbit(got[zeros]), either if name == "maximum" else both)


def test_a_running_maximum_is_vector_code_and_keeps_nan():
    maximum = compiled("float32").maximum

    @njit(error_model="numpy", fastmath={"contract", "nsz", "reassoc"})
    def greatest(x):
        best = np.float32(-np.inf)
        for i in range(x.size):
            best = maximum(best, x[i])
        return best

    x = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    assert greatest(x) == x.max()
    if llvmlite.binding.get_host_cpu_features().get("avx2"):
        assert re.search(r"vmaxps\s[^\n]*%[yz]mm", greatest.inspect_asm(greatest.signatures[0]))
    x[501] = NAN
    assert np.isnan(greatest(x))
