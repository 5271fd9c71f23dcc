"""Numbers of 80 digits that NumPy's object arrays compute with: the independent path of the corpus.

It shares nothing with the judge: mpmath's numbers, and plain central differences with a step so small that only
their digits matter.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np

DIGITS = 80
#: The methods that NumPy calls, and mpmath's functions.
_ELEMENTARY = {
    **{name: name for name in ("exp", "expm1", "log", "log1p", "log10", "sqrt", "cbrt")},
    **{name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{"arc" + name: "a" + name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
}


class Number:
    """An mpmath number with the methods that NumPy's functions call on objects."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x.x if isinstance(x, Number) else mpmath.mpf(float(x)) if isinstance(x, np.generic) else mpmath.mpf(x)

    def __add__(self, other: Any) -> Any:
        return _binary(other, lambda o: self.x + o)

    def __sub__(self, other: Any) -> Any:
        return _binary(other, lambda o: self.x - o)

    def __mul__(self, other: Any) -> Any:
        return _binary(other, lambda o: self.x * o)

    def __truediv__(self, other: Any) -> Any:
        return _binary(other, lambda o: self.x / o)

    def __pow__(self, other: Any) -> Any:
        return _binary(other, lambda o: self.x ** (int(o) if o == int(o) else o))

    def __radd__(self, other: Any) -> Any:
        return _binary(other, lambda o: o + self.x)

    def __rsub__(self, other: Any) -> Any:
        return _binary(other, lambda o: o - self.x)

    def __rmul__(self, other: Any) -> Any:
        return _binary(other, lambda o: o * self.x)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(other, lambda o: o / self.x)

    def __rpow__(self, other: Any) -> Any:
        return _binary(other, lambda o: o**self.x)

    def __neg__(self) -> Number:
        return Number(-self.x)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return Number(abs(self.x))

    def __lt__(self, other: Any) -> bool:
        return bool(self.x < Number(other).x)

    def __le__(self, other: Any) -> bool:
        return bool(self.x <= Number(other).x)

    def __gt__(self, other: Any) -> bool:
        return bool(self.x > Number(other).x)

    def __ge__(self, other: Any) -> bool:
        return bool(self.x >= Number(other).x)

    def __eq__(self, other: object) -> bool:
        return bool(self.x == Number(other).x)

    def __hash__(self) -> int:
        return hash(self.x)

    def __bool__(self) -> bool:
        return bool(self.x != 0)

    def __float__(self) -> float:
        raise TypeError("80 digits do not fit into a float")

    def conjugate(self) -> Number:
        return self

    def log2(self) -> Number:
        return Number(mpmath.log(self.x, 2))

    def arctan2(self, other: Any) -> Number:
        return Number(mpmath.atan2(self.x, Number(other).x))

    def floor(self) -> Number:
        return Number(mpmath.floor(self.x))

    def rint(self) -> Number:
        return Number(mpmath.nint(self.x))


def _binary(other: Any, compute: Any) -> Any:
    if isinstance(other, np.ndarray):
        return NotImplemented
    return Number(compute(Number(other).x))


def _method(name: str) -> Any:
    function = getattr(mpmath, name)
    return lambda self: Number(function(self.x))


for _name, _function in _ELEMENTARY.items():
    setattr(Number, _name, _method(_function))


def lifted(a: Any) -> Any:
    """Return a floating array (or number) as an object array of Numbers; other things as they are."""
    array = np.asarray(a) if not isinstance(a, str | None.__class__) else None
    if array is None or array.dtype.kind != "f":
        return a
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        out[place] = Number(float(array[place]))
    return out if array.ndim else out[()]
