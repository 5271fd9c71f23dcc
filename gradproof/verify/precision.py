"""The type that numbers were computed in, as their digits show: those of float32 code end early."""

from __future__ import annotations

from typing import Any

import numpy as np

EPS = float(np.finfo(np.float64).eps)
#: By type: so many bits must be used by one number at least, else all of them may be short by chance.
_TYPES = ((np.float16, 7), (np.float32, 14))


def eps_of(numbers: np.ndarray[Any, Any]) -> float:
    """Return the unit of roundoff of the coarsest type that all numbers are of, if their digits tell one.

    >>> eps_of(np.tanh(np.arange(9.0)).astype(np.float32).astype(float))
    1.1920928955078125e-07
    >>> eps_of(np.tanh(np.arange(9.0))), eps_of(np.arange(9.0))
    (2.220446049250313e-16, 2.220446049250313e-16)
    """
    usual = numbers[np.isfinite(numbers) & (numbers != 0)]
    if not usual.size:
        return EPS
    mantissas, _ = np.frexp(usual)
    for kind, bits in _TYPES:
        with np.errstate(over="ignore", under="ignore"):
            fits = np.array_equal(mantissas.astype(kind).astype(np.float64), mantissas)
        if fits:
            scaled = np.ldexp(mantissas, bits)
            return float(np.finfo(kind).eps) if np.any(scaled != np.rint(scaled)) else EPS
    return EPS
