"""NumPy's and SciPy's elementwise functions over numbers of the run, by the names of their ufuncs."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from flint import arb

from gradproof.verify.balls.heads import SMOOTH
from gradproof.verify.balls.number import Number

#: What does not fit into a float64 is an infinity there.
_LARGEST = arb(2) ** 1024


def _smooth(name: str) -> Callable[[Number], Number]:
    return lambda a: a.apply(name)


def _hypot(a: Number, b: Number) -> Number:
    return (a * a + b * b).apply("sqrt")


def _logaddexp(a: Number, b: Number) -> Number:
    larger, smaller = (a, b) if a.value.mid() >= b.value.mid() else (b, a)
    return larger + (smaller - larger).apply("exp").apply("log1p")


def _logaddexp2(a: Number, b: Number) -> Number:
    two = arb(2).log()
    return _logaddexp(a * two, b * two) * (1 / two)


def _arctan2(y: Number, x: Number) -> Number:
    below = x.value * x.value + y.value * y.value
    turned = y * y.constant(x.value / below) - x * y.constant(y.value / below)
    return Number(arb.atan2(y.value, x.value), y.trace, turned.slope)


def _clip(a: Number, low: Number, high: Number) -> Number:
    return a.maximum(low).minimum(high)


def _fmax(a: Number, b: Number) -> Number:
    return b if a.value.is_nan() else a if b.value.is_nan() else a.maximum(b)


def _fmin(a: Number, b: Number) -> Number:
    return b if a.value.is_nan() else a if b.value.is_nan() else a.minimum(b)


def _fmod(a: Number, b: Number) -> Number:
    return a - (a / b).trunc() * b


def _heaviside(a: Number, at_zero: Number) -> Number:
    return a.constant(1) if a > 0 else a.constant(0) if a < 0 else at_zero


def _copysign(a: Number, b: Number) -> Number:
    return -abs(a) if b < 0 else abs(a)


def _ldexp(a: Number, b: Number) -> Number:
    return a * a.constant(arb(2) ** b.value)


# ---------------------------------------------------------------- scipy.special


def _xlogy(x: Number, y: Number) -> Number:
    if not x.value.is_zero():
        return x * y.apply("log")
    slope = None if x.slope is None else x.slope * y.value.log()
    return Number(x.value, x.trace, slope)


def _xlog1py(x: Number, y: Number) -> Number:
    return _xlogy(x, 1 + y)


def _rel_entr(x: Number, y: Number) -> Number:
    if x.value.is_zero() and x.slope is None:
        return x.constant(0)
    return x * (x / y).apply("log")


def _kl_div(x: Number, y: Number) -> Number:
    return _rel_entr(x, y) - x + y


def _betaln(a: Number, b: Number) -> Number:
    return a.apply("gammaln") + b.apply("gammaln") - (a + b).apply("gammaln")


def _huber(delta: Number, r: Number) -> Number:
    size = abs(r)
    return r * r * 0.5 if size <= delta else delta * (size - delta * 0.5)


def _pseudo_huber(delta: Number, r: Number) -> Number:
    ratio = r / delta
    return delta * delta * ((1 + ratio * ratio).apply("sqrt") - 1)


def _boxcox(x: Number, power: Number) -> Number:
    if power.value.is_zero():
        return x.apply("log")
    return (x**power - 1) / power


def _inv_boxcox(y: Number, power: Number) -> Number:
    return y.apply("exp") if power.value.is_zero() else (y * power + 1) ** (1 / power)


#: NumPy's (and SciPy's) ufuncs by name.
ELEMENTWISE: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        **{name: _smooth(name) for name in SMOOTH},
        "degrees": _smooth("rad2deg"),
        "radians": _smooth("deg2rad"),
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
        "true_divide": lambda a, b: a / b,
        "floor_divide": lambda a, b: a // b,
        "remainder": lambda a, b: a % b,
        "mod": lambda a, b: a % b,
        "fmod": _fmod,
        "power": lambda a, b: a**b,
        "float_power": lambda a, b: a**b,
        "negative": lambda a: -a,
        "positive": lambda a: a,
        "conjugate": lambda a: a,
        "absolute": abs,
        "fabs": abs,
        "sign": lambda a: a.sign(),
        "floor": lambda a: a.floor(),
        "ceil": lambda a: a.ceil(),
        "rint": lambda a: a.rint(),
        "trunc": lambda a: a.trunc(),
        "maximum": lambda a, b: a.maximum(b),
        "minimum": lambda a, b: a.minimum(b),
        "fmax": _fmax,
        "fmin": _fmin,
        "clip": _clip,
        "hypot": _hypot,
        "arctan2": _arctan2,
        "copysign": _copysign,
        "ldexp": _ldexp,
        "logaddexp": _logaddexp,
        "logaddexp2": _logaddexp2,
        "heaviside": _heaviside,
        "xlogy": _xlogy,
        "xlog1py": _xlog1py,
        "rel_entr": _rel_entr,
        "kl_div": _kl_div,
        "betaln": _betaln,
        "beta": lambda a, b: _betaln(a, b).apply("exp"),
        "huber": _huber,
        "pseudo_huber": _pseudo_huber,
        "boxcox": _boxcox,
        "inv_boxcox": _inv_boxcox,
    }
)


def is_finite(a: Number) -> bool:
    """Is the number finite as a float64 would be?"""
    return bool(a.value.is_finite()) and bool(abs(a.value.mid()) < _LARGEST)


def _is_infinite(a: Number) -> bool:
    return not a.value.is_nan() and not is_finite(a)


#: Those that answer yes or no.
PREDICATES: MappingProxyType[str, Callable[..., bool]] = MappingProxyType(
    {
        "greater": lambda a, b: bool(a > b),
        "greater_equal": lambda a, b: bool(a >= b),
        "less": lambda a, b: bool(a < b),
        "less_equal": lambda a, b: bool(a <= b),
        "equal": lambda a, b: bool(a == b),
        "not_equal": lambda a, b: bool(a != b),
        "isfinite": is_finite,
        "isnan": lambda a: bool(a.value.is_nan()),
        "isinf": _is_infinite,
        "signbit": lambda a: bool(a < 0),
        "logical_not": lambda a: not a,
        "logical_and": lambda a, b: bool(a) and bool(b),
        "logical_or": lambda a, b: bool(a) or bool(b),
        "logical_xor": lambda a, b: bool(a) != bool(b),
    }
)

#: Those with two results.
PAIRS: MappingProxyType[str, tuple[Callable[..., Any], Callable[..., Any]]] = MappingProxyType(
    {
        "divmod": (lambda a, b: a // b, lambda a, b: a % b),
        "modf": (lambda a: a - a.trunc(), lambda a: a.trunc()),
    }
)
