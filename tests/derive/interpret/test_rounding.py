import numpy as np
import pytest
from flint import ctx

from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Balls
from gradproof.derive.interpret.rounding import Rounded, lift
from gradproof.derive.notation import parse_system

RNG = np.random.default_rng(5)


def bounded(text, inputs, name):
    """Return the exact values and the bounds of the rounding error, both as floats."""
    field = Balls(Rounded)
    with ctx.workprec(200):
        lifted = {
            n: np.array([lift(x, field.trace) for x in a.reshape(-1).tolist()], dtype=object).reshape(a.shape)
            for n, a in inputs.items()
        }
        found = run(parse_system(text), lifted, field)[name]
    flat = found.reshape(-1).tolist()
    return np.array([float(x.value) for x in flat]), np.array([float(x.error) for x in flat])


@pytest.mark.parametrize("order", [lambda x: x, np.sort, lambda x: np.sort(x)[::-1], lambda x: x[::-1]])
def test_a_sum_in_any_order_stays_within_the_bound(order):
    x = (RNG.normal(size=200) * 10.0 ** RNG.integers(-4, 4, 200)).astype(np.float32)
    value, bound = bounded("given x[n]\na = sum[i] x[i]", {"x": x.astype(float)}, "a")
    total = np.float32(0)
    for v in order(x):
        total += v
    assert abs(float(total) - value[0]) <= bound[0] * np.finfo(np.float32).eps


def test_the_stable_softmax_stays_within_the_bound():
    z = (10 * RNG.normal(size=(50, 6))).astype(np.float32)
    value, bound = bounded("given z[m,C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])", {"z": z.astype(float)}, "p")
    e = np.exp(z - z.max(1, keepdims=True))
    p = (e / e.sum(1, keepdims=True)).reshape(-1)
    assert np.all(np.abs(p - value) <= bound * np.finfo(np.float32).eps)


def test_the_bound_is_not_idle():
    """A relative error of 1e-4 is far outside it."""
    z = RNG.normal(size=(5, 6))
    value, bound = bounded("given z[m,C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])", {"z": z}, "p")
    assert np.all(1e-4 * value > 4 * bound * np.finfo(np.float32).eps)


def test_cancellation_is_charged():
    _, bound = bounded("given x[n]\na = sum[i] x[i]", {"x": np.array([1e8, 1.0, -1e8])}, "a")
    assert bound[0] >= 1e8


def test_a_comparison_that_rounding_may_turn_is_an_event():
    field = Balls(Rounded)
    a, b = lift(1.0, field.trace), lift(3.0, field.trace)
    third = a / b
    assert not third * b > a
    assert field.trace.events
