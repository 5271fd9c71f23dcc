"""What a number of the run shows to the user's code: the attributes and methods of `numpy.float64`."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

_DTYPE = np.dtype(np.float64)
#: Methods of `float64` that leave a single number as it is.
_SAME = frozenset(
    {"item", "tolist", "copy", "sum", "prod", "mean", "max", "min", "squeeze", "conj", "conjugate", "transpose"}
)


class Face:
    """The face of a `float64`, for the class that holds the value; it looks like one to `isinstance` too."""

    __slots__ = ()

    #: Of the class that holds the number.
    value: Any
    trace: Any
    floor: Any
    ceil: Any
    trunc: Any
    rint: Any

    shape: tuple[int, ...] = ()
    ndim, size, itemsize, nbytes = 0, 1, 8, 8
    dtype = _DTYPE

    @property
    def __class__(self) -> type:
        # isinstance(x, float) must be true, yet nothing of C's may take the bits of a float out of it.
        return np.float64

    @__class__.setter
    def __class__(self, _: type) -> None:
        raise TypeError("the class of a number of the run is not set")

    # ------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradproof.verify.balls.ufuncs import applied

        return applied(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from gradproof.verify.balls.functions import called

        return called(function, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        """Return a ufunc as a method (`np.exp` of an object array calls `exp()` of each entry), or a method of NumPy's.

        Raises:
            AttributeError: a `float64` has no such thing.
        """
        if name in _SAME:
            return lambda *_, **__: self
        if name in _OWN:
            return lambda *args, **kwargs: _OWN[name](self, *args, **kwargs)
        from gradproof.verify.balls.elementary import ELEMENTWISE

        if name in ELEMENTWISE:
            return lambda: ELEMENTWISE[name](self)
        raise AttributeError(f"'numpy.float64' object has no attribute {name!r}")

    # ------------------------------------------------------------ what Python asks of a float

    @property
    def real(self) -> Any:
        return self

    @property
    def imag(self) -> float:
        return 0.0

    @property
    def T(self) -> Any:
        return self

    @property
    def flat(self) -> Any:
        return iter([self])

    def __float__(self) -> float:
        return self._left()

    def _left(self) -> float:
        """Return a float that leaves the run; a plain number that becomes itself again has lost nothing."""
        return self.middle() if hasattr(self, "plain") else float(self.trace.leave(self.middle(), self))

    def __complex__(self) -> complex:
        self.trace.refuse("complex numbers")
        raise AssertionError

    def middle(self) -> float:
        """Return the float nearest to the middle of the ball; to look at only."""
        return float(self.value.mid())

    def __int__(self) -> int:
        middle = self.middle()
        if not math.isfinite(middle):
            return int(middle)  # raises what a float raises
        return int(self.trunc().value.unique_fmpz())

    def __trunc__(self) -> int:
        return int(self)

    def __floor__(self) -> int:
        return int(self.floor())

    def __ceil__(self) -> int:
        return int(self.ceil())

    def __round__(self, digits: int | None = None) -> Any:
        if digits is None:
            return int(self.rint())
        return _rounded(self, digits)

    def is_integer(self) -> bool:
        return bool(self == self.rint())

    def __hash__(self) -> int:
        self.trace.refuse("the hash of a number: what is kept under it is found by rounded values")
        raise AssertionError

    def __format__(self, spec: str) -> str:
        return format(self._left(), spec)  # a text may be read again

    def __str__(self) -> str:
        return format(self)

    def __repr__(self) -> str:
        return f"np.float64({self})"

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, _: Any) -> Any:
        return self

    def __reduce__(self) -> Any:
        self.trace.refuse("numbers are pickled")
        raise AssertionError


def _rounded(number: Any, digits: int = 0) -> Any:
    if digits:
        number.trace.refuse(f"a number is rounded to {digits} decimals: steps that hide the function")
    return number.rint()


def _clipped(number: Any, low: Any = None, high: Any = None, **_: Any) -> Any:
    return np.clip(number, low, high)


def _shaped(number: Any, *shape: Any) -> Any:
    return np.reshape(number, shape[0] if len(shape) == 1 else shape)


def _cast(number: Any, dtype: Any, **_: Any) -> Any:
    from gradproof.verify.balls.casts import cast_number

    return cast_number(number, dtype)


_OWN: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        "round": _rounded,
        "clip": _clipped,
        "reshape": _shaped,
        "astype": _cast,
        "any": lambda n, *_, **__: np.bool_(bool(n)),
        "all": lambda n, *_, **__: np.bool_(bool(n)),
        "argmax": lambda n, *_, **__: 0,
        "argmin": lambda n, *_, **__: 0,
        "var": lambda n, *_, **__: n - n,
        "std": lambda n, *_, **__: n - n,
        "dot": np.dot,
        "repeat": np.repeat,
        **{name: lambda n, *_, **__: np.reshape(n, (1,)) for name in ("ravel", "flatten", "cumsum", "cumprod")},
        "fill": lambda n, _: n.trace.refuse("a number is filled"),
    }
)
