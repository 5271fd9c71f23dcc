"""Windows that slide over planes: steps and dilations of 0 and more, padding, windows that overlap and that do not."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.emission.module import fast_module, fast_unit
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from gradproof.loading import load
from tests.kernels.support import assert_close, draw, reference, uncompiled

_SUM_OF_MAXIMA = """\
given size k, s, I, J
given x[N, H, W]
shape y[N]
y[n] = sum[i < I, j < J] (max[u < k, v < k] x[n,s*i+u,s*j+v])
"""
IMAGES = {"N": 2, "C": 2, "H": 7, "W": 8}
CASES = {
    "max_pool2d": [(2, 2, 3, 4), (3, 2, 3, 3), (3, 1, 5, 6), (2, 3, 2, 3), (1, 1, 7, 8), (2, 0, 3, 2), (0, 1, 2, 2)],
    "avg_pool2d": [(2, 2, 4, 4), (3, 2, 3, 4), (3, 1, 7, 8), (2, 0, 3, 2), (0, 2, 2, 2), (5, 3, 2, 2)],
}


@pytest.mark.parametrize(("name", "case"), [(n, c) for n, cases in CASES.items() for c in cases])
def test_pools_of_any_window_and_step(name, case):
    k, s, rows, columns = case
    check(name, {**IMAGES, "k": k, "s": s, "p": 1, "I": rows, "J": columns})


@pytest.mark.parametrize(("s", "r", "p"), [(1, 1, 1), (2, 1, 0), (1, 2, 2), (3, 2, 4), (2, 0, 1), (2, 3, 0)])
def test_depthwise_convolutions_of_any_step_and_dilation(s, r, p):
    check("conv2d_depthwise", {**IMAGES, "U": 3, "V": 2, "I": 4, "J": 3, "s": s, "r": r, "p": p})


@cache
def made(name):
    """Return the derivation, what the kernel takes, and its text."""
    d = gp.derive(load(name))
    unit = fast_unit(make_plan(prepare(d, "fused")), "f")
    return d, unit.parameters, fast_module((unit,), "float64")


def check(name, sizes, **instead):
    """Compare the kernel, run as plain Python, with the interpreter."""
    d, parameters, source = made(name)
    assert "spread_phases" in source
    given = draw(d.joint, {s.name: sizes[s.name] for s in d.joint.sizes}, "float64", 1) | instead
    expected = reference(d.joint, given)
    with np.errstate(all="ignore"):  # the average of nothing
        got = uncompiled(source)["f"](**{n: v for n, v in given.items() if n in parameters}, threads=1)
    for output, value in got.items():
        assert_close(value, expected[output], "float64", output, ulps=100)


def test_nan_infinities_and_ties_stand_where_the_interpreter_has_them():
    """The position of a maximum goes to the first nan, else to the first of equals."""
    x = np.random.default_rng(3).integers(0, 3, (2, 2, 7, 8)).astype(float)
    x[0, 0, 2, 3] = x[0, 1, 0, 0] = np.nan
    x[1, 0] = -np.inf
    x[1, 1, 3, 3], x[1, 1, 6, 7] = np.inf, np.nan
    check("max_pool2d", {**IMAGES, "k": 3, "s": 2, "I": 3, "J": 3}, x=x)
    check("max_pool2d", {**IMAGES, "k": 2, "s": 2, "I": 3, "J": 4}, x=x)


@pytest.mark.parametrize(("s", "k", "rows", "columns"), [(2, 2, 2, 3), (1, 1, 3, 4), (3, 2, 2, 2), (2, 1, 2, 4)])
def test_gradients_are_0_where_no_window_reads(s, k, rows, columns):
    """Gradients are written over whatever stands there, also beyond the last window, and not cleared before."""
    d, parameters, source = made("max_pool2d")
    assert not re.search(r"clear\((cut\()?d_x\b", source)
    sizes = {**IMAGES, "k": k, "s": s, "I": rows, "J": columns}
    given = draw(d.joint, {n.name: sizes[n.name] for n in d.joint.sizes}, "float64", 1)
    d_x = np.full((2, 2, 7, 8), np.nan)
    taken = {n: v for n, v in given.items() if n in parameters}
    uncompiled(source)["f"](**taken, out={"d_x": d_x}, threads=1)
    assert_close(d_x, reference(d.joint, given)["d_x"], "float64", "d_x")


def test_positions_stay_in_rows_of_32_bits():
    """They go from the forward windows to the backward ones without a copy; windows of nothing have no position."""
    _, _, source = made("max_pool2d")
    assert "np.int32" in source
    assert "np.int64" not in source.split("def f(")[0]
    assert "pad_others" not in source
    x = np.full((2, 2, 7, 8), -np.inf)
    check("max_pool2d", {**IMAGES, "k": 2, "s": 2, "I": 3, "J": 4}, x=x)
    check("max_pool2d", {**IMAGES, "k": 0, "s": 2, "I": 3, "J": 4}, x=x)


def test_positions_that_something_else_reads_are_copied():
    """Where the cotangent is no factor, what stands between the columns of a plane must not count."""
    d = gp.derive(gp.system(_SUM_OF_MAXIMA))
    source = fast_module((fast_unit(make_plan(prepare(d, "fused")), "f"),), "float64")
    given = draw(d.joint, {"N": 2, "H": 7, "W": 8, "I": 3, "J": 3, "k": 3, "s": 2}, "float64", 1)
    expected = reference(d.joint, given)
    assert "pad_others(d_x_argmax" in source
    got = uncompiled(source)["f"](**given, threads=1)
    for output, value in got.items():
        assert_close(value, expected[output], "float64", output)
