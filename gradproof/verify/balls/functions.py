"""NumPy's functions over arrays of the user's kind: those with a counterpart here, and those that only move entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.algebra import ALGEBRA
from gradproof.verify.balls.calculus import CALCULUS
from gradproof.verify.balls.creation import LIKE
from gradproof.verify.balls.factors import FACTORS
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.refused import REFUSED
from gradproof.verify.balls.sorting import SORTING
from gradproof.verify.balls.statistics import STATISTICS
from gradproof.verify.balls.trace import BudgetedTrace, Untraceable
from gradproof.verify.balls.traced import Traced, lifted, plain, trace_of

_REDUCTIONS: dict[Callable[..., Any], Any] = {
    np.sum: np.add, np.prod: np.multiply, np.max: np.maximum, np.min: np.minimum, np.any: np.logical_or,
    np.all: np.logical_and, np.amax: np.maximum, np.amin: np.minimum,
}  # fmt: skip
_ACCUMULATIONS: dict[Callable[..., Any], Any] = {np.cumsum: np.add, np.cumprod: np.multiply}


def _reduction(ufunc: Any) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **options: Any
    ) -> Any:
        given = {k: v for k, v in options.items() if v is not np._NoValue}  # noqa: SLF001
        keep = keepdims is True or (keepdims not in (False, np._NoValue) and bool(keepdims))  # noqa: SLF001
        extra = {} if out is None else {"out": (out,)}
        if dtype is not None:
            extra["dtype"] = dtype
        return ufunc.reduce(_user_array(a), axis=axis, keepdims=keep, **extra, **given)

    def reduce_without_dtype(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> Any:
        return reduce(a, axis, None, out, keepdims, **options)

    return reduce if ufunc in (np.add, np.multiply) else reduce_without_dtype


def _accumulation(ufunc: Any) -> Callable[..., Any]:
    def accumulate(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        x = _user_array(a)
        flat, along = (np.reshape(x, -1), 0) if axis is None else (x, axis)
        extra = {} if out is None else {"out": (out,)}
        return ufunc.accumulate(flat, axis=along, dtype=dtype, **extra)

    return accumulate


def _user_array(x: Any) -> Any:
    return x if isinstance(x, Traced) else np.ndarray.view(lifted(x, trace_of([x])), Traced)


#: Functions with a counterpart written for the run.
FUNCTIONS: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {
        **{f: _reduction(u) for f, u in _REDUCTIONS.items()},
        **{f: _accumulation(u) for f, u in _ACCUMULATIONS.items()},
        **STATISTICS,
        **SORTING,
        **ALGEBRA,
        **FACTORS,
        **CALCULUS,
        **LIKE,
    }
)
#: Functions that write into their first argument.
_IN_PLACE = frozenset({np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis})


def called(function: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Return what a NumPy function gives for arguments among which are numbers of the run.

    Raises:
        Untraceable: it has no counterpart in ball arithmetic.
    """
    trace = trace_of([*args, *kwargs.values()])
    if function in REFUSED:
        trace.refuse(f"np.{_name(function)}: {REFUSED[function]}")
    own = FUNCTIONS.get(function)
    return own(*args, **kwargs) if own is not None else _moved(function, args, kwargs, trace)


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy.", "")


def _moved(function: Any, args: Any, kwargs: Mapping[str, Any], trace: BudgetedTrace) -> Any:
    """Return NumPy's own function of the plain object arrays: views stay views, and operations are the numbers' own."""
    if function in _IN_PLACE:
        return _written(function, args, kwargs, trace)
    trace.spend(sum(a.size for a in args if isinstance(a, np.ndarray)))
    before = len(trace.floats)
    try:
        found = function(*stripped(args, trace), **{k: stripped(v, trace) for k, v in kwargs.items()})
    except Untraceable:
        raise
    except (TypeError, AttributeError) as error:
        trace.refuse(f"np.{_name(function)} has no counterpart in ball arithmetic ({error})")
    if len(trace.floats) > before:
        trace.refuse(f"np.{_name(function)} turns numbers into floats")
    return dressed(found, trace)


def _written(function: Any, args: Any, kwargs: Mapping[str, Any], trace: BudgetedTrace) -> None:
    target, *others = args
    if not isinstance(target, np.ndarray) or np.ndarray.dtype.__get__(target).kind != "O":
        trace.refuse(f"np.{_name(function)} writes into an array of plain numbers")
    values = [stripped(o, trace) for o in others]
    bare = plain(target) if isinstance(target, Traced) else target
    function(bare, *values, **{k: stripped(v, trace) for k, v in kwargs.items()})
    bare[...] = lifted(bare, trace)


def stripped(x: Any, trace: BudgetedTrace) -> Any:
    """Return plain object arrays for arrays and numbers of the run, in lists too; anything else as it is."""
    if isinstance(x, Traced):
        return plain(x)
    if isinstance(x, list | tuple):
        return type(x)(stripped(e, trace) for e in x) if not hasattr(x, "_fields") else x
    return lifted(x, trace) if type(x) is Number else x


def dressed(found: Any, trace: BudgetedTrace) -> Any:
    """Return arrays of the run for plain object arrays, in lists too; anything else as it is."""
    if isinstance(found, list | tuple):
        return type(found)(dressed(e, trace) for e in found) if not hasattr(found, "_fields") else found
    if isinstance(found, np.ndarray) and found.dtype == object:
        return np.ndarray.view(lifted(found, trace), Traced)
    return found
