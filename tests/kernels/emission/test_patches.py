"""Patches of images: read by products, and added, whatever the step, the dilation and the padding."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.emission.module import fast_module, fast_unit
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from gradproof.loading import load
from tests.kernels.support import assert_close, draw, reference, uncompiled

SIZES = {"N": 2, "G": 2, "C": 2, "O": 3, "H": 7, "W": 8, "U": 3, "V": 2, "I": 5, "J": 3}
STEPS = [(1, 1, 1), (2, 1, 0), (1, 2, 2), (3, 2, 4), (2, 0, 1), (2, 3, 0)]


@cache
def made(name):
    """Return the derivation, what the kernel takes, and its text."""
    d = gp.derive(load(name))
    unit = fast_unit(make_plan(prepare(d, "fused")), "f")
    return d, unit.parameters, fast_module((unit,), "float64", shared=True)


@pytest.mark.parametrize("name", ["conv2d", "conv2d_grouped", "conv_transpose2d"])
@pytest.mark.parametrize(("s", "r", "p"), STEPS)
def test_patches_of_any_step_and_dilation(name, s, r, p):
    check(name, {**SIZES, "s": s, "r": r, "p": p})


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
@pytest.mark.parametrize("columns", [0, 40, 150])
def test_images_of_several_strips(name, columns):
    """Three rows have 120 places; one is a strip where it alone has more."""
    check(name, {**SIZES, "N": 1, "C": 1, "O": 2, "W": columns + 1, "J": columns, "s": 1, "r": 1, "p": 0})


def check(name, sizes):
    """Compare the kernel, run as plain Python, with the interpreter."""
    d, parameters, source = made(name)
    given = draw(d.joint, {size.name: sizes[size.name] for size in d.joint.sizes}, "float64", 1)
    expected = reference(d.joint, given)
    got = uncompiled(source)["f"](**{n: v for n, v in given.items() if n in parameters}, threads=2)
    for output, value in got.items():
        assert_close(value, expected[output], "float64", output, ulps=200)


def test_patches_are_not_copied():
    """Products read what windows see, and add to it, in the arrays of phases: no patch is written."""
    _, _, source = made("conv2d")
    region = source[source.index("def f_") : source.index("def f(")]
    assert [region.count(f"gemm_{how}_rows(") for how in ("by", "of", "to")] == [2, 1, 2]
    assert region.count("if J % TILE_COLUMNS == 0:") == 2
    assert "operand =" not in region
    assert "_start in range" not in region


def test_infinite_numbers_beside_a_run_stay_where_they_are():
    """What a run reads after the last place of a plane is no number of the next plane."""
    d, _, source = made("conv2d")
    sizes = {**SIZES, "s": 1, "r": 1, "p": 1}
    given = draw(d.joint, {size.name: sizes[size.name] for size in d.joint.sizes}, "float64", 1)
    given["x"][:, 1] = float("inf")
    with np.errstate(invalid="ignore"):
        got = uncompiled(source)["f"](**given, threads=1)
        expected = reference(d.joint, given)
    assert_close(got["d_k"][:, 0], expected["d_k"][:, 0], "float64", "d_k", ulps=200)
    assert_close(got["d_x"], expected["d_x"], "float64", "d_x", ulps=200)
