"""Helpers that the other modules import, as a user's project has them."""

import math
from functools import lru_cache

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def one_hot(y, k):
    out = np.zeros((len(y), k))
    out[np.arange(len(y)), y] = 1.0
    return out


def lecun(x):
    return 1.7159 * math.tanh(2 / 3 * x)


@lru_cache
def basis(n):
    """A constant matrix, kept between calls."""
    return np.array([[math.cos(math.pi * (i + 0.5) * k / n) for i in range(n)] for k in range(n)])


def check_array(x, ndim=2, dtype=float):
    x = np.asarray(x, dtype=dtype)
    if x.ndim != ndim:
        raise ValueError(f"expected {ndim} dimensions, got {x.ndim}")
    return np.ascontiguousarray(x)
