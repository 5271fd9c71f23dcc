"""Layers with hand-written backward code, from which random networks are put together, and mistakes in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
#: From (cotangent, input, weights) to the input's cotangent and those of the weights.
Backward = Callable[[Array, Array, list[Array]], tuple[Array, list[Array]]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer.

    Attributes:
        name: what it is.
        shapes: of its weights, by name.
        width: of its output.
        forward: from input [m, d] and weights to output [m, width].
        backward: the right one.
        mistakes: wrong ones, each with its kind.
    """

    name: str
    shapes: tuple[tuple[str, tuple[int, ...]], ...]
    width: int
    forward: Callable[[Array, list[Array]], Array]
    backward: Backward
    mistakes: tuple[tuple[str, Backward], ...]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(z: Array) -> Array:
    e = np.exp(z - np.max(z.real, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


#: Activations: the function, and its derivative by input and output.
ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "tanh": (np.tanh, lambda _z, y: 1 - y**2),
    "sigmoid": (sigmoid, lambda _z, y: y * (1 - y)),
    "relu": (lambda z: np.where(z.real > 0, z, 0 * z), lambda z, _y: (z > 0) * 1.0),
    "softplus": (lambda z: np.log(1 + np.exp(z)), lambda z, _y: sigmoid(z)),
    "sine": (np.sin, lambda z, _y: np.cos(z)),
}


def dense(d: int, k: int, activation: str) -> Piece:
    """y = phi(x W + b)."""
    phi, slope = ACTIVATIONS[activation]

    def forward(x, p):
        return phi(x @ p[0] + p[1])

    def parts(g, x, p):
        z = x @ p[0] + p[1]
        return g * slope(z, phi(z))

    def backward(g, x, p):
        dz = parts(g, x, p)
        return dz @ p[0].T, [x.T @ dz, np.sum(dz, axis=0)]

    def changed(change):
        return lambda g, x, p: change(parts(g, x, p), g, x, p)

    mistakes = [
        ("activation", changed(lambda _, g, x, p: (g @ p[0].T, [x.T @ g, np.sum(g, axis=0)]))),
        ("size/broadcast", changed(lambda dz, g, x, p: (dz @ p[0].T, [x.T @ dz, np.mean(dz, axis=0)]))),
        ("factor", changed(lambda dz, g, x, p: (dz @ p[0].T, [2 * x.T @ dz, np.sum(dz, axis=0)]))),
        ("sign", changed(lambda dz, g, x, p: (dz @ p[0].T, [x.T @ dz, -np.sum(dz, axis=0)]))),
        ("detached", changed(lambda dz, g, x, p: (dz @ p[0].T, [x.T @ dz, 0 * p[1]]))),
    ]
    if d == k:
        mistakes += [
            ("transposed-use/transpose", changed(lambda dz, g, x, p: (dz @ p[0], [x.T @ dz, np.sum(dz, axis=0)]))),
            ("transpose", changed(lambda dz, g, x, p: (dz @ p[0].T, [dz.T @ x, np.sum(dz, axis=0)]))),
        ]
    return Piece(f"dense, {activation}", (("W", (d, k)), ("b", (k,))), k, forward, backward, tuple(mistakes))


def norm(d: int, axis: int) -> Piece:
    """y = gamma (x - mean) / sqrt(var + eps) + beta, over rows or over the batch."""

    def standard(x, eps=1e-5):
        c = x - np.mean(x, axis=axis, keepdims=True)
        return c, 1 / np.sqrt(np.mean(c**2, axis=axis, keepdims=True) + eps)

    def forward(x, p):
        c, r = standard(x)
        return p[0] * c * r + p[1]

    def with_terms(mean=1.0, variance=1.0, scaled=True, eps=1e-5):
        def backward(g, x, p):
            c, r = standard(x, eps)
            h, d = c * r, g * p[0] if scaled else g
            dx = d - mean * np.mean(d, axis=axis, keepdims=True)
            dx = r * (dx - variance * h * np.mean(d * h, axis=axis, keepdims=True))
            return dx, [np.sum(g * h, axis=0), np.sum(g, axis=0)]

        return backward

    mistakes = (
        ("mean-term", with_terms(mean=0.0)),
        ("variance-term", with_terms(variance=0.0)),
        ("axis-factor/term-factor", with_terms(scaled=False)),
        ("epsilon", with_terms(eps=1e-2)),
    )
    name = "layer norm" if axis else "batch norm"
    return Piece(name, (("gamma", (d,)), ("beta", (d,))), d, forward, with_terms(), mistakes)


def convolution(d: int) -> Piece:
    """y[i, j] = sum[u] k[u] x[i, j + u - 1], with zeros beyond the edges."""

    def padded(x):
        return np.concatenate([0 * x[:, :1], x, 0 * x[:, :1]], axis=1)

    def forward(x, p):
        return sum(p[0][u] * padded(x)[:, u : u + d] for u in range(3))

    def to_input(g, k):
        return sum(k[u] * padded(g)[:, 2 - u : 2 - u + d] for u in range(3))

    def to_kernel(g, x):
        return np.stack([np.sum(g * padded(x)[:, u : u + d]) for u in range(3)])

    def backward(g, x, p):
        return to_input(g, p[0]), [to_kernel(g, x)]

    mistakes = (
        ("flip", lambda g, x, p: (to_input(g, p[0]), [to_kernel(g, x)[::-1]])),
        ("transposed-use/flip", lambda g, x, p: (to_input(g, p[0][::-1]), [to_kernel(g, x)])),
        ("shift", lambda g, x, p: (to_input(g, p[0]), [np.roll(to_kernel(g, x), 1)])),
    )
    return Piece("convolution", (("k", (3,)),), d, forward, backward, mistakes)


def attention(d: int, k: int) -> Piece:
    """y = softmax(q k' / sqrt(k)) v over the rows."""

    def forward(x, p):
        q, key, v = (x @ w for w in p)
        return softmax(q @ key.T / np.sqrt(k)) @ v

    def with_parts(scale=True, subtract=True, swap=False):
        def backward(g, x, p):
            q, key, v = (x @ w for w in p)
            a = softmax(q @ key.T / np.sqrt(k))
            da = g @ v.T
            ds = a * (da - subtract * np.sum(da * a, axis=1, keepdims=True)) / (np.sqrt(k) if scale else 1)
            dq, dk, dv = ds @ key, ds.T @ q, a.T @ g
            dk, dq = (dq, dk) if swap else (dk, dq)
            return dq @ p[0].T + dk @ p[1].T + dv @ p[2].T, [x.T @ dq, x.T @ dk, x.T @ dv]

        return backward

    mistakes = (
        ("size/factor", with_parts(scale=False)),
        ("term", with_parts(subtract=False)),
        ("swapped", with_parts(swap=True)),
    )
    shapes = (("Wq", (d, k)), ("Wk", (d, k)), ("Wv", (d, k)))
    return Piece("attention", shapes, k, forward, with_parts(), mistakes)


def recurrent(d: int, k: int) -> Piece:
    """h[t] = tanh(x[t] W + h[t-1] U + b)."""

    def forward(x, p):
        h, out = np.zeros(k), []
        for row in x:
            h = np.tanh(row @ p[0] + h @ p[1] + p[2])
            out.append(h)
        return np.stack(out)

    def with_parts(carry=1.0, transposed=True, derivative=True):
        def backward(g, x, p):
            h = forward(x, p)
            before = np.concatenate([np.zeros((1, k)), h[:-1]])
            dz, d = np.zeros_like(h), np.zeros(k)
            for t in range(len(x) - 1, -1, -1):
                dz[t] = (g[t] + carry * d) * ((1 - h[t] ** 2) if derivative else 1)
                d = dz[t] @ (p[1].T if transposed else p[1])
            return dz @ p[0].T, [x.T @ dz, before.T @ dz, np.sum(dz, axis=0)]

        return backward

    mistakes = (
        ("truncated", with_parts(carry=0.0)),
        ("transposed-use/transpose", with_parts(transposed=False)),
        ("activation", with_parts(derivative=False)),
    )
    shapes = (("W", (d, k)), ("U", (k, k)), ("b", (k,)))
    return Piece("recurrent", shapes, k, forward, with_parts(), mistakes)


def gated(d: int, k: int) -> Piece:
    """y = (x W) sigmoid(x V)."""

    def forward(x, p):
        return (x @ p[0]) * sigmoid(x @ p[1])

    def with_parts(gate=1.0, derivative=True):
        def backward(g, x, p):
            a, s = x @ p[0], sigmoid(x @ p[1])
            da = g * s
            ds = g * a * (s * (1 - s) if derivative else s)
            return da @ p[0].T + gate * ds @ p[1].T, [x.T @ da, x.T @ ds]

        return backward

    mistakes = (("path/term", with_parts(gate=0.0)), ("activation/term-factor", with_parts(derivative=False)))
    return Piece("gated", (("W", (d, k)), ("V", (d, k))), k, forward, with_parts(), mistakes)


def residual(d: int) -> Piece:
    """y = x + tanh(x W)."""

    def forward(x, p):
        return x + np.tanh(x @ p[0])

    def with_skip(skip):
        def backward(g, x, p):
            dz = g * (1 - np.tanh(x @ p[0]) ** 2)
            return skip * g + dz @ p[0].T, [x.T @ dz]

        return backward

    return Piece("residual", (("W", (d, d)),), d, forward, with_skip(1.0), (("residual/term", with_skip(0.0)),))
