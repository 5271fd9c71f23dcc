"""The forward and backward kernels of a derivation together, on NumPy arrays, without a framework."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.errors import InputError, NotYet
from gradproof.kernels.autograd.pair import pair_of


def pair(text, wrt=None, **sizes):
    return pair_of(gp.kernel(gp.derive(gp.system(text), wrt=wrt), dtype="float64"), "torch", sizes)


def test_forward_backward_and_the_gradient_of_the_gradient():
    made = pair("given x[n], w[n]\ny[i] = w[i]*x[i]**3")
    x, w, d, u, v = (np.array(a) for a in ([1.0, 2.0], [3.0, -1.0], [0.5, 2.0], [1.0, 10.0], [2.0, -3.0]))
    assert (made.inputs, made.outputs, made.wrt, made.seeds) == (("x", "w"), ("y",), ("x", "w"), {"y": "d_y"})
    values = {"x": x, "w": w, "d_y": d}
    assert np.allclose(made.forward(values)["y"], w * x**3)
    found = made.backward(values, ("x", "w"))
    assert np.allclose(found["x"], 3 * d * w * x**2)
    assert np.allclose(found["w"], d * x**3)
    # of sum(u*3*d*w*x**2 + v*d*x**3)
    twice = made.twice(values, {"x": u, "w": v})
    assert np.allclose(twice["x"], 6 * u * d * w * x + 3 * v * d * x**2)
    assert np.allclose(twice["w"], 3 * u * d * x**2)
    assert np.allclose(twice["d_y"], 3 * u * w * x**2 + v * x**3)


def test_only_what_is_asked_for_is_computed():
    made = pair("given x[n], w[n]\ny[i] = w[i]*x[i]**3")
    only = made._backward_kernel(("w",))
    assert only.outputs == ("d_w",)
    assert "w" not in only.inputs


def test_a_scalar_has_no_cotangent_and_its_values_are_saved():
    made = pair("given z[m]\np[i] = exp(z[i])/sum[k] exp(z[k])\nL = -sum[i] log(p[i])")
    assert made.seeds == {}
    assert made.saved == ("p",)
    assert set(made.forward({"z": np.zeros(3)})) == {"L", "p"}


def test_shapes_are_known_before_anything_runs():
    made = pair("given x[n, m], b[m]\ny[i,j] = x[i,j] + b[j]")
    assert made.shapes({"x": (2, 3), "b": (3,)}) == {"x": (2, 3), "b": (3,), "y": (2, 3)}
    with pytest.raises(ValueError, match=r"b has shape \(4,\), expected \(3,\): \[m\]"):
        made.shapes({"x": (2, 3), "b": (4,)})
    with pytest.raises(ValueError, match=r"x has shape \(2,\), expected 2 axes: \[n, m\]"):
        made.shapes({"x": (2,), "b": (3,)})


def test_sizes_that_no_shape_gives_are_asked_for():
    text = "given size s\ngiven x[n]\noutside x = 0\nshape y[n]\ny[i] = x[i+s]"
    with pytest.raises(TypeError, match=r"torch\(\) needs s, which no shape gives: torch\(s=1\)"):
        pair(text)
    with pytest.raises(TypeError, match=r"no size q; expected: s"):
        pair(text, s=1, q=2)
    assert np.allclose(pair(text, s=1).forward({"x": np.array([1.0, 2.0])})["y"], [2.0, 0.0])


def test_what_has_no_backward_pass_is_refused():
    system = gp.system("given x\ny = x**2")
    with pytest.raises(InputError, match=r"made of a system.*\n.*gp\.derive"):
        gp.kernel(system).torch()
    with pytest.raises(NotYet, match="unknown functions"):
        pair("given function phi\ngiven x[n]\ny[i] = phi(x[i])")


class OnlyDlpack:
    """An array that offers DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class OnlyInterface:
    def __init__(self, array):
        self.array = array
        self.__array_interface__ = array.__array_interface__


@pytest.mark.parametrize("wrapped", [OnlyDlpack, OnlyInterface])
def test_kernels_take_whatever_shows_its_memory(wrapped):
    k = gp.kernel(gp.system("given x[n]\ny = sum[i] x[i]**2"), dtype="float64")
    assert k(x=wrapped(np.array([3.0, 4.0])))["y"] == 25
