"""Arrays that the user's code makes, to be filled or not: those of floats are made of numbers of the run.

A plain array of floats cannot take a number of the run: the derivative would be lost on the way in.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.casts import cast, is_double
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.trace import ACTIVE
from gradproof.verify.balls.traced import Array, Traced, array_of, filled, has_numbers, lift, trace_of

#: A plain array of floats that the user's code copies becomes one of the run up to so many entries.
_SMALL = 20_000


def _filled(shape: Any, value: Any, things: Any = ()) -> Any:
    trace = trace_of(things)
    number = lift(value, trace)
    out = filled(shape, number)
    trace.spend(out.size // 20)
    return out.view(Traced)


def _is_float(dtype: Any) -> bool:
    return dtype is None or is_double(dtype, trace_of([]))


def _constant(original: Callable[..., Any], value: float) -> Callable[..., Any]:
    def make(shape: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        return _filled(shape, value) if _is_float(dtype) else original(shape, dtype, *args, **kwargs)

    return make


def _full(shape: Any, fill_value: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
    whole = dtype is None and np.asarray(fill_value).dtype.kind in "biu"
    if whole or not _is_float(dtype):
        return np.full(shape, fill_value, dtype, *args, **kwargs)
    out = _filled(shape, 0)
    out[...] = fill_value
    return out


def _like(value: float) -> Callable[..., Any]:
    def make(a: Any, dtype: Any = None, *_: Any, shape: Any = None, **__: Any) -> Any:
        wanted = np.shape(a) if shape is None else shape
        if not _is_float(dtype):
            return np.full(wanted, value, dtype=dtype)
        return _filled(wanted, value, [a])

    return make


def _full_like(a: Any, fill_value: Any, dtype: Any = None, *_: Any, shape: Any = None, **__: Any) -> Any:
    wanted = np.shape(a) if shape is None else shape
    if not _is_float(dtype):
        return np.full(wanted, fill_value, dtype=dtype)
    out = _filled(wanted, 0, [a])
    out[...] = fill_value
    return out


#: By `__array_function__`, for an array of the run.
LIKE: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {
        np.zeros_like: _like(0.0),
        np.ones_like: _like(1.0),
        np.empty_like: _like(float("nan")),
        np.full_like: _full_like,
        np.copy: lambda a, *_, **__: a.copy(),
    }
)


# ---------------------------------------------------------------- in place of NumPy's own, while a run is under way


def _plain_like(original: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
    """Return zeros_like and the others for an array that is not of the run, yet of floats."""

    def make(a: Any, *args: Any, **kwargs: Any) -> Any:
        dtype = kwargs.get("dtype", args[-1] if args and own is not _full_like else None)
        floats = not isinstance(a, np.ndarray) or isinstance(a, Traced) or a.dtype.kind in "fO"
        if isinstance(a, list | tuple) and not has_numbers(a):
            floats = np.asarray(a).dtype.kind == "f"
        if isinstance(a, int):
            floats = False
        return own(a, *args, **kwargs) if dtype is not None or floats else original(a, *args, **kwargs)

    return make


def _converted(original: Callable[..., Any], *, copies: bool) -> Callable[..., Any]:
    """Return np.array or np.asarray: numbers of the run stay numbers of the run."""

    def make(x: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        least = kwargs.pop("ndmin", 0)
        if least:
            found = np.asanyarray(make(x, dtype, *args, **kwargs))
            return np.reshape(found, (1,) * (least - np.ndim(found)) + np.shape(found))
        if isinstance(x, Traced):
            return cast(x, dtype, copy=copies and bool(kwargs.get("copy", True)))
        if type(x) is Number or (isinstance(x, list | tuple) and has_numbers(x)):
            made = array_of(x, trace_of([x]))
            return made if dtype is None else cast(made, dtype, copy=False)
        found = original(x, dtype, *args, **kwargs)
        fresh = found is not x and not (isinstance(x, np.ndarray) and np.may_share_memory(found, x))
        return _of_run(found) if fresh and type(found) is np.ndarray else found

    return make


def _of_run(x: Array) -> Any:
    """Return a fresh array of floats as one of the run, so that it can be assigned into."""
    if x.dtype == object:
        return array_of(x, trace_of([])) if all(type(e) is Number for e in x.reshape(-1).tolist()) else x
    if x.dtype.kind == "f" and x.dtype.itemsize < 8:
        return x
    return array_of(x, trace_of([])) if x.dtype.kind == "f" and x.size <= _SMALL and ACTIVE.get() is not None else x


def _fresh(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        return _of_run(original(*args, **kwargs))

    return make


def _fromiter(iterable: Any, dtype: Any = None, *_: Any, **__: Any) -> Any:
    entries = list(iterable)
    return (
        np.fromiter(entries, dtype) if not has_numbers(entries) else cast(array_of(entries, trace_of(entries)), dtype)
    )


#: Functions of NumPy's that make arrays, by name.
MAKERS: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        "zeros": _constant(np.zeros, 0.0),
        "ones": _constant(np.ones, 1.0),
        "empty": _constant(np.empty, float("nan")),
        "full": _full,
        "zeros_like": _plain_like(np.zeros_like, _like(0.0)),
        "ones_like": _plain_like(np.ones_like, _like(1.0)),
        "empty_like": _plain_like(np.empty_like, _like(float("nan"))),
        "full_like": _plain_like(np.full_like, _full_like),
        "array": _converted(np.array, copies=True),
        "asarray": _converted(np.asarray, copies=False),
        "asanyarray": _converted(np.asanyarray, copies=False),
        "ascontiguousarray": _converted(np.ascontiguousarray, copies=False),
        "asfortranarray": _converted(np.asfortranarray, copies=False),
        "asarray_chkfinite": _converted(np.asarray_chkfinite, copies=False),
        "eye": _fresh(np.eye),
        "identity": _fresh(np.identity),
        "linspace": _fresh(np.linspace),
        "arange": _fresh(np.arange),
        "fromiter": _fromiter,
    }
)
