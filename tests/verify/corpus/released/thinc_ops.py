"""thinc's operations with their backward ones."""

import numpy as np

from tests.verify.corpus.case import Case

_X = np.array([[0.3, -1.2, 2.1], [-0.4, 0.9, -3.3]])


def cases():
    from thinc.api import NumpyOps

    ops = NumpyOps()
    names = ("relu", "clipped_linear", "relu_k", "hard_sigmoid", "hard_tanh", "swish", "hard_swish")
    # mish is compiled, and takes the memory of any array whose dtype says float64 for floats.
    names += ("hard_swish_mobilenet", "gelu", "dish", "mish")
    return [_case(ops, name) for name in names] + [_softmax(ops), _maxout(ops)]


def _case(ops, name):
    forward, backward = getattr(ops, name), getattr(ops, f"backprop_{name}")

    def vjp(g, X):
        if name == "swish":
            return backward(g, X, forward(X))
        return backward(g, forward(X) if name == "relu" else X)

    return Case(f"ops.{name}", forward, lambda _: [_X.copy()], vjp=vjp, options={"names": ["X"]})


def _softmax(ops):
    return Case("ops.softmax", ops.softmax, lambda _: [_X.copy()], vjp=lambda g, X:
                ops.backprop_softmax(ops.softmax(X), g, axis=-1), options={"names": ["X"]})  # fmt: skip


def _maxout(ops):
    X = np.random.default_rng(4).normal(size=(2, 3, 2))
    return Case("ops.maxout", lambda X: ops.maxout(X)[0], lambda _: [X.copy()],
                vjp=lambda g, X: ops.backprop_maxout(np.ascontiguousarray(g), ops.maxout(X)[1], 2),
                options={"names": ["X"]})  # fmt: skip
