"""Functions of `math` and of `scipy.special` that are no ufuncs, over numbers of the run."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb

from gradproof.verify.balls.elementary import ELEMENTWISE, is_finite
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.traced import array_of, has_numbers, lift, trace_of, when_of_run

#: math's functions of numbers, by the names of the ufuncs that they are.
_MATH = MappingProxyType(
    {
        "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan",
        "atan2": "arctan2", "atanh": "arctanh", "cbrt": "cbrt", "copysign": "copysign", "cos": "cos", "cosh": "cosh",
        "degrees": "rad2deg", "erf": "erf", "erfc": "erfc", "exp": "exp", "exp2": "exp2", "expm1": "expm1",
        "fabs": "absolute", "fmod": "fmod", "gamma": "gamma", "ldexp": "ldexp", "lgamma": "gammaln",
        "log10": "log10", "log1p": "log1p", "log2": "log2", "pow": "power", "radians": "deg2rad", "sin": "sin",
        "sinh": "sinh", "sqrt": "sqrt", "tan": "tan", "tanh": "tanh",
    }
)  # fmt: skip


def _number(x: Any) -> Any:
    """Return the single number that an array of one entry holds, as float() would."""
    if isinstance(x, np.ndarray) and x.size == 1:
        return x.reshape(-1)[0]
    return x


def _of_math(original: Callable[..., Any], name: str) -> Callable[..., Any]:
    function = ELEMENTWISE[name]

    def call(*given: Any) -> Any:
        xs = [_number(x) for x in given]
        if not any(type(x) is Number for x in xs):
            return original(*given)
        # math raises where NumPy returns NaN or an infinity; the user's code may count on it.
        original(*[x.middle() if type(x) is Number else x for x in xs])
        trace = trace_of(xs)
        trace.spend(1)
        return function(*[lift(x, trace) for x in xs])

    return call


def _log(x: Any, *base: Any) -> Any:
    numbers = [_number(v) for v in (x, *base)]
    if not any(type(v) is Number for v in numbers):
        return math.log(x, *base)
    math.log(*[v.middle() if type(v) is Number else v for v in numbers])
    trace = trace_of(numbers)
    logs = [lift(v, trace).apply("log") for v in numbers]
    return logs[0] / logs[1] if base else logs[0]


def _fsum(values: Any) -> Any:
    numbers = list(values)
    return sum(numbers) if has_numbers(numbers) else math.fsum(numbers)


def _prod(values: Any, *, start: Any = 1) -> Any:
    found = start
    for v in values:
        found = found * v
    return found


def _hypot(*values: Any) -> Any:
    numbers = [_number(v) for v in values]
    if not any(type(v) is Number for v in numbers):
        return math.hypot(*values)
    return ELEMENTWISE["sqrt"](lift(sum(v * v for v in numbers), trace_of(numbers)))


def _dist(p: Any, q: Any) -> Any:
    return _hypot(*[a - b for a, b in zip(p, q, strict=True)])


def _is(original: Callable[..., bool], predicate: Callable[[Number], bool]) -> Callable[..., bool]:
    def call(x: Any) -> bool:
        number = _number(x)
        return predicate(number) if type(number) is Number else original(x)

    return call


def _isclose(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> bool:
    if type(a) is not Number and type(b) is not Number:
        return math.isclose(a, b, rel_tol=rel_tol, abs_tol=abs_tol)
    bound = max(rel_tol * max(abs(a), abs(b)), abs_tol)
    return bool(abs(a - b) <= bound)


#: In place of math's own.
MATH: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        **{name: _of_math(getattr(math, name), ufunc) for name, ufunc in _MATH.items() if hasattr(math, name)},
        "log": _log,
        "fsum": _fsum,
        "prod": _prod,
        "hypot": _hypot,
        "dist": _dist,
        "isclose": _isclose,
        "isfinite": _is(math.isfinite, is_finite),
        "isnan": _is(math.isnan, lambda a: bool(a.value.is_nan())),
        "isinf": _is(math.isinf, lambda a: not a.value.is_nan() and not is_finite(a)),
    }
)


# ---------------------------------------------------------------- scipy.special


def _array(x: Any) -> Any:
    return x if isinstance(x, np.ndarray) else array_of(x, trace_of([x]))


def _logsumexp(
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    x = _array(a)
    if return_sign:
        trace_of([x]).refuse("logsumexp with return_sign")
    largest = _largest(x, axis)
    terms = np.exp(x - largest) if b is None else b * np.exp(x - largest)
    found = np.log(np.sum(terms, axis=axis, keepdims=True)) + largest
    return found if keepdims else np.reshape(found, ())[()] if axis is None else np.squeeze(found, axis=axis)


def _largest(x: Any, axis: Any) -> Any:
    """Return constants near the largest entries: what is taken out and put back has no derivative, so no kink."""
    middles = np.vectorize(lambda e: e.middle(), otypes=[float])(np.ndarray.view(x, np.ndarray))
    found = np.max(middles, axis=axis, keepdims=True)
    return np.where(np.isfinite(found), np.rint(found), 0.0)


def _softmax(x: Any, axis: Any = None) -> Any:
    array = _array(x)
    terms = np.exp(array - _largest(array, axis))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    return _array(x) - _logsumexp(x, axis, keepdims=True)


def _polygamma(n: Any, x: Any) -> Any:
    order = int(n)
    if order == 0:
        return _entries(x, lambda v: v.apply("psi"))
    sign = (-1) ** (order + 1)
    factor = arb(math.factorial(order)) * sign

    def at(v: Number) -> Number:
        value = factor * arb(order + 1).zeta(v.value)
        return v.chain(value, -factor * (order + 1) * arb(order + 2).zeta(v.value))

    return _entries(x, at)


def _entries(x: Any, function: Callable[[Number], Number]) -> Any:
    if type(x) is Number:
        return function(x)
    array = _array(x)
    found = [function(v) for v in np.ndarray.view(array, np.ndarray).reshape(-1).tolist()]
    return np.reshape(array_of(found, trace_of([x])), array.shape)


_SPECIAL: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {"logsumexp": _logsumexp, "softmax": _softmax, "log_softmax": _log_softmax, "polygamma": _polygamma}
)


def special(module: Any) -> dict[str, Callable[..., Any]]:
    """Return what stands in place of functions of `scipy.special`, which is given: it may not be installed."""
    return {n: when_of_run(getattr(module, n), f) for n, f in _SPECIAL.items() if hasattr(module, n)}
