"""Elementwise functions whose derivatives people forget, confuse, or take at the wrong place."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gradproof.verify.diagnosis.case import Array

Elementwise = Callable[[Array], Array]


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def _normal(x: Array) -> Array:
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi))


def _cumulative(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))))


def _gelu_tanh(x: Array) -> Array:
    """Return the derivative of gelu in its tanh form."""
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return np.asarray(0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x))


def _mish(x: Array) -> Array:
    t = np.tanh(np.logaddexp(0, x))
    return np.asarray(t + x * (1 - t * t) * _sigmoid(x))


def _digamma(x: Array) -> Array:
    """Return the derivative of log Γ for x > 0: by recurrence up to 10, then its asymptotic series."""
    found, at = np.zeros_like(x, dtype=float), np.array(x, dtype=float)
    at = np.where(at > 0, at, np.nan)
    for _ in range(10):
        small = at < 10
        found = found - np.where(small, 1 / at, 0.0)
        at = np.where(small, at + 1, at)
    z = 1 / (at * at)
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * 691 / 32760)))))
    return np.asarray(found + np.log(at) - 0.5 / at - series)


#: Derivatives of activations by the name of the activation; `x` is where the activation is taken.
SLOPES: dict[str, Elementwise] = {
    "sigmoid": lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "relu": lambda x: (x > 0).astype(float),
    "softplus": _sigmoid,
    "silu": lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
    "gelu": lambda x: _cumulative(x) + x * _normal(x),
    "gelu (tanh form)": _gelu_tanh,
    "leaky relu (0.01)": lambda x: np.where(x > 0, 1.0, 0.01),
    "leaky relu (0.1)": lambda x: np.where(x > 0, 1.0, 0.1),
    "leaky relu (0.2)": lambda x: np.where(x > 0, 1.0, 0.2),
    "mish": _mish,
    "softsign": lambda x: 1 / (1 + np.abs(x)) ** 2,
    "exp": np.exp,
    # After exp: where all x are below 0, the two are one, and the simpler name is the likelier.
    "elu": lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
    "log": lambda x: 1 / x,
    "sqrt": lambda x: 0.5 / np.sqrt(x),
    "square": lambda x: 2 * x,
    "cube": lambda x: 3 * x * x,
    "sin": np.cos,
    "cos": lambda x: -np.sin(x),
    "tan": lambda x: 1 / np.cos(x) ** 2,
    "arctan": lambda x: 1 / (1 + x * x),
    "arcsin": lambda x: 1 / np.sqrt(1 - x * x),
    "sinh": np.cosh,
    "cosh": np.sinh,
    "log(1 + x)": lambda x: 1 / (1 + x),
    "1/x": lambda x: -1 / (x * x),
    "log Γ": _digamma,
    "abs": np.sign,
    "erf": lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x),
    "clip to [-1, 1]": lambda x: (np.abs(x) < 1).astype(float),
    "relu6": lambda x: ((x > 0) & (x < 6)).astype(float),
    "exp(-x²/2)": lambda x: -x * np.exp(-0.5 * x * x),
}

#: What is taken in place of a derivative: (in words, the activation, what was taken).
CONFUSED: tuple[tuple[str, str, Elementwise], ...] = (
    ("1 - x² at the input, where 1 - tanh(x)² belongs", "tanh", lambda x: 1 - x * x),
    ("1 - tanh(tanh(x))², where 1 - tanh(x)² belongs: at the output", "tanh", lambda x: 1 - np.tanh(np.tanh(x)) ** 2),
    ("1 - tanh(x), without the square", "tanh", lambda x: 1 - np.tanh(x)),
    ("1 + tanh(x)²", "tanh", lambda x: 1 + np.tanh(x) ** 2),
    ("x(1 - x) at the input, where σ(x)(1 - σ(x)) belongs", "sigmoid", lambda x: x * (1 - x)),
    (
        "σ'(σ(x)), where σ'(x) belongs: at the output",
        "sigmoid",
        lambda x: _sigmoid(_sigmoid(x)) * (1 - _sigmoid(_sigmoid(x))),
    ),
    ("σ(x)", "sigmoid", _sigmoid),
    ("1 - σ(x)", "sigmoid", lambda x: 1 - _sigmoid(x)),
    ("σ(x)(1 + σ(x))", "sigmoid", lambda x: _sigmoid(x) * (1 + _sigmoid(x))),
    ("σ(x)", "silu", _sigmoid),
    ("σ(x) + σ'(x), without the factor x", "silu", lambda x: _sigmoid(x) + _sigmoid(x) * (1 - _sigmoid(x))),
    ("x·σ'(x), without σ(x)", "silu", lambda x: x * _sigmoid(x) * (1 - _sigmoid(x))),
    ("Φ(x), without x·φ(x)", "gelu", _cumulative),
    ("x·φ(x), without Φ(x)", "gelu", lambda x: x * _normal(x)),
    ("tanh(softplus(x)), without the second term", "mish", lambda x: np.tanh(np.logaddexp(0, x))),
    ("x·tanh'(softplus(x))·σ(x), without the first term", "mish", lambda x: _mish(x) - np.tanh(np.logaddexp(0, x))),
    ("the softplus itself", "softplus", lambda x: np.logaddexp(0, x)),
    ("exp(x) - 1", "elu", lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)) - 1)),
    ("sin(x)", "cos", np.sin),
    ("-cos(x)", "sin", lambda x: -np.cos(x)),
    ("1/(2x)", "sqrt", lambda x: 0.5 / x),
    ("1/√x", "sqrt", lambda x: 1 / np.sqrt(x)),
    ("x²", "cube", lambda x: x * x),
    ("1/x²", "log", lambda x: 1 / (x * x)),
    ("log(x), for digamma(x)", "log Γ", np.log),
)
