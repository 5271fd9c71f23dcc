# ruff: noqa: PLR0917  # arguments by position are in NumPy's order
"""np.mean, var, median and their like, written with the operations that they stand for.

Each takes an array of the user's kind (or what `array_of` makes one of) and NumPy's own arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.sorting import sort
from gradproof.verify.balls.traced import Array, array_of, stored, trace_of


def _array(x: Any) -> Any:
    return array_of(x, trace_of([x]))


def _count(x: Any, axis: Any, where: Any) -> Any:
    """Return over how many entries an axis (all of them for None) goes; an array where a mask counts."""
    if where is not True:
        return np.sum(np.broadcast_to(where, x.shape), axis=axis, keepdims=True)
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    return math.prod(x.shape[int(a)] for a in axes)


def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """Return sum / count."""
    x = _array(a)
    total = np.sum(x, axis=axis, dtype=dtype, keepdims=True, where=where)
    found = total / _count(x, axis, where)
    return stored(_squeezed(found, axis, keepdims), out)


def _squeezed(x: Any, axis: Any, keepdims: Any) -> Any:
    if keepdims is True:
        return x
    return np.reshape(x, ())[()] if axis is None else np.squeeze(x, axis=axis)


def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
    *, where: Any = True, correction: Any = None, **given: Any,
) -> Any:  # fmt: skip
    """Return sum((a - mean)^2) / (count - ddof)."""
    x = _array(a)
    middle = given["mean"] if "mean" in given else mean(x, axis, dtype, None, keepdims=True, where=where)
    apart = x - middle
    total = np.sum(apart * apart, axis=axis, keepdims=True, where=where)
    found = total / (_count(x, axis, where) - (ddof if correction is None else correction))
    return stored(_squeezed(found, axis, keepdims), out)


def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, **rest: Any
) -> Any:
    """Return sqrt(var)."""
    return stored(np.sqrt(var(a, axis, dtype, None, ddof, keepdims, **rest)), out)


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """Return sum(a * weights) / sum(weights)."""
    x = _array(a)
    if weights is None:
        found, total = mean(x, axis, keepdims=keepdims), _count(x, axis, True)
    else:
        w = np.asarray(weights) if not isinstance(weights, np.ndarray) else weights
        if w.shape != x.shape:
            w = np.expand_dims(w, tuple(k for k in range(x.ndim) if k != axis % x.ndim))
        total = np.sum(w * np.ones(x.shape), axis=axis, keepdims=keepdims)
        found = np.sum(x * w, axis=axis, keepdims=keepdims) / total
    return (found, np.broadcast_to(total, np.shape(found))) if returned else found


def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Return max - min."""
    x = _array(a)
    return stored(np.max(x, axis=axis, keepdims=keepdims) - np.min(x, axis=axis, keepdims=keepdims), out)


def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:  # noqa: ARG001
    """Return the middle of the sorted entries."""
    return quantile(a, 0.5, axis, out, keepdims=keepdims)


def quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,  # noqa: ARG001
    method: str = "linear", keepdims: Any = False, **rest: Any,
) -> Any:  # fmt: skip
    """Return the quantile between the two nearest of the sorted entries."""
    x = _array(a)
    if method != "linear" or rest.get("weights") is not None or isinstance(axis, tuple):
        trace_of([x]).refuse(f"np.quantile with method={method!r}, several axes or weights")
    if np.ndim(q):
        return stored(np.stack([quantile(x, one, axis, keepdims=keepdims) for one in q]), out)
    flat = np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1)
    found = _between(sort(flat), Fraction(q) * (flat.shape[-1] - 1))
    if keepdims is True:
        found = np.reshape(found, (1,) * x.ndim) if axis is None else np.expand_dims(found, axis)
    return stored(found, out)


def _between(ordered: Any, position: Fraction) -> Any:
    low = math.floor(position)
    share = position - low
    return ordered[..., low] if not share else ordered[..., low] * (1 - share) + ordered[..., low + 1] * share


def percentile(a: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the quantile q / 100."""
    share = [Fraction(float(one)) / 100 for one in q] if np.ndim(q) else Fraction(float(q)) / 100
    return quantile(a, share, *args, **kwargs)


# ---------------------------------------------------------------- without NaNs


def _known(x: Any, filling: float) -> tuple[Any, Array]:
    seen = ~np.isnan(x)
    return np.where(seen, x, filling), seen


def _nan_reduction(function: Callable[..., Any], filling: float) -> Callable[..., Any]:
    def reduction(a: Any, axis: Any = None, **options: Any) -> Any:
        known, _ = _known(_array(a), filling)
        return function(known, axis=axis, **options)

    return reduction


def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Return the mean of the entries that are no NaN."""
    known, seen = _known(_array(a), 0.0)
    return mean(known, axis, dtype, out, keepdims, where=seen)


def nanvar(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    """Return the variance of the entries that are no NaN."""
    known, seen = _known(_array(a), 0.0)
    return var(known, axis, dtype, out, ddof, keepdims, where=seen)


def nanstd(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    """Return the standard deviation of the entries that are no NaN."""
    return stored(np.sqrt(nanvar(a, axis, dtype, None, ddof, keepdims)), out)


# ---------------------------------------------------------------- two variables


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, **rest: Any) -> Any:
    """Return the covariance of rows (or columns)."""
    if any(v is not None for v in rest.values()):
        trace_of([m]).refuse("np.cov with weights")
    x = np.atleast_2d(_array(m))
    x = x if rowvar or x.shape[0] == 1 else x.T
    if y is not None:
        other = np.atleast_2d(_array(y))
        x = np.concatenate([x, other if rowvar or other.shape[0] == 1 else other.T])
    apart = x - mean(x, 1, keepdims=True)
    off = (0 if bias else 1) if ddof is None else ddof
    return np.squeeze(np.matmul(apart, apart.T) / (x.shape[1] - off))


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, **_: Any) -> Any:
    """Return the correlation of rows (or columns)."""
    c = np.atleast_2d(cov(x, y, rowvar))
    scale = np.sqrt(np.diagonal(c))
    return np.squeeze(c / scale[:, None] / scale[None, :])


STATISTICS: MappingProxyType[Callable[..., Any], Callable[..., Any]] = MappingProxyType(
    {
        np.mean: mean,
        np.var: var,
        np.std: std,
        np.average: average,
        np.ptp: ptp,
        np.median: median,
        np.quantile: quantile,
        np.percentile: percentile,
        np.nansum: _nan_reduction(np.sum, 0.0),
        np.nanprod: _nan_reduction(np.prod, 1.0),
        np.nanmax: _nan_reduction(np.max, -math.inf),
        np.nanmin: _nan_reduction(np.min, math.inf),
        np.nanargmax: _nan_reduction(np.argmax, -math.inf),
        np.nanargmin: _nan_reduction(np.argmin, math.inf),
        np.nanmean: nanmean,
        np.nanvar: nanvar,
        np.nanstd: nanstd,
        np.cov: cov,
        np.corrcoef: corrcoef,
    }
)
