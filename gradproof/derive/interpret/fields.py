"""The number fields of the interpreter: float64 arrays, and object arrays of balls, dual balls or running errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from flint import arb, fmpq

from gradproof.derive.interpret.ball import Ball, Trace, exact
from gradproof.derive.interpret.heads import HEADS

Array = np.ndarray[Any, np.dtype[Any]]

_ERF = np.vectorize(math.erf, otypes=[float])


def _sigmoid(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + small), small / (1 + small))


#: Elementwise functions that NumPy has, or that overflow when computed by their definition in floats.
_FLOAT: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt,
        "sin": np.sin, "cos": np.cos, "tan": np.tan, "arctan": np.arctan,
        "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "erf": _ERF,
        "abs": np.abs, "sign": np.sign, "floor": np.floor, "stop": np.asarray, "max": np.maximum, "min": np.minimum,
        "clip": lambda a, low, high: np.minimum(np.maximum(a, low), high),
        "sigmoid": _sigmoid, "softplus": lambda a: np.logaddexp(0.0, a),
    }
)  # fmt: skip

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "same": lambda a, b: a == b, "differs": lambda a, b: a != b}
)


class Field(Protocol):
    """What the interpreter asks of its numbers; arrays are NumPy's, of `dtype`."""

    @property
    def dtype(self) -> Any: ...

    @property
    def strict(self) -> bool:
        """Is a value that is not there refused, as 1/0 and a maximum over nothing?"""

    def lift(self, values: Any) -> Array:
        """Return floats or integers as an array of this field."""

    def rational(self, numerator: int, denominator: int) -> Array: ...

    def pi(self) -> Array: ...

    def power(self, base: Array, exponent: Array) -> Array: ...

    def has(self, name: str) -> bool:
        """Is the elementwise function computed directly (and not by its definition)?"""

    def call(self, name: str, arguments: Sequence[Array]) -> Array: ...

    def compare(self, kind: str, a: Array, b: Array) -> Array: ...

    def unknown(self, call: Callable[..., Any], slope: Callable[..., Any] | None, arguments: Sequence[Array]) -> Array:
        """Return an unknown function's value; `slope` is its derivative."""


@dataclass(frozen=True)
class Float64:
    """IEEE double precision, by NumPy; `strict` refuses what has no finite value where its arguments have."""

    dtype: Any = np.float64
    strict: bool = False

    def lift(self, values: Any) -> Array:
        return np.asarray(values, dtype=np.float64)

    def rational(self, numerator: int, denominator: int) -> Array:
        return np.asarray(numerator / denominator)

    def pi(self) -> Array:
        return np.asarray(math.pi)

    def power(self, base: Array, exponent: Array) -> Array:
        return np.power(base, exponent)

    def has(self, name: str) -> bool:
        return name in _FLOAT

    def call(self, name: str, arguments: Sequence[Array]) -> Array:
        return np.asarray(_FLOAT[name](*arguments))

    def compare(self, kind: str, a: Array, b: Array) -> Array:
        return np.asarray(_COMPARE[kind](a, b))

    def unknown(self, call: Callable[..., Any], slope: Callable[..., Any] | None, arguments: Sequence[Array]) -> Array:
        return np.asarray(call(*arguments), dtype=np.float64)


class Balls:
    """Objects for numbers: balls with a rigorous error bound, or another class with the same methods.

    Attributes:
        number: the class; `number(value, trace)` makes one from a ball of flint.
        trace: what the run met (comparisons that cannot be decided).
    """

    dtype: Any = object
    strict = False

    def __init__(self, number: Callable[[arb, Trace], Any] = Ball) -> None:
        self.number, self.trace = number, Trace()

    def make(self, value: arb) -> Any:
        """Return the number of this field for a value."""
        return self.number(value, self.trace)

    def lift(self, values: Any) -> Array:
        return lifted(values, self._number)

    def _number(self, x: Any) -> Any:
        if not hasattr(x, "trace"):
            value = exact(x)
            if value is None:
                raise TypeError(f"{type(x).__name__} is no number")
            return self.make(value)
        return x

    def rational(self, numerator: int, denominator: int) -> Array:
        return boxed(self.make(arb(fmpq(numerator, denominator))))

    def pi(self) -> Array:
        return boxed(self.make(arb.pi()))

    def power(self, base: Array, exponent: Array) -> Array:
        return boxed(base**exponent)

    def has(self, name: str) -> bool:
        return name in _OBJECT

    def call(self, name: str, arguments: Sequence[Array]) -> Array:
        return boxed(np.frompyfunc(_OBJECT[name], len(arguments), 1)(*arguments))

    def compare(self, kind: str, a: Array, b: Array) -> Array:
        return np.asarray(np.frompyfunc(_COMPARE[kind], 2, 1)(a, b)).astype(bool)

    def unknown(self, call: Callable[..., Any], slope: Callable[..., Any] | None, arguments: Sequence[Array]) -> Array:
        def one(*xs: Any) -> Any:
            value = exact(call(*[x.value for x in xs]))
            if value is None:
                raise TypeError("an unknown function evaluated over balls must return a ball (flint.arb)")
            if len(xs) > 1 or slope is None:
                return self.make(value)
            return xs[0].chain(value, exact(slope(xs[0].value)))

        return boxed(np.frompyfunc(one, len(arguments), 1)(*arguments))


def _named(name: str) -> Callable[[Any], Any]:
    return lambda a: a.apply(name)


#: The smooth ones by the table of heads; those with kinks by the number's own methods.
_OBJECT: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **{n: _named(n) for n in _FLOAT if n in HEADS},
        "abs": abs,
        "sign": lambda a: a.sign(),
        "floor": lambda a: a.floor(),
        "stop": lambda a: a.stop(),
        "max": lambda a, b: a.maximum(b),
        "min": lambda a, b: a.minimum(b),
        "clip": lambda a, low, high: a.maximum(low).minimum(high),
    }
)


def boxed(x: Any) -> Array:
    """Return x as an array: NumPy's operations on arrays of rank 0 return the bare number or object."""
    if isinstance(x, np.ndarray | np.generic):
        return np.asarray(x)
    out = np.empty((), dtype=object)
    out[()] = x
    return out


def lifted(values: Any, number: Callable[[Any], Any]) -> Array:
    """Return an object array with `number` of each entry."""
    array = values if isinstance(values, np.ndarray) else boxed(values) if not np.ndim(values) else np.asarray(values)
    out = np.empty(array.shape, dtype=object)
    flat = out.reshape(-1) if out.ndim else out.reshape(1)
    flat[:] = [number(x) for x in array.reshape(-1).tolist()] if array.size else []
    return out
