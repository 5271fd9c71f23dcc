"""numpy-ml's activations, losses and layers."""

import collections
import collections.abc

import numpy as np

from tests.verify.corpus.case import Case

_X = np.array([[0.3, -1.2, 2.1], [-0.4, 0.9, -3.3]])


def cases():
    # The last release is older than Python 3.10, which took this name away; nothing else is changed.
    collections.Hashable = collections.abc.Hashable
    return _activations() + _losses() + _layers()


def _activations():
    from numpy_ml.neural_nets import activations as module

    names = ("Sigmoid", "ReLU", "LeakyReLU", "GELU", "Tanh", "Affine", "Identity", "ELU", "Exponential", "SELU")
    names += ("HardSigmoid", "SoftPlus")
    found = []
    for name in names:
        if not hasattr(module, name):
            continue  # of a later state than the release
        made = getattr(module, name)()
        for text, f, slope in (("fn", made.fn, made.grad), ("grad", made.grad, made.grad2)):
            found.append(Case(f"activations.{name}.{text}", lambda z, f=f: f(z), lambda _: [_X.copy()],
                              vjp=lambda g, z, s=slope: g * s(z), options={"names": ["z"]}))  # fmt: skip
    return found


def _losses():
    from numpy_ml.neural_nets import losses
    from numpy_ml.neural_nets.activations import Affine

    y = np.array([[0.0, 1, 0], [1, 0, 0]])
    squared, cross = losses.SquaredError(), losses.CrossEntropy()

    def softmax(z):
        e = np.exp(z - np.max(z, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)

    return [
        Case("losses.SquaredError", lambda p: squared.loss(y, p), lambda _: [_X.copy()], lambda p:
             squared.grad(y, p, p, Affine(1, 0))),
        Case("losses.CrossEntropy, of logits", lambda z: cross.loss(y, softmax(z)), lambda _: [_X.copy()],
             lambda z: cross.grad(y, softmax(z))),
    ]  # fmt: skip


def _layers():
    from numpy_ml.neural_nets import layers

    rng = np.random.default_rng(6)
    table = {
        "FullyConnected": (lambda: layers.FullyConnected(n_out=4, act_fn="tanh"), rng.normal(size=(3, 5))),
        "Softmax": (layers.Softmax, rng.normal(size=(3, 5))),
        "BatchNorm1D": (layers.BatchNorm1D, rng.normal(size=(6, 4))),
        "LayerNorm1D": (layers.LayerNorm1D, rng.normal(size=(3, 5))),
        "LayerNorm2D": (layers.LayerNorm2D, rng.normal(size=(2, 3, 3, 2))),
        "BatchNorm2D": (layers.BatchNorm2D, rng.normal(size=(2, 3, 3, 2))),
        "Conv1D": (lambda: layers.Conv1D(out_ch=2, kernel_width=3), rng.normal(size=(2, 6, 3))),
        "Conv2D": (lambda: layers.Conv2D(out_ch=2, kernel_shape=(2, 2)), rng.normal(size=(1, 4, 4, 2))),
        "Pool2D": (lambda: layers.Pool2D(kernel_shape=(2, 2), stride=1, mode="max"), rng.normal(size=(1, 4, 4, 2))),
        "Pool2D, mean": (lambda: layers.Pool2D(kernel_shape=(2, 2), stride=2, mode="average"),
                         rng.normal(size=(1, 4, 4, 2))),
        "Deconv2D": (lambda: layers.Deconv2D(out_ch=2, kernel_shape=(2, 2)), rng.normal(size=(1, 3, 3, 2))),
    }  # fmt: skip
    return [_layer(name, make, X) for name, (make, X) in table.items()]


def _layer(name, make, X):
    made = None

    def layer():
        nonlocal made
        if made is None:
            state = np.random.get_state()  # noqa: NPY002 - the layers draw their weights from the global generator
            np.random.seed(0)  # noqa: NPY002
            made = make()
            made.forward(X.copy())
            np.random.set_state(state)  # noqa: NPY002
        getattr(made, "cell", made).flush_gradients()
        return made

    def vjp(g, X):
        now = layer()
        now.forward(X)
        return now.backward(g)

    return Case(f"layers.{name}", lambda X: layer().forward(X), lambda _: [X.copy()], vjp=vjp,
                options={"names": ["X"]})  # fmt: skip
