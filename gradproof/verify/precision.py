"""The type that numbers were computed in: as they say themselves, or as their digits show, which end early."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
EPS = float(np.finfo(np.float64).eps)
#: By type, its bits, and how many must be used by one number at least, else all may be short by chance: bfloat16,
#: float16, float32.
_TYPES = ((8, 7), (11, 7), (24, 14))


class Rounded(Array):
    """Numbers in float64 that have fewer digits: of a type that NumPy does not have.

    Attributes:
        eps: the type's unit of roundoff.
        kind: what the type is called.
    """

    eps: float = EPS
    kind: str = "float64"


def rounded(numbers: Array, eps: float, kind: str) -> Rounded:
    """Return numbers with the type that they are of."""
    found = np.array(numbers, dtype=np.float64).view(Rounded)
    found.eps, found.kind = eps, kind
    return found


def type_of(x: Any) -> tuple[float, str]:
    """Return the unit of roundoff and the name of the type that an array says it is of; (0, "") for no real array."""
    if isinstance(x, Rounded):
        return x.eps, x.kind
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f":
        return float(np.finfo(x.dtype).eps), str(x.dtype)
    return 0.0, ""


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
    for bits, least in _TYPES:
        if _fit(mantissas, bits):
            return EPS if _fit(mantissas, least) else 2.0 ** (1 - bits)
    return EPS


def _fit(mantissas: Array, bits: int) -> bool:
    scaled = np.ldexp(mantissas, bits)
    return bool(np.all(scaled == np.rint(scaled)))
