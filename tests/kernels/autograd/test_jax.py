"""Kernels as JAX functions, judged by gp.check: under jit, grad and vmap, twice, with clear errors."""

import numpy as np
import pytest

import gradproof as gp

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")


@pytest.fixture(autouse=True)
def _wide():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def made(name, wrt=None, dtype="float64", **sizes):
    return gp.kernel(gp.derive(gp.load(name), wrt=wrt), dtype=dtype).jax(**sizes)


def drawn(*shapes, dtype="float64"):
    rng = np.random.default_rng(0)
    return [jnp.asarray(rng.standard_normal(s), dtype) for s in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "shapes"), [("layer_norm", [(3, 5), (5,), (5,)]), ("attention", [(3, 2), (4, 2), (4, 2)])]
)
def test_layers_are_right_and_in_float64_twice(name, shapes, dtype):
    f = made(name, dtype=dtype)
    fixed = [1e-3] if name == "layer_norm" else []
    report = gp.check(
        jax.jit(lambda *x: f(*fixed, *x)), None, drawn(*shapes, dtype=dtype), order=1 + (dtype == "float64")
    )
    assert report.verdict == "right", report


def test_a_loss_is_right_twice_and_its_labels_are_integers():
    f, label = made("softmax_cross_entropy_labels"), jnp.array([0, 2, 1])
    report = gp.check(jax.jit(lambda z: f(z, label)), None, drawn((3, 4)), order=2)
    assert report.verdict == "right", report


@pytest.mark.slow
def test_an_lstm_with_both_outputs():
    wrt = ("x", "h0", "c0", "W_i", "U_f", "b_g")
    f = made("lstm", wrt=wrt)
    shapes = {"x": (3, 2, 2), "h0": (2, 2), "c0": (2, 2)}
    for gate in "ifgo":
        shapes |= {f"W_{gate}": (2, 2), f"U_{gate}": (2, 2), f"b_{gate}": (2,)}
    given = dict(zip(shapes, drawn(*shapes.values()), strict=True))

    @jax.jit
    def both(*arrays):
        y, cT = f(*{**given, **dict(zip(wrt, arrays, strict=True))}.values())
        return jnp.concatenate([y.ravel(), cT.ravel()])

    assert gp.check(both, None, [given[n] for n in wrt], order=2).verdict == "right"


def test_jit_grad_and_vmap_go_together():
    f, label, (z,) = made("softmax_cross_entropy_labels"), jnp.array([0, 2, 1]), drawn((5, 3, 4))
    found = jax.jit(jax.vmap(jax.grad(f), (0, None)))(z, label)
    expected = (jax.nn.softmax(z) - jax.nn.one_hot(label, 4)) / 3
    assert jnp.allclose(found, expected)
    assert isinstance(f, jax.custom_vjp)


def test_sizes_come_when_it_is_made():
    f = made("conv2d", s=2, p=1, r=1, I=2, J=2)
    x, k, b = drawn((1, 2, 4, 4), (3, 2, 3, 3), (3,))
    expected = jax.lax.conv_general_dilated(x, k, (2, 2), [(1, 1), (1, 1)]) + b[:, None, None]
    assert jnp.allclose(f(x, k, b), expected)


def test_what_does_not_fit_is_said():
    f, (z,) = made("silu", dtype="float32"), drawn((5,))
    with pytest.raises(TypeError, match=r"z holds float64, expected float32: pass z\.astype\('float32'\)"):
        f(z)
    with pytest.raises(ValueError, match=r"z has shape \(2, 2\), expected 1 axes: \[n\]"):
        f(jnp.zeros((2, 2), "float32"))
    with pytest.raises(TypeError, match="takes 1 arguments, not 2: z"):
        f(z, z)
    loss = made("softmax_cross_entropy", wrt="z")
    with pytest.raises(TypeError, match="the gradient for y is asked for"):
        jax.grad(loss, 1)(*drawn((2, 3), (2, 3)))
