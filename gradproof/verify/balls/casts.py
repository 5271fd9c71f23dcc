"""Casts between dtypes: what a float64 becomes, exactly, or enclosed where the cast rounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from gradproof.verify.balls.number import Number
from gradproof.verify.balls.trace import BudgetedTrace
from gradproof.verify.balls.traced import Array, Traced, plain, trace_of


def is_double(dtype: Any, trace: BudgetedTrace) -> bool:
    """Does a dtype keep the run's numbers as they are? None is float64.

    Raises:
        Untraceable: it rounds them, or makes something else than real numbers of them.
    """
    if dtype is None:
        return True
    kind = _real(dtype, trace)
    if kind.kind == "f" and kind.itemsize < 8:
        trace.refuse(f"an array of {kind}, which rounds to {np.finfo(kind).nmant + 1} bits")
    return kind.kind in "fO"


def _real(dtype: Any, trace: BudgetedTrace) -> Any:
    kind = np.dtype(dtype)
    if kind.kind == "c":
        trace.refuse("complex numbers")
    if kind.kind not in "fObiu":
        trace.refuse(f"a cast to {kind}")
    return kind


def cast(array: Traced, dtype: Any, *, copy: bool = True) -> Any:
    """Return the array in another dtype: truncated for integers, as NumPy does."""
    trace = trace_of([array])
    kind = np.dtype(np.float64) if dtype is None else _real(dtype, trace)
    if kind.kind in "fO" and kind.itemsize >= 8:
        return np.ndarray.copy(array) if copy else array
    trace.spend(array.size)
    entries = plain(array).reshape(-1).tolist()
    if kind.kind == "f":
        rounded = np.fromiter([_rounded(e, kind) for e in entries], dtype=object, count=len(entries))
        return np.ndarray.view(rounded.reshape(array.shape), Traced)
    made: Any = bool if kind.kind == "b" else int
    out: Array = np.array([made(e) for e in entries], dtype=kind).reshape(array.shape)
    return out


def _rounded(number: Number, kind: Any) -> Number:
    """Return a ball around all numbers that may be rounded to the same; its derivatives are the uncast number's.

    What is computed from it then encloses what is computed in single precision. A cast at the end costs nothing; one
    in the middle of a function that bends makes the derivatives too wide to judge by.
    """
    if not number.trace.casts:
        return number
    return Number(number.value * arb(1, float(np.finfo(kind).eps)), number.trace, number.slope)


def cast_number(number: Any, dtype: Any) -> Any:
    """Return a single number in another dtype."""
    kind = _real(dtype, number.trace)
    if kind.kind == "f" and kind.itemsize < 8:
        return _rounded(number, kind)
    if kind.kind in "fO":
        return number
    return kind.type(bool(number) if kind.kind == "b" else int(number))
