"""The gradient by a path that shares nothing with the judge, and with the hand-written gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np

from .digits import DIGITS, Number, lifted

#: Steps as shares of an entry's size.
_TINY = 1e-25
_COMPLEX = 1e-150
_MIDDLING = 3e-2
#: Up to so many entries all are taken, else some.
_EVERY, _SOME = 400, 30


def gradient(
    f: Callable[..., Any], inputs: Sequence[Any], wrt: Sequence[int], cotangent: Any, path: str
) -> list[np.ndarray[Any, Any]]:
    """Return the gradient of sum(cotangent * f) by one of the independent paths."""
    slope = {"digits": _by_digits, "single": _by_digits, "complex": _by_complex_step, "floats": _by_floats}[path]
    return [entries(inputs[k], lambda p, k=k: slope(f, inputs, k, p, cotangent)) for k in wrt]


def entries(a: Any, slope: Callable[[tuple[int, ...]], float]) -> np.ndarray[Any, Any]:
    """Return the slopes for all places of an array; of a large one, for some places, with NaN elsewhere."""
    out = np.full(np.shape(a), np.nan)
    every = list(np.ndindex(out.shape)) if out.size <= _EVERY else []
    some = np.random.default_rng(3).choice(out.size, _SOME) if out.size > _EVERY else []
    for place in every if out.size <= _EVERY else [tuple(int(i) for i in np.unravel_index(k, out.shape)) for k in some]:
        out[place] = slope(place)
    return out


def one_sided(
    f: Callable[..., Any], inputs: Sequence[Any], k: int, place: tuple[int, ...], cotangent: Any
) -> tuple[float, float]:
    """Return the slopes to the left and to the right of an entry, in 80 digits."""
    with mpmath.workdps(DIGITS):
        h = mpmath.mpf(_TINY) * _size(inputs[k], place)
        here = _total(f, [lifted(a) for a in inputs], cotangent)
        up, down = (_total(f, _moved_by(inputs, k, place, Number(s * h)), cotangent) for s in (1, -1))
        return float((here - down).x / h), float((up - here).x / h)


def _by_digits(f: Any, inputs: Sequence[Any], k: int, place: tuple[int, ...], cotangent: Any) -> float:
    with mpmath.workdps(DIGITS):
        h = mpmath.mpf(_TINY) * _size(inputs[k], place)
        up, down = (_total(f, _moved_by(inputs, k, place, Number(s * h)), cotangent) for s in (1, -1))
        return float((up - down).x / (2 * h))


def _by_complex_step(f: Any, inputs: Sequence[Any], k: int, place: tuple[int, ...], cotangent: Any) -> float:
    h = _COMPLEX * _size(inputs[k], place)
    moved = [np.array(a, dtype=complex) if j == k else a for j, a in enumerate(inputs)]
    moved[k][place] += 1j * h
    found = np.asarray(f(*(m[()] if isinstance(m, np.ndarray) and m.ndim == 0 else m for m in moved)))
    return float(np.sum(found if cotangent is None else found * cotangent).imag / h)


def _by_floats(f: Any, inputs: Sequence[Any], k: int, place: tuple[int, ...], cotangent: Any) -> float:
    """Central differences of four step sizes, extrapolated: eight or so digits."""
    rows: list[float] = []
    for level in range(4):
        h = _MIDDLING * _size(inputs[k], place) / 2**level
        values = []
        for s in (h, -h):
            moved = [np.array(a, copy=True) if isinstance(a, np.ndarray) else a for a in inputs]
            moved[k] = np.array(inputs[k], dtype=float)
            moved[k][place] += s
            found = f(*(m[()] if isinstance(m, np.ndarray) and m.ndim == 0 else m for m in moved))
            values.append(float(np.sum(np.asarray(found) if cotangent is None else found * cotangent)))
        rows.append((values[0] - values[1]) / (2 * h))
    for order in (4.0, 16.0, 64.0):
        rows = [(order * b - a) / (order - 1) for a, b in pairwise(rows)]
    return rows[0]


def _size(a: Any, place: tuple[int, ...]) -> float:
    here = abs(float(np.asarray(a)[place]))
    return here or float(np.max(np.abs(a))) or 1.0


def _moved_by(inputs: Sequence[Any], k: int, place: tuple[int, ...], step: Number) -> list[Any]:
    moved = [lifted(a) for a in inputs]
    if np.ndim(inputs[k]) == 0:
        moved[k] = moved[k] + step
    else:
        moved[k][place] = moved[k][place] + step
    return moved


def _total(f: Any, inputs: list[Any], cotangent: Any) -> Number:
    found = np.asarray(f(*inputs), dtype=object)
    return Number(np.sum(found if cotangent is None else found * cotangent))
