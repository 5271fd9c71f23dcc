"""The rest of NumPy that computes: clip, round, gradient, interp, convolve, bincount, functions along an axis."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.traced import Traced, array_of, filled, lift, plain, trace_of

_NO_VALUE = np._NoValue  # noqa: SLF001


def _array(x: Any) -> Any:
    return array_of(x, trace_of([x]))


def clip(a: Any, a_min: Any = _NO_VALUE, a_max: Any = _NO_VALUE, out: Any = None, **rest: Any) -> Any:
    """Return min(max(a, low), high); a bound of None is no bound."""
    low, high = rest.get("min", a_min), rest.get("max", a_max)
    found = a if type(a).__name__ == "Number" else _clip_source(a, low, high)
    if low is not None and low is not _NO_VALUE:
        found = np.maximum(found, low)
    if high is not None and high is not _NO_VALUE:
        found = np.minimum(found, high)
    if out is None:
        return found
    out[...] = found
    return out


def _clip_source(a: Any, low: Any, high: Any) -> Any:
    return a if isinstance(a, np.ndarray) else array_of(a, trace_of([a, low, high]))


def round_(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """Return the nearest integers: steps, of derivative 0. Decimals are refused: their steps hide the function."""
    if decimals:
        trace_of([a]).refuse(f"numbers are rounded to {decimals} decimals: steps that hide the function")
    found = np.rint(a)
    if out is None:
        return found
    out[...] = found
    return out


def gradient(f: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Return np.gradient for even spacing: central differences, one-sided at the ends."""
    x = _array(f)
    axes = list(range(x.ndim)) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    steps = [1.0] * len(axes) if not spacing else list(spacing) * (len(axes) if len(spacing) == 1 else 1)
    if edge_order != 1 or any(np.ndim(s) for s in steps):
        trace_of([x]).refuse("np.gradient with uneven spacing or edge_order=2")
    found = [_central(x, s, a) for a, s in zip(axes, steps, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _central(x: Any, step: Any, axis: int) -> Any:
    rows = np.moveaxis(x, axis, 0)
    inner = (rows[2:] - rows[:-2]) / (2.0 * step)
    ends = [(rows[1:2] - rows[:1]) / step, (rows[-1:] - rows[-2:-1]) / step]
    return np.moveaxis(np.concatenate([ends[0], inner, ends[1]]), 0, axis)


def interp(  # noqa: PLR0917  # NumPy's own order
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Return the broken line through (xp, fp) at x."""
    trace = trace_of([x, xp, fp])
    if period is not None:
        trace.refuse("np.interp with period=")
    knots, heights = array_of(xp, trace), array_of(fp, trace)
    ends = (heights[0] if left is None else left, heights[-1] if right is None else right)
    at = array_of(x, trace)
    found = [_broken_line(v, knots, heights, ends) for v in plain(at).reshape(-1).tolist()]
    return np.reshape(array_of(found, trace), at.shape)[()]


def _broken_line(x: Any, knots: Any, heights: Any, ends: tuple[Any, Any]) -> Any:
    if x < knots[0]:
        return ends[0]
    if x > knots[-1]:
        return ends[1]
    k = min(int(np.searchsorted(knots, x, side="right")) - 1, len(knots) - 2)
    if x == knots[k]:
        return heights[k] + (x - knots[k]) * (heights[k + 1] - heights[k]) / (knots[k + 1] - knots[k])
    return heights[k] + (heights[k + 1] - heights[k]) / (knots[k + 1] - knots[k]) * (x - knots[k])


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Return sum over j of a[j] v[k - j]."""
    first, second = _pair(a, v)
    if len(second) > len(first):
        first, second = second, first
    n, m = len(first), len(second)
    padded = np.concatenate([np.zeros(m - 1), first, np.zeros(m - 1)])
    windows = np.lib.stride_tricks.sliding_window_view(np.arange(n + 2 * (m - 1)), m)
    full = padded[windows] @ second[::-1]
    return _part(full, n, m, mode)


def _part(full: Any, n: int, m: int, mode: str) -> Any:
    if mode == "same":
        start = (m - 1) // 2
        return full[start : start + n]
    return full[m - 1 : n] if mode == "valid" else full


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Return sum over j of a[j + k] v[j]."""
    first, second = _pair(a, v)
    if mode == "same" and len(second) > len(first):
        trace_of([first]).refuse("np.correlate with mode='same' and a longer second array")
    found = convolve(first, second[::-1], mode)
    return found[::-1] if len(second) > len(first) else found


def _pair(a: Any, v: Any) -> tuple[Any, Any]:
    trace = trace_of([a, v])
    return array_of(a, trace), array_of(v, trace)


def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Return for each value of x the sum of the weights at its places."""
    if weights is None:
        trace_of([x]).refuse("np.bincount of real numbers")
    places = np.asarray(x)
    trace = trace_of([weights])
    out = filled(max(minlength, int(places.max(initial=-1)) + 1), lift(0, trace)).view(Traced)
    np.add.at(out, places, array_of(weights, trace))
    return out


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the results of a function of every row along an axis."""
    x = np.moveaxis(_array(arr), axis, -1)
    found = [func1d(x[place], *args, **kwargs) for place in np.ndindex(x.shape[:-1])]
    out = np.reshape(np.stack([np.asanyarray(f) for f in found]), x.shape[:-1] + np.shape(found[0]))
    made = out if isinstance(out, Traced) or out.dtype != object else array_of(out, trace_of([x]))
    extra = np.ndim(found[0])
    axis = axis % arr.ndim
    return np.moveaxis(made, range(-extra, 0), range(axis, axis + extra)) if extra else made


def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """Return in which of the bins between increasing edges the entries lie."""
    if not np.all(bins[1:] >= bins[:-1]):
        trace_of([x, bins]).refuse("np.digitize with decreasing bins")
    return np.searchsorted(bins, x, side="left" if right else "right")


def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return how many entries are not 0."""
    return np.sum(_array(a) != 0, axis=axis, keepdims=keepdims)


def result_type(*things: Any) -> Any:
    """Return float64, which numbers of the run stand for, with the dtypes of the others."""
    return np.result_type(
        np.float64, *[t for t in things if not isinstance(t, Traced) and type(t).__name__ != "Number"]
    )


def is_close(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Return |a - b| <= atol + rtol |b|."""
    both = np.isnan(a) & np.isnan(b) if equal_nan else False
    return (np.abs(a - b) <= atol + rtol * np.abs(b)) | both


CALCULUS: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {
        np.clip: clip,
        np.round: round_,
        np.around: round_,
        np.gradient: gradient,
        np.interp: interp,
        np.convolve: convolve,
        np.correlate: correlate,
        np.bincount: bincount,
        np.apply_along_axis: apply_along_axis,
        np.count_nonzero: count_nonzero,
        np.result_type: result_type,
        np.isclose: is_close,
        np.allclose: lambda a, b, *args, **kwargs: bool(np.all(is_close(a, b, *args, **kwargs))),
        np.array_equal: lambda a, b, **_: np.shape(a) == np.shape(b) and bool(np.all(np.equal(a, b))),
        np.isposinf: lambda x, out=None: np.isinf(x) & (x > 0),
        np.isneginf: lambda x, out=None: np.isinf(x) & (x < 0),
        np.digitize: digitize,
        np.i0: lambda x: _entrywise("i0", x),
        np.isscalar: lambda _: True,
        np.real: lambda x: x,
        np.imag: lambda x: np.zeros(np.shape(x)),
        np.isreal: lambda x: np.ones(np.shape(x), dtype=bool),
        np.iscomplex: lambda x: np.zeros(np.shape(x), dtype=bool),
        np.iscomplexobj: lambda _: False,
        np.isrealobj: lambda _: True,
        np.shape: lambda x: x.shape,
        np.ndim: lambda x: x.ndim,
        np.size: lambda x, axis=None: x.size if axis is None else x.shape[axis],
        np.nan_to_num: lambda x, *_, **__: _finite(x),
    }
)


def _entrywise(name: str, x: Any) -> Any:
    return np.frompyfunc(lambda v: v.apply(name), 1, 1)(x)


def _finite(x: Any) -> Any:
    """Return x where it is finite, as nan_to_num does; what is not is refused, for it hides a lost derivative."""
    if not np.all(np.isfinite(x)):
        trace_of([x]).refuse("np.nan_to_num of what is not finite")
    return x
