"""1 + erf as erfc: which sums are written so, and what that gives far below 0."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel
from gradproof.loading import load


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1 + erf(x[i])", "erfc(-x[i])"),
        ("(1 + erf(x[i]/2))/2", "real(0.5)*erfc("),
        ("(1 + erf(x[i]/sqrt(2)))/2", "= normal(x[i])"),
        ("1 - erf(x[i]*sqrt(2))", "= real(2.0)*normal(-real(2.0)*x[i])"),
        ("exp(-x[i]**2/2)", "= bell(x[i])"),
        ("exp(-2*x[i]**2)", "= bell(real(2.0)*x[i])"),
        ("exp(-x[i]**2)", "exp(-x[i]*x[i])"),
        ("exp(x[i]**2/2)", "exp("),
        ("exp(-x[i]**3/2)", "exp("),
        ("1 - erf(x[i])", "erfc(x[i])"),
        ("erf(x[i]) - 1", "-erfc(x[i])"),
        ("w[i] + x[i] + w[i]*erf(x[i])", "x[i] + w[i]*erfc(-x[i])"),
        ("w[i]*(1 + erf(x[i]))", "erfc(-x[i])"),
        ("2 + erf(x[i])", "erf(x[i])"),
        ("x[i] + erf(w[i])", "erf(w[i])"),
        ("1 + erf(x[i])**2", "erf(x[i])"),
    ],
)
def test_erf_and_the_normal_distribution_are_written_so_that_they_keep_their_digits(value, written):
    k = kernel(parse_system(f"given x[n], w[n]\ny[i] = {value}"), dtype="float64")
    functions = k.unit.wrapper.loops
    assert written in functions
    assert ("erfc(" in functions) == ("erfc(" in written)
    x, w = np.random.default_rng(0).normal(size=(2, 9))
    names = {"erf": math.erf, "exp": math.exp, "sqrt": math.sqrt}
    expected = [eval(value, {**names, "x": x, "w": w, "i": i}) for i in range(9)]  # noqa: S307
    np.testing.assert_allclose(k(x=x, **({"w": w} if "w" in k.inputs else {}))["y"], expected, rtol=1e-14)


@pytest.mark.parametrize(("dtype", "lowest"), [("float32", -12.5), ("float64", -37.0)])
def test_gelu_keeps_its_digits_far_below_0(dtype, lowest):
    """Neither z/sqrt(2) nor z**2 is rounded before the exponential: that would move results by up to 2*z**2 units."""
    z = np.linspace(lowest, -1, 60).astype(dtype)
    found = kernel(derive(load("gelu")), dtype=dtype)(z=z, d_a=np.ones_like(z))
    bound = 8 * np.finfo(dtype).eps
    with mpmath.workprec(200):
        for k, x in enumerate(map(mpmath.mpf, z.tolist())):
            normal, density = mpmath.ncdf(x), mpmath.npdf(x)
            assert abs(found["a"][k] / (x * normal) - 1) <= bound
            assert abs(found["d_z"][k] - (normal + x * density)) <= bound * (normal + abs(x) * density)
