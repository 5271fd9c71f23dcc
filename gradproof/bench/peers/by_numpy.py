"""Catalogue systems in NumPy, forward and backward by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _sigmoid(z: Any, d_a: Any) -> dict[str, Any]:
    a = 1 / (1 + np.exp(-z))
    return {"a": a, "d_z": d_a * a * (1 - a)}


def _tanh(z: Any, d_a: Any) -> dict[str, Any]:
    a = np.tanh(z)
    return {"a": a, "d_z": d_a * (1 - a * a)}


def _silu(z: Any, d_a: Any) -> dict[str, Any]:
    s = 1 / (1 + np.exp(-z))
    return {"a": z * s, "d_z": d_a * s * (1 + z * (1 - s))}


def _gelu_tanh(z: Any, d_a: Any) -> dict[str, Any]:
    c, z2 = (2 / np.pi) ** 0.5, z * z
    t = np.tanh(c * z * (1 + 0.044715 * z2))
    d = 0.5 * (1 + t) + 0.5 * c * z * (1 - t * t) * (1 + 3 * 0.044715 * z2)
    return {"a": 0.5 * z * (1 + t), "d_z": d_a * d}


def _softplus(z: Any, d_a: Any) -> dict[str, Any]:
    e = np.exp(-np.abs(z))
    return {"a": np.maximum(z, 0) + np.log1p(e), "d_z": d_a / (1 + np.exp(-z))}


def _softmax(z: Any) -> tuple[Any, Any]:
    z = z - z.max(-1, keepdims=True)
    e = np.exp(z)
    s = e.sum(-1, keepdims=True)
    return e / s, z - np.log(s)


def _softmax_cross_entropy(z: Any, y: Any) -> dict[str, Any]:
    p, log_p = _softmax(z)
    return {"L": -np.sum(y * log_p) / len(z), "d_z": (p - y) / len(z)}


def _softmax_cross_entropy_labels(z: Any, label: Any) -> dict[str, Any]:
    p, log_p = _softmax(z)
    rows = np.arange(len(z))
    p[rows, label] -= 1
    p /= len(z)
    return {"L": -log_p[rows, label].mean(), "d_z": p}


def _layer_norm(x: Any, gamma: Any, beta: Any, eps: Any, d_y: Any) -> dict[str, Any]:
    centred = x - x.mean(-1, keepdims=True)
    r = 1 / np.sqrt((centred * centred).mean(-1, keepdims=True) + eps)
    xhat = centred * r
    g = d_y * gamma
    d_x = r * (g - g.mean(-1, keepdims=True) - xhat * (g * xhat).mean(-1, keepdims=True))
    return {"y": gamma * xhat + beta, "d_x": d_x, "d_gamma": (d_y * xhat).sum(0), "d_beta": d_y.sum(0)}


def _rms_norm(x: Any, gamma: Any, eps: Any, d_y: Any) -> dict[str, Any]:
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + eps)
    xhat = x * r
    g = d_y * gamma
    d_x = r * (g - xhat * (g * xhat).mean(-1, keepdims=True))
    return {"y": gamma * xhat, "d_x": d_x, "d_gamma": (d_y * xhat).sum(0)}


def _batch_norm(x: Any, gamma: Any, beta: Any, eps: Any, d_y: Any) -> dict[str, Any]:
    centred = x - x.mean(0)
    r = 1 / np.sqrt((centred * centred).mean(0) + eps)
    xhat = centred * r
    d_gamma, d_beta = (d_y * xhat).sum(0), d_y.sum(0)
    d_x = gamma * r * (d_y - (d_beta + xhat * d_gamma) / len(x))
    return {"y": gamma * xhat + beta, "d_x": d_x, "d_gamma": d_gamma, "d_beta": d_beta}


def _mlp(X: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> dict[str, Any]:
    a1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    error = a2 - y
    d2 = error * a2 * (1 - a2) / len(X)
    d1 = (d2 @ W2.T) * a1 * (1 - a1)
    gradients = {"d_W1": X.T @ d1, "d_b1": d1.sum(0), "d_W2": a1.T @ d2, "d_b2": d2.sum(0)}
    return {"L": (error * error).sum() / (2 * len(X)), **gradients}


def _attention(Q: Any, K: Any, V: Any, d_O: Any) -> dict[str, Any]:
    scale = Q.shape[-1] ** -0.5
    P, _ = _softmax(Q @ K.swapaxes(-1, -2) * scale)
    O = P @ V
    d_A = P * (d_O @ V.swapaxes(-1, -2) - (d_O * O).sum(-1, keepdims=True)) * scale
    d_K, d_V = d_A.swapaxes(-1, -2) @ Q, P.swapaxes(-1, -2) @ d_O
    return {"O": O, "d_Q": d_A @ K, "d_K": d_K, "d_V": d_V}


def _embedding(tok: Any, E: Any, d_x: Any) -> dict[str, Any]:
    d_E = np.zeros_like(E)
    np.add.at(d_E, tok, d_x)
    return {"x": E[tok], "d_E": d_E}


BOTH: dict[str, Callable[..., dict[str, Any]]] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "silu": _silu,
    "gelu_tanh": _gelu_tanh,
    "softplus": _softplus,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "softmax_cross_entropy_labels": _softmax_cross_entropy_labels,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "batch_norm": _batch_norm,
    "mlp": _mlp,
    "attention": _attention,
    "embedding": _embedding,
}
