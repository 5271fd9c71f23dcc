"""Catalogue systems in JAX, as its users write them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from gradproof.bench.runner import Forward


def _softmax_cross_entropy(z: Any, y: Any) -> dict[str, Any]:
    return {"L": -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), -1))}


def _softmax_cross_entropy_labels(z: Any, label: Any) -> dict[str, Any]:
    return {"L": -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), label[:, None], -1))}


def _normed(x: Any, axis: int, eps: Any) -> Any:
    mean = x.mean(axis, keepdims=True)
    return (x - mean) * lax.rsqrt(((x - mean) ** 2).mean(axis, keepdims=True) + eps)


def _layer_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> dict[str, Any]:
    return {"y": gamma * _normed(x, -1, eps) + beta}


def _rms_norm(x: Any, gamma: Any, eps: Any) -> dict[str, Any]:
    return {"y": gamma * x * lax.rsqrt((x**2).mean(-1, keepdims=True) + eps)}


def _batch_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> dict[str, Any]:
    return {"y": gamma * _normed(x, 0, eps) + beta}


def _mlp(X: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> dict[str, Any]:
    a2 = jax.nn.sigmoid(jax.nn.sigmoid(X @ W1 + b1) @ W2 + b2)
    return {"L": ((a2 - y) ** 2).sum() / (2 * len(X))}


def _stacked(t: dict[str, Any], gates: str) -> dict[str, Any]:
    """Return the weights of the gates side by side, so that a step is one product."""
    side_by_side = {letter: jnp.concatenate([t[f"{letter}_{g}"] for g in gates], -1) for letter in "WUb"}
    return {**{n: t[n] for n in ("x", "h0", "c0", "c_n") if n in t}, **side_by_side}


def _split(d: dict[str, Any], gates: str) -> dict[str, Any]:
    parts = {letter: jnp.split(d[letter], len(gates), -1) for letter in "WUb"}
    found = {f"{letter}_{g}": parts[letter][k] for letter in "WUb" for k, g in enumerate(gates)}
    return {**found, **({"c_n": d["c_n"]} if "c_n" in d else {})}


def _lstm(x: Any, h0: Any, c0: Any, W: Any, U: Any, b: Any) -> dict[str, Any]:
    def step(state: Any, a: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(a + h @ U, 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    (_, cT), y = lax.scan(step, (h0, c0), x @ W + b)
    return {"y": y, "cT": cT}


def _gru(x: Any, h0: Any, W: Any, U: Any, b: Any, c_n: Any) -> dict[str, Any]:
    def step(h: Any, a: Any) -> Any:
        (ar, az, an), (ur, uz, un) = jnp.split(a, 3, -1), jnp.split(h @ U, 3, -1)
        r, z = jax.nn.sigmoid(ar + ur), jax.nn.sigmoid(az + uz)
        h = (1 - z) * jnp.tanh(an + r * (un + c_n)) + z * h
        return h, h

    return {"h": lax.scan(step, h0, x @ W + b)[1]}


def _convolution(x: Any, k: Any, b: Any, s: int, p: int, r: int, groups: int) -> dict[str, Any]:
    y = lax.conv_general_dilated(x, k, (s, s), [(p, p)] * 2, rhs_dilation=(r, r), feature_group_count=groups)
    return {"y": y + b[:, None, None]}


def _conv2d(x: Any, k: Any, b: Any, s: int, p: int, r: int) -> dict[str, Any]:
    return _convolution(x, k, b, s, p, r, 1)


def _conv2d_depthwise(x: Any, k: Any, b: Any, s: int, p: int, r: int) -> dict[str, Any]:
    return _convolution(x, k[:, None], b, s, p, r, len(b))


def _max_pool2d(x: Any, s: int, k: int) -> dict[str, Any]:
    return {"y": lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, k, k), (1, 1, s, s), "VALID")}


def _avg_pool2d(x: Any, s: int, k: int, p: int) -> dict[str, Any]:
    edges = [(0, 0), (0, 0), (p, p), (p, p)]
    return {"y": lax.reduce_window(x, 0.0, lax.add, (1, 1, k, k), (1, 1, s, s), edges) / k**2}


def _embedding(tok: Any, E: Any) -> dict[str, Any]:
    return {"x": E[tok]}


def _attention(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    P = jax.nn.softmax(Q @ K.swapaxes(-1, -2) * Q.shape[-1] ** -0.5, -1)
    return {"O": P @ V}


def _causal_attention(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    seen = jnp.tril(jnp.ones((Q.shape[-2], Q.shape[-2]), bool))
    A = jnp.where(seen, Q @ K.swapaxes(-1, -2) * Q.shape[-1] ** -0.5, -jnp.inf)
    return {"O": jax.nn.softmax(A, -1) @ V}


FORWARD: dict[str, Any] = {
    "sigmoid": Forward(lambda z: {"a": jax.nn.sigmoid(z)}),
    "tanh": Forward(lambda z: {"a": jnp.tanh(z)}),
    "relu": Forward(lambda z: {"a": jax.nn.relu(z)}),
    "silu": Forward(lambda z: {"a": jax.nn.silu(z)}),
    "gelu": Forward(lambda z: {"a": jax.nn.gelu(z, approximate=False)}),
    "gelu_tanh": Forward(lambda z: {"a": jax.nn.gelu(z, approximate=True)}),
    "softplus": Forward(lambda z: {"a": jax.nn.softplus(z)}),
    "softmax_cross_entropy": Forward(_softmax_cross_entropy),
    "softmax_cross_entropy_labels": Forward(_softmax_cross_entropy_labels),
    "layer_norm": Forward(_layer_norm),
    "rms_norm": Forward(_rms_norm),
    "batch_norm": Forward(_batch_norm),
    "mlp": Forward(_mlp),
    "lstm": Forward(_lstm, lambda t: _stacked(t, "ifgo"), lambda d: _split(d, "ifgo"), ("W", "U", "b")),
    "gru": Forward(_gru, lambda t: _stacked(t, "rzn"), lambda d: _split(d, "rzn"), ("W", "U", "b", "c_n")),
    "conv2d": Forward(_conv2d),
    "conv2d_depthwise": Forward(_conv2d_depthwise),
    "max_pool2d": Forward(_max_pool2d),
    "avg_pool2d": Forward(_avg_pool2d),
    "embedding": Forward(_embedding),
    "attention": Forward(_attention),
    "causal_attention": Forward(_causal_attention),
}
