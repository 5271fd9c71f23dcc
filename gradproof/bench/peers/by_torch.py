"""Catalogue systems in PyTorch: the functions that its users call."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from gradproof.bench.runner import Forward


def _softmax_cross_entropy(z: Any, y: Any) -> dict[str, Any]:
    return {"L": F.cross_entropy(z, y)}


def _softmax_cross_entropy_labels(z: Any, label: Any) -> dict[str, Any]:
    return {"L": F.cross_entropy(z, label)}


def _layer_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> dict[str, Any]:
    return {"y": F.layer_norm(x, x.shape[-1:], gamma, beta, float(eps))}


def _rms_norm(x: Any, gamma: Any, eps: Any) -> dict[str, Any]:
    return {"y": F.rms_norm(x, x.shape[-1:], gamma, float(eps))}


def _batch_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> dict[str, Any]:
    return {"y": F.batch_norm(x, None, None, gamma, beta, training=True, eps=float(eps))}


def _mlp(X: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> dict[str, Any]:
    a1 = torch.sigmoid(torch.addmm(b1, X, W1))
    a2 = torch.sigmoid(torch.addmm(b2, a1, W2))
    return {"L": ((a2 - y) ** 2).sum() / (2 * len(X))}


def _stacked(gates: tuple[str, ...], biases: dict[str, str]) -> tuple[Any, Any]:
    """Return how weights go into the rows of PyTorch's stacked matrices, and their gradients back again.

    Args:
        gates: the names of the gates, in PyTorch's order.
        biases: for each gate that has a second bias its name.
    """

    def pack(t: dict[str, Any]) -> dict[str, Any]:
        stacked = {
            "weight_ih": torch.cat([t[f"W_{g}"].T for g in gates]),
            "weight_hh": torch.cat([t[f"U_{g}"].T for g in gates]),
            "bias_ih": torch.cat([t[f"b_{g}"] for g in gates]),
        }
        none = torch.zeros_like(t[f"b_{gates[0]}"])
        stacked["bias_hh"] = torch.cat([t[biases[g]] if g in biases else none for g in gates])
        return {**{n: t[n] for n in ("x", "h0", "c0") if n in t}, **stacked}

    def unpack(d: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, letter in (("weight_ih", "W"), ("weight_hh", "U"), ("bias_ih", "b")):
            parts = d[name].chunk(len(gates))
            found |= {f"{letter}_{g}": part.T if letter != "b" else part for g, part in zip(gates, parts, strict=True)}
        if biases:
            parts = dict(zip(gates, d["bias_hh"].chunk(len(gates)), strict=True))
            found |= {name: parts[g] for g, name in biases.items()}
        return found

    return pack, unpack


def _lstm(x: Any, h0: Any, c0: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any) -> dict[str, Any]:
    weights = [weight_ih, weight_hh, bias_ih, bias_hh]
    y, _, cT = torch.lstm(x, [h0[None], c0[None]], weights, True, 1, 0.0, True, False, False)
    return {"y": y, "cT": cT[0]}


def _gru(x: Any, h0: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any) -> dict[str, Any]:
    weights = [weight_ih, weight_hh, bias_ih, bias_hh]
    h, _ = torch.gru(x, h0[None], weights, True, 1, 0.0, True, False, False)
    return {"h": h}


def _conv2d(x: Any, k: Any, b: Any, s: int, p: int, r: int) -> dict[str, Any]:
    return {"y": F.conv2d(x, k, b, s, p, r)}


def _conv2d_depthwise(x: Any, k: Any, b: Any, s: int, p: int, r: int) -> dict[str, Any]:
    return {"y": F.conv2d(x, k[:, None], b, s, p, r, groups=len(b))}


def _max_pool2d(x: Any, s: int, k: int) -> dict[str, Any]:
    return {"y": F.max_pool2d(x, k, s)}


def _avg_pool2d(x: Any, s: int, k: int, p: int) -> dict[str, Any]:
    return {"y": F.avg_pool2d(x, k, s, p)}


def _embedding(tok: Any, E: Any) -> dict[str, Any]:
    return {"x": F.embedding(tok, E)}


def _attention(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    P = torch.softmax(Q @ K.transpose(-1, -2) * Q.shape[-1] ** -0.5, -1)
    return {"O": P @ V}


def _causal_attention(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    hidden = torch.ones(Q.shape[-2], Q.shape[-2], dtype=torch.bool).triu(1)
    A = (Q @ K.transpose(-1, -2) * Q.shape[-1] ** -0.5).masked_fill(hidden, float("-inf"))
    return {"O": torch.softmax(A, -1) @ V}


def _fused_attention(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    return {"O": F.scaled_dot_product_attention(Q[None, None], K[None, None], V[None, None])[0, 0]}


def _fused_causal_attention(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    return {"O": F.scaled_dot_product_attention(Q[None, None], K[None, None], V[None, None], is_causal=True)[0, 0]}


_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih")

FORWARD: dict[str, Forward] = {
    "sigmoid": Forward(lambda z: {"a": torch.sigmoid(z)}),
    "tanh": Forward(lambda z: {"a": torch.tanh(z)}),
    "relu": Forward(lambda z: {"a": torch.relu(z)}),
    "silu": Forward(lambda z: {"a": F.silu(z)}),
    "gelu": Forward(lambda z: {"a": F.gelu(z)}),
    "gelu_tanh": Forward(lambda z: {"a": F.gelu(z, approximate="tanh")}),
    "softplus": Forward(lambda z: {"a": F.softplus(z)}),
    "softmax_cross_entropy": Forward(_softmax_cross_entropy),
    "softmax_cross_entropy_labels": Forward(_softmax_cross_entropy_labels),
    "layer_norm": Forward(_layer_norm),
    "rms_norm": Forward(_rms_norm),
    "batch_norm": Forward(_batch_norm),
    "mlp": Forward(_mlp),
    "lstm": Forward(_lstm, *_stacked(("i", "f", "g", "o"), {}), _WEIGHTS),
    "gru": Forward(_gru, *_stacked(("r", "z", "n"), {"n": "c_n"}), (*_WEIGHTS, "bias_hh")),
    "conv2d": Forward(_conv2d),
    "conv2d_depthwise": Forward(_conv2d_depthwise),
    "max_pool2d": Forward(_max_pool2d),
    "avg_pool2d": Forward(_avg_pool2d),
    "embedding": Forward(_embedding),
    "attention": Forward(_attention),
    "causal_attention": Forward(_causal_attention),
}

#: Where PyTorch has one operator for the whole, beside the form above.
FUSED: dict[str, Any] = {
    "attention": Forward(_fused_attention),
    "causal_attention": Forward(_fused_causal_attention),
}
