"""Kernels as torch functions, judged by gp.check: first and second derivatives, and clear errors."""

import numpy as np
import pytest

import gradproof as gp

torch = pytest.importorskip("torch")

ALL_OF_LSTM = ("x", "h0", "c0", "W_i", "U_f", "b_g")
WIDE = torch.float64


def made(name, wrt=None, dtype="float64", **sizes):
    return gp.kernel(gp.derive(gp.load(name), wrt=wrt), dtype=dtype).torch(**sizes)


def drawn(*shapes, dtype=WIDE):
    rng = np.random.default_rng(0)
    return [torch.from_numpy(rng.standard_normal(s)).to(dtype) for s in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("layer_norm", [(3, 5), (5,), (5,)]),
        ("attention", [(3, 2), (4, 2), (4, 2)]),
        ("silu", [(7,)]),
    ],
)
def test_layers_are_right_and_in_float64_twice(name, shapes, dtype):
    F = made(name, dtype=dtype)
    fixed = [1e-3] if name == "layer_norm" else []
    # The second derivatives of float32 are below its rounding: nothing can be said of them.
    inputs, order = drawn(*shapes, dtype=getattr(torch, dtype)), 1 + (dtype == "float64")
    report = gp.check(lambda *x: F(*fixed, *x), None, inputs, order=order)
    assert report.verdict == "right", report


def test_a_loss_is_right_twice_and_its_labels_are_integers():
    F, label = made("softmax_cross_entropy_labels"), torch.tensor([0, 2, 1])
    report = gp.check(lambda z: F(z, label), None, drawn((3, 4)), order=2)
    assert report.verdict == "right", report


def test_an_assumption_of_the_first_derivative_is_none_of_the_second():
    F = made("softmax_cross_entropy", wrt=["z", "y"])
    z, y = drawn((3, 4))[0], torch.softmax(drawn((3, 4))[0], 1)
    z.requires_grad_(), y.requires_grad_()
    by_torch = torch.autograd.functional.hessian(lambda z, y: -(y * torch.log_softmax(z, 1)).sum() / 3, (z, y))
    by_us = torch.autograd.functional.hessian(F, (z, y))
    assert all(
        torch.allclose(a, b)
        for row, other in zip(by_us, by_torch, strict=True)
        for a, b in zip(row, other, strict=True)
    )


@pytest.mark.slow
def test_an_lstm_with_both_outputs():
    F = made("lstm", wrt=ALL_OF_LSTM)
    shapes = {"x": (3, 2, 2), "h0": (2, 2), "c0": (2, 2)}
    for gate in "ifgo":
        shapes |= {f"W_{gate}": (2, 2), f"U_{gate}": (2, 2), f"b_{gate}": (2,)}
    given = dict(zip(shapes, drawn(*shapes.values()), strict=True))
    inputs = [given[n] for n in ALL_OF_LSTM]

    def both(*tensors):
        y, cT = F(**{**given, **dict(zip(ALL_OF_LSTM, tensors, strict=True))})
        return torch.cat([y.reshape(-1), cT.reshape(-1)])

    assert gp.check(both, None, inputs, order=2).verdict == "right"


def test_sizes_come_when_it_is_made():
    F = made("conv2d", s=2, p=1, r=1, I=2, J=2)
    x, k, b = drawn((1, 2, 4, 4), (3, 2, 3, 3), (3,))
    assert torch.allclose(F(x, k, b), torch.nn.functional.conv2d(x, k, b, 2, 1))
    assert gp.check(F.apply, None, [x, k, b]).verdict == "right"


def test_only_needed_gradients_are_computed(monkeypatch):
    from gradproof.kernels.autograd.pair import Pair

    asked, backward = [], Pair.backward
    monkeypatch.setattr(
        Pair, "backward", lambda self, v, wrt, options: asked.append(wrt) or backward(self, v, wrt, options)
    )
    F = made("attention")
    Q, K, V = drawn((3, 2), (4, 2), (4, 2))
    F(Q, K.requires_grad_(), V).sum().backward()
    assert asked == [("K",)]
    assert Q.grad is None


def test_the_memory_is_shared():
    F = made("silu")
    z = drawn((5,))[0]
    out = F(z)
    assert out.untyped_storage().data_ptr() == out.numpy().ctypes.data
    assert np.shares_memory(z.detach().numpy(), z.numpy())


def test_named_and_positional_arguments():
    F = made("attention")
    Q, K, V = drawn((3, 2), (4, 2), (4, 2))
    assert torch.equal(F(Q, V=V, K=K), F.apply(Q, K, V))
    with pytest.raises(TypeError, match="Q by position and by name"):
        F(Q, Q=Q, K=K, V=V)
    with pytest.raises(TypeError, match="needs V"):
        F(Q, K=K)
    assert issubclass(F, torch.autograd.Function)


def test_what_does_not_fit_is_said():
    F, (z,) = made("silu", dtype="float32"), drawn((5,))
    with pytest.raises(TypeError, match=r"z holds float64, expected float32: pass z\.to\(torch\.float32\)"):
        F(z)
    with pytest.raises(ValueError, match=r"z has shape \(2, 2\), expected 1 axes"):
        F(torch.zeros(2, 2))
    with pytest.raises(TypeError, match=r"z is on meta.*z\.cpu\(\)"):
        F(torch.zeros(2, device="meta"))
    loss = made("softmax_cross_entropy", wrt="z", dtype="float32")
    with pytest.raises(TypeError, match=r"y requires a gradient.*y\.detach"):
        loss(torch.zeros(2, 3), torch.ones(2, 3, requires_grad=True))


def test_a_tensor_changed_in_place_is_noticed():
    F = made("silu")
    z = drawn((5,))[0].requires_grad_()
    out = F(z)
    with torch.no_grad():
        z.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_a_third_derivative_is_refused():
    F = made("silu")
    z = drawn((5,))[0].requires_grad_()
    (first,) = torch.autograd.grad(F(z).sum(), z, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), z, create_graph=True)
    with pytest.raises(RuntimeError, match="twice, not three times"):
        (second * z).sum().backward()
