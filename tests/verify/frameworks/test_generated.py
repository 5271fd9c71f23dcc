"""Generated kernels: the gradients that they return are judged."""

from dataclasses import replace

import numpy as np
import pytest

import gradproof as gp

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_loss(dtype):
    kernel = gp.kernel(gp.derive(gp.load("mse")), dtype=dtype)
    inputs = {name: RNG.normal(size=5) for name in kernel.inputs}
    assert gp.check(kernel, inputs).verdict == "right"


def test_an_array_takes_a_cotangent():
    kernel = gp.kernel(gp.derive(gp.load("softmax"), wrt=["z"]), dtype="float64")
    assert gp.check(kernel, [RNG.normal(size=(2, 3)), np.ones((2, 3))]).verdict == "right"


def test_one_that_is_not_its_derivation_is_wrong():
    derived = gp.derive(gp.system("given x[n]\nL = sum[i] x[i]**3"), wrt=["x"])
    other = gp.derive(gp.system("given x[n]\nL = sum[i] x[i]**2"), wrt=["x"])
    kernel = gp.kernel(replace(derived, backward=other.backward), dtype="float64")
    report = gp.check(kernel, [RNG.normal(size=3)])
    assert (report.verdict, list(report.wrong)) == ("wrong", ["x"])


def test_a_kernel_without_gradients_is_refused():
    kernel = gp.kernel(gp.load("softmax"), dtype="float64")
    with pytest.raises(gp.InputError, match="returns no value with its gradients"):
        gp.check(kernel, [RNG.normal(size=(2, 3))])
    fused = gp.kernel(gp.derive(gp.load("mse")), dtype="float64")
    with pytest.raises(gp.InputError, match="is missing"):
        gp.check(fused, {})
