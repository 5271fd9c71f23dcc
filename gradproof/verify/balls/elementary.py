"""NumPy's and SciPy's elementwise functions over balls, by the names of their ufuncs."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from flint import arb

from gradproof.derive.interpret.ball import Ball
from gradproof.derive.interpret.heads import HEADS


def _head(name: str) -> Callable[[Ball], Ball]:
    return lambda a: a.apply(name)


def _hypot(a: Ball, b: Ball) -> Ball:
    return (a * a + b * b).apply("sqrt")


def _logaddexp(a: Ball, b: Ball) -> Ball:
    larger, smaller = (a, b) if a.value.mid() >= b.value.mid() else (b, a)
    return larger + (smaller - larger).apply("exp").apply("log1p")


def _arctan2(y: Ball, x: Ball) -> Ball:
    below = x.value * x.value + y.value * y.value
    turned = y * Ball(x.value / below, y.trace) - x * Ball(y.value / below, y.trace)
    return Ball(arb.atan2(y.value, x.value), y.trace, turned.slope)


def _clip(a: Ball, low: Ball, high: Ball) -> Ball:
    return a.maximum(low).minimum(high)


def _expit(a: Ball) -> Ball:
    return 1 / (1 + (-a).apply("exp"))


def _remainder(a: Ball, b: Ball) -> Ball:
    return a - (a / b).floor() * b


def _heaviside(a: Ball, at_zero: Ball) -> Ball:
    return a.lift(1.0) if a > 0 else a.lift(0.0) if a < 0 else at_zero


#: NumPy's (and SciPy's) ufuncs by name, over balls.
ELEMENTWISE: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        **{name: _head(name) for name in HEADS},
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
        "true_divide": lambda a, b: a / b,
        "floor_divide": lambda a, b: (a / b).floor(),
        "remainder": _remainder,
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
        "trunc": lambda a: a.floor() if a > 0 else a.ceil(),
        "maximum": lambda a, b: a.maximum(b),
        "minimum": lambda a, b: a.minimum(b),
        "fmax": lambda a, b: a.maximum(b),
        "fmin": lambda a, b: a.minimum(b),
        "clip": _clip,
        "hypot": _hypot,
        "arctan2": _arctan2,
        "logaddexp": _logaddexp,
        "heaviside": _heaviside,
        "expit": _expit,
        "gammaln": _head("lgamma"),
    }
)

#: Those that answer yes or no.
PREDICATES: MappingProxyType[str, Callable[..., bool]] = MappingProxyType(
    {
        "greater": lambda a, b: a > b,
        "greater_equal": lambda a, b: a >= b,
        "less": lambda a, b: a < b,
        "less_equal": lambda a, b: a <= b,
        "equal": lambda a, b: a == b,
        "not_equal": lambda a, b: a != b,
        "isfinite": lambda a: bool(a.value.is_finite()),
        "isnan": lambda a: bool(a.value.is_nan()),
        "isinf": lambda a: not a.value.is_finite() and not a.value.is_nan(),
        "signbit": lambda a: a < 0,
        "logical_not": lambda a: not a,
        "logical_and": lambda a, b: bool(a) and bool(b),
        "logical_or": lambda a, b: bool(a) or bool(b),
    }
)
