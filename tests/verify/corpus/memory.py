"""Functions and gradients that remember former calls: caches, sums that are never reset."""

import numpy as np

from .case import Case, wrong


def vector(n=5):
    return lambda rng: [rng.normal(size=n)]


class Layer:
    """A layer as people write them: forward keeps what backward needs."""

    def __init__(self, refresh=True, accumulate=False):
        self.cache = None
        self.refresh, self.accumulate = refresh, accumulate
        self.total = 0.0

    def forward(self, x, w):
        h = np.tanh(x @ w)
        if self.refresh or self.cache is None:
            self.cache = (x, w, h)
        return h

    def backward(self, g):
        x, w, h = self.cache
        d = g * (1 - h**2)
        if self.accumulate:
            self.total = self.total + x.T @ d
            return d @ w.T, self.total
        return d @ w.T, x.T @ d


def layered(**options):
    def pair():
        layer = Layer(**options)

        def vjp(g, x, w):
            layer.forward(x, w)
            return layer.backward(g)

        return layer.forward, vjp

    return pair


def uses_the_last_forward():
    layer = Layer()
    return layer.forward, lambda g, x, w: layer.backward(g)


def right_layer(g, x, w):
    h = np.tanh(x @ w)
    d = g * (1 - h**2)
    return d @ w.T, x.T @ d


def memoised():
    known = {}

    def f(x):
        key = x.tobytes()
        if key not in known:
            known[key] = np.sum(np.cos(x))
        return known[key]

    return f, lambda x: -np.sin(x)


def counting():
    calls = [0]

    def f(x):
        calls[0] += 1
        return np.sum(np.sin(x))

    def grad(x):
        return np.cos(x) * (1 if calls[0] < 1_000_000 else 2)

    return f, grad


def drifting():
    """Each gradient is added to all those before: the .grad that nobody set to zero."""
    total = [0.0]

    def grad(x):
        total[0] = total[0] + 2 * x
        return total[0].copy()

    return lambda x: np.sum(x**2), grad


LAYER = Case("a layer with a cache, vjp", None, lambda rng: [rng.normal(size=(3, 2)), rng.normal(size=(2, 4))],
             vjp=right_layer, fresh=layered(), plain=lambda x, w: np.tanh(x @ w))  # fmt: skip
DRIFT = Case("squares, and a gradient that forgets", lambda x: np.sum(x**2), vector(), lambda x: 2 * x)

RIGHT = (
    LAYER,
    DRIFT,
    Case("a memoised function", None, vector(), lambda x: -np.sin(x), fresh=memoised,
         plain=lambda x: np.sum(np.cos(x))),
    Case("a function that counts its calls", None, vector(), np.cos, fresh=counting, plain=lambda x: np.sum(np.sin(x))),
    Case("a layer's backward after its own forward, vjp", None, LAYER.inputs, vjp=right_layer,
         fresh=layered(accumulate=False), plain=lambda x, w: np.tanh(x @ w)),
)  # fmt: skip

WRONG = (
    wrong(LAYER, "a stale cache: the first forward's", right_layer, "state", "x", "w", fresh=layered(refresh=False),
          truth=right_layer, far=True),
    wrong(LAYER, "a layer whose gradients add up", right_layer, "state", "w", fresh=layered(accumulate=True),
          truth=right_layer, far=True),
    wrong(DRIFT, "a gradient that is never set to zero", lambda x: 2 * x, "state", "x", fresh=drifting,
          truth=lambda x: 2 * x, far=True),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
