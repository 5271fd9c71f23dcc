"""The benchmark's systems in JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from gradproof.bench.peers import by_jax
from gradproof.bench.runner import Forward


def _lstm_pointwise(a_i: Any, a_f: Any, a_g: Any, a_o: Any, c0: Any) -> dict[str, Any]:
    c = jax.nn.sigmoid(a_f) * c0 + jax.nn.sigmoid(a_i) * jnp.tanh(a_g)
    return {"y": jax.nn.sigmoid(a_o) * jnp.tanh(c), "cT": c}


def _gru_pointwise(a_r: Any, a_z: Any, a_n: Any, u: Any, h0: Any) -> dict[str, Any]:
    z = jax.nn.sigmoid(a_z)
    return {"h": (1 - z) * jnp.tanh(a_n + jax.nn.sigmoid(a_r) * u) + z * h0}


def _norm(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    return gamma * centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + eps) + beta


def _block(
    X: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, gamma1: Any, beta1: Any, W1: Any, b1: Any, W2: Any, b2: Any,
    gamma2: Any, beta2: Any, eps: Any,
) -> dict[str, Any]:  # fmt: skip
    Q, K, V = (jnp.einsum("btd,hde->bhte", X, W) for W in (Wq, Wk, Wv))
    P = jax.nn.softmax(Q @ K.swapaxes(-1, -2) * Q.shape[-1] ** -0.5, -1)
    Y1 = _norm(X + jnp.einsum("bhte,hed->btd", P @ V, Wo), gamma1, beta1, eps)
    return {"Y2": _norm(Y1 + jax.nn.relu(Y1 @ W1 + b1) @ W2 + b2, gamma2, beta2, eps)}


def _adam(w: Any, m: Any, v: Any, g: Any, alpha: Any, beta1: Any, beta2: Any, eps: Any, step: Any) -> dict[str, Any]:
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    change = alpha * (m / (1 - beta1**step)) / (jnp.sqrt(v / (1 - beta2**step)) + eps)
    return {"w": w - change, "m": m, "v": v}


def _adamw(
    w: Any, m: Any, v: Any, g: Any, alpha: Any, beta1: Any, beta2: Any, eps: Any, step: Any, lam: Any
) -> dict[str, Any]:
    found = _adam(w, m, v, g, alpha, beta1, beta2, eps, step)
    return {**found, "w": found["w"] - alpha * lam * w}


def _momentum(w: Any, v: Any, g: Any, alpha: Any, mu: Any) -> dict[str, Any]:
    v = mu * v + g
    return {"w": w - alpha * v, "v": v}


FORWARD: dict[str, Any] = {
    "lstm_pointwise": Forward(_lstm_pointwise),
    "gru_pointwise": Forward(_gru_pointwise),
    "attention_heads": by_jax.FORWARD["attention"],
    "causal_attention_heads": by_jax.FORWARD["causal_attention"],
    "transformer_block": Forward(_block),
    "adam_step": _adam,
    "adamw_step": _adamw,
    "momentum_step": _momentum,
}
