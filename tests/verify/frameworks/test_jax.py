"""JAX: custom_vjp, custom_jvp, and any function of its arrays; its own backward is judged."""

import numpy as np
import pytest

import gradproof as gp

jax = pytest.importorskip("jax")
jnp = jax.numpy
RNG = np.random.default_rng(0)


def custom(factor):
    @jax.custom_vjp
    def softplus(x):
        return jnp.logaddexp(x, 0.0)

    softplus.defvjp(lambda x: (softplus(x), x), lambda x, d: (factor * d * jax.nn.sigmoid(x),))
    return softplus


def array(*shape):
    return jnp.asarray(RNG.normal(size=shape), dtype=jnp.float32)


def test_custom_vjp():
    right, wrong = (gp.check(custom(factor), [array(4)]) for factor in (1.0, 0.5))
    assert (right.verdict, wrong.verdict) == ("right", "wrong")
    assert list(wrong.wrong) == ["x"]
    assert "the algorithm is judged in float64" in right.notes


@pytest.mark.parametrize(("power", "verdict"), [(2, "right"), (1, "wrong")])
def test_custom_jvp(power, verdict):
    @jax.custom_jvp
    def cube(x, w):
        return w * x**3

    @cube.defjvp
    def rule(primals, tangents):
        (x, w), (dx, dw) = primals, tangents
        return w * x**3, 3 * w * x**power * dx + x**3 * dw

    report = gp.check(cube, [array(3), array(3)])
    assert report.verdict == verdict
    assert set(report.wrong) == ({"x"} if verdict == "wrong" else set())


def test_any_function_jitted_with_a_dict_of_outputs():
    def f(x, w):
        return {"a": jnp.tanh(x @ w), "b": (x**2).sum()}

    assert gp.check(jax.jit(f), [array(3, 2), array(2, 4)]).verdict == "right"


def test_order_2():
    assert gp.check(lambda x: jnp.sum(jnp.sin(x)), [array(3)], order=2).verdict == "right"


def test_a_gradient_of_ones_own():
    x = array(4)
    assert gp.check(lambda x: jnp.sum(x**3), lambda x: 3 * x**2, [x]).verdict == "right"
    assert gp.check(lambda x: jnp.sum(x**3), lambda x: x**2, [x]).verdict == "wrong"


def test_the_users_own_precision_is_left_as_it_was():
    gp.check(lambda x: jnp.sum(x**3), [array(2)])
    assert jnp.asarray(1.0).dtype == jnp.float32


def test_overflow_in_float32():
    report = gp.check(lambda x: jnp.sum(jnp.log1p(jnp.exp(x))), [jnp.asarray([1.0, 95.0])])
    assert (report.verdict, report.severity) == ("wrong", "overflow")
