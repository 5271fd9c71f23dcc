from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.interpret import evaluate
from gradproof.derive.memory import numbers, saved
from gradproof.derive.notation import format_expr


def found(text, **options):
    return saved(gp.derive(gp.system(text) if "=" in text else gp.load(text), **options))


def names(tensors):
    return [t.name for t in tensors]


RNN = """given x[T,N,D], h0[N,K]
param W[D,K], U[K,K]
start h[-1,n,k] = h0[n,k]
h[t,n,k] = tanh(sum[d] x[t,n,d]*W[d,k] + sum[j] h[t-1,n,j]*U[j,k])"""


@pytest.mark.parametrize(
    ("text", "tensors", "formula", "inputs", "cotangents"),
    [
        ("dense", [], "0", ["X", "W"], ["d_Z"]),
        ("mlp", ["a1", "a2"], "m*C + m*H", ["X", "y", "W2"], []),
        ("softmax_cross_entropy", ["p"], "m*C", ["y"], []),
        ("neuron", ["z"], "1", ["x"], []),
        (RNN, ["h"], "T*N*K", ["x", "h0", "U"], ["d_h"]),
    ],
)
def test_what_the_gradients_read_is_saved_and_inputs_stand_apart(text, tensors, formula, inputs, cotangents):
    s = found(text)
    assert names(s.tensors) == tensors
    assert format_expr(s.numbers) == formula
    assert names(s.inputs) == inputs
    assert names(s.cotangents) == cotangents


def test_one_gradient_alone_needs_less():
    """The gradient of W2 needs a2 and a1; that of b2 needs a2 alone."""
    assert names(found("mlp", wrt="b2").tensors) == ["a2"]
    assert names(found("mlp", wrt="W2").tensors) == ["a1", "a2"]


def test_tensors_of_one_shape_are_counted_together_and_axes_keep_their_order():
    system = gp.system("given Q[H, T, 2], K[H, T, 2], S[H, T, T], c[4], n\ny = n")
    assert format_expr(numbers(system.tensors[:3])) == "4*H*T + H*T**2"
    assert format_expr(numbers(system.tensors[3:5])) == "5"


def test_what_follows_without_a_sum_may_be_computed_again():
    (spared,) = found("given z[n]\na[i] = z[i]*sigmoid(z[i])").recomputable
    assert (spared.tensor.name, spared.sources) == ("a", ("z",))
    assert not found("softmax_cross_entropy").recomputable


def test_what_another_is_computed_from_stays():
    """u = exp(b) and b = a*x are both read; b is needed for u, so u alone may go."""
    s = found("given x[n], w[n]\nb[i] = w[i]*x[i]\nu[i] = exp(b[i])\ny = sum[i] b[i]**2*u[i]")
    assert names(s.tensors) == ["b", "u"]
    assert [(r.tensor.name, r.sources) for r in s.recomputable] == [("u", ("b",))]


def test_named_arguments_are_computed_again_and_not_saved():
    s = found("given x[D], y\nparam w[D], b\na = softplus(sum[d] x[d]*w[d] + b)\nL = (a - y)**2")
    assert s.again == ("pre_a",)
    assert names(s.tensors) == ["a"]
    assert set(names(s.inputs)) == {"x", "y", "w", "b"}


def test_the_backward_equations_run_with_what_is_saved_and_with_nothing_less():
    """The backward system's own inputs are these tensors: it evaluates with them, and not without any one of them."""
    rng = np.random.default_rng(5)
    d = gp.derive(gp.load("mlp"))
    shapes = {"X": (3, 4), "y": (3, 2), "W1": (4, 5), "b1": (5,), "W2": (5, 2), "b2": (2,)}
    inputs = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    forward, s = evaluate(d.system, inputs), saved(d)
    given = {t.name: inputs[t.name] for t in s.inputs} | {t.name: forward[t.name] for t in s.tensors}
    backward = evaluate(d.backward, given)
    whole = d.evaluate(inputs)
    assert all(np.array_equal(backward[f"d_{name}"], whole[name]) for name in d.wrt)
    for name in names(s.tensors):
        with pytest.raises(gp.InputError, match=name):
            evaluate(d.backward, {n: v for n, v in given.items() if n != name})
