"""Inputs that are no real numbers like others: labels, masks, probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def is_constrained(a: Array) -> bool:
    """Are these labels or masks (all 0 or 1), or probabilities (the last axis sums to 1)?

    They mean nothing a step away.
    """
    if a.size < 2:
        return False
    binary = bool(np.all((a == 0) | (a == 1)) and np.any(a == 0) and np.any(a == 1))
    return binary or bool(np.all(a >= 0) and np.allclose(np.sum(a, axis=-1), 1.0, rtol=1e-6, atol=0.0))
