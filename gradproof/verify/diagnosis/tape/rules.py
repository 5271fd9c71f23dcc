"""Derivatives of NumPy's ufuncs, for numbers in arrays: one row for each operand."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from gradproof.verify.diagnosis.tape.record import Array

#: NumPy's own, whatever stands in their place while a function runs on a tape.
_ones_like, _zeros_like = np.ones_like, np.zeros_like
#: (result, operands) -> derivative.
Rule = Callable[..., Array]


def _power_base(y: Array, a: Array, b: Array) -> Array:
    del y
    return np.where(b == 0, 0.0, b * np.power(a, np.where(b == 0, 1.0, b - 1)))


def _power_exponent(y: Array, a: Array, b: Array) -> Array:
    del b
    return np.where(a > 0, y * np.log(np.where(a > 0, a, 1.0)), 0.0)


_ONE: Rule = lambda y, *_: _ones_like(y)  # noqa: E731
_LN2, _LN10 = math.log(2), math.log(10)

RULES: MappingProxyType[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "add": (_ONE, _ONE),
        "subtract": (_ONE, lambda y, *_: -_ones_like(y)),
        "multiply": (lambda y, a, b: b + 0 * y, lambda y, a, b: a + 0 * y),
        "divide": (lambda y, a, b: 1 / b + 0 * y, lambda y, a, b: -y / b),
        "power": (_power_base, _power_exponent),
        "float_power": (_power_base, _power_exponent),
        "negative": (lambda y, a: -_ones_like(y),),
        "positive": (_ONE,),
        "conjugate": (_ONE,),
        "exp": (lambda y, a: y,),
        "exp2": (lambda y, a: y * _LN2,),
        "expm1": (lambda y, a: y + 1,),
        "log": (lambda y, a: 1 / a,),
        "log2": (lambda y, a: 1 / (a * _LN2),),
        "log10": (lambda y, a: 1 / (a * _LN10),),
        "log1p": (lambda y, a: 1 / (1 + a),),
        "sqrt": (lambda y, a: 0.5 / y,),
        "cbrt": (lambda y, a: y / (3 * a),),
        "square": (lambda y, a: 2 * a,),
        "reciprocal": (lambda y, a: -y * y,),
        "sin": (lambda y, a: np.cos(a),),
        "cos": (lambda y, a: -np.sin(a),),
        "tan": (lambda y, a: 1 + y * y,),
        "arcsin": (lambda y, a: 1 / np.sqrt(1 - a * a),),
        "arccos": (lambda y, a: -1 / np.sqrt(1 - a * a),),
        "arctan": (lambda y, a: 1 / (1 + a * a),),
        "arctan2": (lambda y, a, b: b / (a * a + b * b), lambda y, a, b: -a / (a * a + b * b)),
        "sinh": (lambda y, a: np.cosh(a),),
        "cosh": (lambda y, a: np.sinh(a),),
        "tanh": (lambda y, a: 1 - y * y,),
        "arcsinh": (lambda y, a: 1 / np.sqrt(1 + a * a),),
        "arctanh": (lambda y, a: 1 / (1 - a * a),),
        "absolute": (lambda y, a: np.sign(a),),
        "fabs": (lambda y, a: np.sign(a),),
        "sign": (lambda y, a: _zeros_like(y),),
        "floor": (lambda y, a: _zeros_like(y),),
        "ceil": (lambda y, a: _zeros_like(y),),
        "rint": (lambda y, a: _zeros_like(y),),
        "maximum": (lambda y, a, b: (a >= b) * 1.0, lambda y, a, b: (a < b) * 1.0),
        "minimum": (lambda y, a, b: (a <= b) * 1.0, lambda y, a, b: (a > b) * 1.0),
        "fmax": (lambda y, a, b: (a >= b) * 1.0, lambda y, a, b: (a < b) * 1.0),
        "fmin": (lambda y, a, b: (a <= b) * 1.0, lambda y, a, b: (a > b) * 1.0),
        "clip": (
            lambda y, a, low, high: ((a >= low) & (a <= high)) * 1.0,
            lambda y, a, low, high: (a < low) * 1.0,
            lambda y, a, low, high: (a > high) * 1.0,
        ),
        "hypot": (lambda y, a, b: a / y, lambda y, a, b: b / y),
        "logaddexp": (lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y)),
        "expit": (lambda y, a: y * (1 - y),),
        "erf": (lambda y, a: 2 / math.sqrt(math.pi) * np.exp(-a * a),),
        "log_expit": (lambda y, a: 1 - np.exp(y),),
    }
)
#: Operations that are linear in what is on the tape: no derivative of theirs can be forgotten.
LINEAR = frozenset(
    {"add", "subtract", "negative", "positive", "conjugate", "matmul", "sum", "where", "getitem", "cumsum"}
)
