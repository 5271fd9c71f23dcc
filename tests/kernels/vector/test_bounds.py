"""Who reads the bounds: the judge of kernels charges at least as much, and a module tells them."""

from __future__ import annotations

import ast

import mpmath
import numpy as np
import pytest

from gradproof.derive.interpret import rounding
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel
from gradproof.kernels.mathematics import FORMS
from gradproof.kernels.vector import ULPS

from .support import apply


def test_the_judge_of_kernels_charges_a_call_with_at_least_its_bound():
    # A unit in the last place is at most two roundings.
    for name in {f.name for f in FORMS.values() if f.origin == "vector"} - {"erfc", "normal"}:
        assert 2 * max(ULPS[name, "float32"], ULPS[name, "float64"]) <= rounding._CALL, name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "function", "of_one"), [("erfc", mpmath.erfc, 1), ("normal", mpmath.ncdf, 2)])
def test_the_judge_charges_erf_with_at_least_what_stands_in_its_place_errs(name, function, of_one, dtype):
    x = np.concatenate([np.linspace(-1.2, 1.2, 600), np.linspace(-10, 10, 600)]).astype(dtype)
    pairs = zip(apply(name, x).tolist(), x.tolist(), strict=True)
    error = of_one * max(abs(got - function(mpmath.mpf(at))) for got, at in pairs)
    assert 2 * error / np.finfo(dtype).eps <= rounding._CALL


@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1.5), ("float64", 1.75)])
def test_a_module_tells_the_bounds_of_what_it_calls(dtype, bound):
    system = parse_system("given x[n]\ny[i] = expm1(x[i])*max(x[i], 0)")
    header = ast.get_docstring(ast.parse(kernel(system, dtype=dtype).source))
    assert f"Errors of functions, at most, in units in the last place: expm1 {bound:g}.\n" in header
    assert "Errors" not in ast.get_docstring(ast.parse(kernel(parse_system("given x[n]\ny[i] = 2*x[i]")).source))
