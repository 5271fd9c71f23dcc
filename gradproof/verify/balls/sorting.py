"""np.sort, argsort and their like: chosen by the nearest floats, as floats do, and held against the balls."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.traced import Array, array_of, middles, plain, trace_of


def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Array:  # noqa: ARG001
    """Return the order of the entries; equal ones in the order in which NumPy puts floats."""
    trace = trace_of([a])
    x = plain(array_of(a, trace))
    if axis is None:
        x, axis = x.reshape(-1), 0
    trace.spend(x.size * 8)
    found = np.argsort(middles(x), axis=axis, kind="stable" if stable else kind)
    return found if _is_sorted(x, found, axis) else np.argsort(x, axis=axis, kind="stable")


def _is_sorted(x: Array, order: Array, axis: int) -> bool:
    """Are the entries in this order so in balls too? The comparisons note ties where the derivatives differ."""
    rows = np.moveaxis(np.take_along_axis(x, order, axis), axis, -1).reshape(-1, x.shape[axis])
    return all(bool(a <= b) for row in rows.tolist() for a, b in pairwise(row))


def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Return a sorted copy."""
    x = array_of(a, trace_of([a]))
    if axis is None:
        x, axis = np.reshape(x, -1), 0
    return np.take_along_axis(x, argsort(x, axis, kind, order, stable=stable), axis)


def sort_in_place(x: Any, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sort the array itself."""
    x[...] = sort(x, axis, kind, order, stable=stable)


def argpartition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Array:  # noqa: ARG001
    """Return an order in which the entry of rank kth stands in its place: the one that NumPy finds for floats."""
    trace = trace_of([a])
    x = plain(array_of(a, trace))
    if axis is None:
        x, axis = x.reshape(-1), 0
    _is_sorted(x, argsort(x, axis), axis)
    return np.argpartition(middles(x), kth, axis=axis)


def partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """Return a copy in the order of `argpartition`."""
    x = array_of(a, trace_of([a]))
    if axis is None:
        x, axis = np.reshape(x, -1), 0
    return np.take_along_axis(x, argpartition(x, kth, axis, kind, order), axis)


SORTING: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {np.argsort: argsort, np.sort: sort, np.argpartition: argpartition, np.partition: partition}
)
