"""numba's functions: the algorithm runs in balls, and the compiled code is held to it."""

import numpy as np
import pytest

import gradproof as gp

numba = pytest.importorskip("numba")
from numba.extending import overload  # noqa: E402

pytestmark = pytest.mark.slow
POINT = [np.array([0.5, -2.0, 1.5])]


def factor():
    return 2.0


@overload(factor)
def compiled_factor():
    return lambda: 3.0  # stands for what a compiler gets wrong


@numba.njit
def loss(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 2
    return total


@numba.njit
def gradient(x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        out[i] = 2 * x[i]
    return out


@numba.njit
def miscompiled(x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        out[i] = factor() * x[i]
    return out


def test_a_right_kernel_is_certified():
    report = gp.check(loss, gradient, POINT)
    assert (report.verdict, report.strength) == ("right", "certified")


def test_compiled_code_that_is_not_its_source_is_wrong():
    report = gp.check(loss, miscompiled, POINT)
    assert report.verdict == "wrong"
    assert "another number as numba compiled it" in report.reason
    assert [f.expected for f in report.findings] == [-4.0, 3.0, 1.0]
