"""Patches of images: copied for products, and added, whatever the step, the dilation and the padding."""

from __future__ import annotations

from functools import cache

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


def test_patches_are_whole_rows():
    """Nothing is asked in the strips, neither of a place nor of the step: rows are copied and added."""
    _, _, source = made("conv2d")
    strips = source[source.index("for i_start in") : source.index("collect_phases(d_x_phases")]
    assert strips.count("copy_rows(") == strips.count("add_rows(") == 1
    assert "if " not in strips
    assert "%" not in strips
