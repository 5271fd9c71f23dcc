"""The benchmark's systems in NumPy, in place where an optimiser is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradproof.bench.peers import by_numpy


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _lstm_pointwise(a_i: Any, a_f: Any, a_g: Any, a_o: Any, c0: Any, d_y: Any, d_cT: Any) -> dict[str, Any]:
    i, f, g, o = _sigmoid(a_i), _sigmoid(a_f), np.tanh(a_g), _sigmoid(a_o)
    c = f * c0 + i * g
    t = np.tanh(c)
    d_c = d_cT + d_y * o * (1 - t * t)
    return {
        "y": o * t, "cT": c, "d_a_i": d_c * g * i * (1 - i), "d_a_f": d_c * c0 * f * (1 - f),
        "d_a_g": d_c * i * (1 - g * g), "d_a_o": d_y * t * o * (1 - o), "d_c0": d_c * f,
    }  # fmt: skip


def _gru_pointwise(a_r: Any, a_z: Any, a_n: Any, u: Any, h0: Any, d_h: Any) -> dict[str, Any]:
    r, z = _sigmoid(a_r), _sigmoid(a_z)
    n = np.tanh(a_n + r * u)
    d_n = d_h * (1 - z) * (1 - n * n)
    return {
        "h": (1 - z) * n + z * h0, "d_a_r": d_n * u * r * (1 - r), "d_a_z": d_h * (h0 - n) * z * (1 - z),
        "d_a_n": d_n, "d_u": d_n * r, "d_h0": d_h * z,
    }  # fmt: skip


def _adam(
    w: Any, m: Any, v: Any, g: Any, alpha: Any, beta1: Any, beta2: Any, eps: Any, step: Any, lam: Any = 0
) -> dict[str, Any]:
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * (g * g)
    change = np.sqrt(v / (1 - beta2**step))
    change += eps
    np.divide(m, change, out=change)
    change *= alpha / (1 - beta1**step)
    w *= 1 - alpha * lam
    w -= change
    return {"w": w, "m": m, "v": v}


def _momentum(w: Any, v: Any, g: Any, alpha: Any, mu: Any) -> dict[str, Any]:
    v *= mu
    v += g
    w -= alpha * v
    return {"w": w, "v": v}


BOTH: dict[str, Callable[..., dict[str, Any]]] = {
    "lstm_pointwise": _lstm_pointwise,
    "gru_pointwise": _gru_pointwise,
    "attention_heads": by_numpy.BOTH["attention"],
    "adam_step": _adam,
    "adamw_step": _adam,
    "momentum_step": _momentum,
}
