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
        ("1 - erf(x[i])", "erfc(x[i])"),
        ("erf(x[i]) - 1", "-erfc(x[i])"),
        ("w[i] + x[i] + w[i]*erf(x[i])", "x[i] + w[i]*erfc(-x[i])"),
        ("w[i]*(1 + erf(x[i]))", "erfc(-x[i])"),
        ("2 + erf(x[i])", "erf(x[i])"),
        ("x[i] + erf(w[i])", "erf(w[i])"),
        ("1 + erf(x[i])**2", "erf(x[i])"),
    ],
)
def test_a_number_and_as_much_of_erf_become_erfc(value, written):
    k = kernel(parse_system(f"given x[n], w[n]\ny[i] = {value}"), dtype="float64")
    functions = k.unit.wrapper.loops
    assert written in functions
    assert ("erfc(" in functions) == ("erfc(" in written)
    x, w = np.random.default_rng(0).normal(size=(2, 9))
    expected = [eval(value, {"erf": math.erf, "x": x, "w": w, "i": i}) for i in range(9)]  # noqa: S307
    np.testing.assert_allclose(k(x=x, **({"w": w} if "w" in k.inputs else {}))["y"], expected, rtol=1e-14)


@pytest.mark.parametrize(("dtype", "lowest"), [("float32", -12.5), ("float64", -37.0)])
def test_gelu_keeps_its_digits_far_below_0(dtype, lowest):
    """Rounding z/sqrt(2) and z**2 by half a unit each moves the result by up to 2*z**2 units."""
    z = np.linspace(lowest, -1, 60).astype(dtype)
    found = kernel(derive(load("gelu")), dtype=dtype)(z=z, d_a=np.ones_like(z))
    with mpmath.workprec(200):
        for k, x in enumerate(map(mpmath.mpf, z.tolist())):
            normal, density = mpmath.ncdf(x), mpmath.npdf(x)
            bound = (8 + 2 * float(x) ** 2) * np.finfo(dtype).eps
            assert abs(found["a"][k] / (x * normal) - 1) <= bound
            assert abs(found["d_z"][k] / (normal + x * density) - 1) <= bound
