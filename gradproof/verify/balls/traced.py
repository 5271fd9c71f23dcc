"""Arrays of numbers of the run that an unmodified NumPy function can compute with.

NumPy hands every ufunc on these arrays to `__array_ufunc__`, and every other function to `__array_function__`; views,
slices and assignments are NumPy's own, so that aliasing is as it is with floats. What is not known here raises
`Untraceable`, and the caller falls back to finite differences.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from flint import arb

from gradproof.verify.balls.memory import python_asks, sealed
from gradproof.verify.balls.number import Number, plain_number
from gradproof.verify.balls.places import is_users
from gradproof.verify.balls.trace import ACTIVE, BudgetedTrace, LooseTrace, TooCostly, Untraceable

__all__ = ["Array", "BudgetedTrace", "LooseTrace", "TooCostly", "Traced", "Untraceable"]

Array = np.ndarray[Any, np.dtype[Any]]

#: Methods that are functions of NumPy's of the same name.
_FUNCTIONS = (
    "sum", "prod", "mean", "var", "std", "max", "min", "argmax", "argmin", "argsort", "cumsum", "cumprod", "any", "all",
    "clip", "round", "take", "trace", "dot", "repeat", "choose", "compress", "diagonal", "searchsorted", "nonzero",
    "conj", "conjugate", "argpartition", "put",
)  # fmt: skip


class Traced(np.ndarray[Any, np.dtype[Any]]):
    """An object array of numbers of the run that looks like one of float64."""

    @property
    def dtype(self) -> Any:
        """float64 for the user's Python, objects for libraries; compiled code would read the addresses as floats.

        Raises:
            Untraceable: compiled code asks.
        """
        caller = sys._getframe(1)  # noqa: SLF001
        if not is_users(caller.f_code.co_filename):
            return np.dtype(object)
        if not python_asks(caller, "dtype"):
            trace_of([self]).refuse("compiled code asks for the dtype of an array")
        return np.dtype(np.float64)

    @dtype.setter
    def dtype(self, value: Any) -> None:
        trace_of([self]).refuse(f"the dtype of an array is set to {value}")

    @property  # type: ignore[misc]
    def real(self) -> Any:
        return self

    @property  # type: ignore[misc]
    def imag(self) -> Any:
        return np.zeros(self.shape)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradproof.verify.balls.ufuncs import applied

        return applied(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from gradproof.verify.balls.functions import called

        return called(function, args, kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        trace = trace_of([self, value])
        # [()] unpacks a lone number: an object array would store the array of rank 0 itself.
        plain(self)[key] = lifted(value, trace)[()]

    def fill(self, value: Any) -> None:
        self[...] = value

    def tolist(self) -> Any:
        return plain(self).tolist()

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        from gradproof.verify.balls.casts import cast

        return cast(self, dtype, copy=bool(kwargs.get("copy", True)))

    def view(self, *kind: Any) -> Any:  # type: ignore[override]
        """Return the same numbers once more; as another type they cannot be had."""
        if not kind or kind == (Traced,):
            return super().view(Traced)
        if len(kind) == 1 and isinstance(kind[0], type) and issubclass(kind[0], np.ndarray):
            return super().view(kind[0])
        return trace_of([self]).refuse(f"the memory of an array is read as {kind[0]}")

    def __deepcopy__(self, _: Any) -> Any:
        return self.copy()


def _method(name: str) -> Any:
    function = getattr(np, name)

    def method(self: Traced, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    return method


for _name in _FUNCTIONS:
    setattr(Traced, _name, _method(_name))
sealed(Traced, lambda array, how: trace_of([array]).refuse(how))


# ---------------------------------------------------------------- between the user's arrays and plain object arrays


def trace_of(things: Iterable[Any]) -> BudgetedTrace:
    """Return the trace of the run under way, or the one that the numbers were made in.

    Raises:
        Untraceable: there is none.
    """
    active = ACTIVE.get()
    if active is not None:
        return active
    for number in _numbers(things):
        return number.trace
    raise Untraceable("an operation on arrays whose origin was lost")


def _numbers(things: Iterable[Any]) -> Iterator[Number]:
    for x in things:
        if type(x) is Number:
            yield x
        elif isinstance(x, Traced) and x.size:
            yield from (e for e in plain(x).reshape(-1)[:1].tolist() if type(e) is Number)
        elif isinstance(x, list | tuple):
            yield from _numbers(x)


def has_numbers(x: Any) -> bool:
    """Is there a number of the run in a list, at any depth?"""
    if isinstance(x, list | tuple):
        return any(has_numbers(e) for e in x)
    return type(x) is Number or isinstance(x, Traced) or (type(x) is np.ndarray and x.dtype == object)


def when_of_run(original: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is `own` where an argument holds numbers of the run, else `original`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return own(*args, **kwargs) if any(has_numbers(a) for a in args) else original(*args, **kwargs)

    return call


def stored(found: Any, out: Any) -> Any:
    """Return what was found, put into `out` if that is given."""
    if out is None:
        return found
    out[...] = found
    return out


def is_bare(x: Any) -> bool:
    """Is it an object array, of nothing but numbers of the run, that has lost its class on the way?"""
    return type(x) is np.ndarray and x.dtype == object and all(type(e) is Number for e in x.reshape(-1).tolist())


def plain(x: Traced) -> Array:
    """Return the object array itself, sharing its memory."""
    return np.ndarray.view(x, np.ndarray)


def traced(x: Any, trace: BudgetedTrace) -> Any:
    """Return an object array as the user's code is to see it: rank 0 is a number, as with floats."""
    if not isinstance(x, np.ndarray) or x.dtype != object:
        return x
    return lift(x[()], trace) if x.ndim == 0 else np.ndarray.view(x, Traced)


def lift(x: Any, trace: BudgetedTrace) -> Any:
    """Return a single number as one of the run.

    Raises:
        Untraceable: it is none.
    """
    if type(x) is Number:
        return x
    while isinstance(x, np.ndarray) and x.ndim == 0:
        x = x.item()
    found = Number(arb(0), trace).lift(x)
    if found is NotImplemented:
        trace.refuse(f"a {type(x).__name__} among the numbers")
    return found


def lifted(x: Any, trace: BudgetedTrace) -> Array:
    """Return anything array-like as a plain object array of numbers of the run.

    Raises:
        Untraceable: there is something else than real numbers in it.
    """
    if isinstance(x, Traced):
        x = plain(x)
    elif type(x) is Number:
        out = np.empty((), dtype=object)
        out[()] = x
        return out
    elif isinstance(x, list | tuple) and has_numbers(x):
        x = gathered(x, trace)
    array = np.asarray(x)
    if array.dtype.kind not in "biufO":
        trace.refuse(f"an array of {array.dtype} among the numbers")
    if array.dtype == object:
        flat = array.reshape(-1)
        if all(type(e) is Number for e in flat.tolist()):
            return array
        entries = [lift(e, trace) for e in flat.tolist()]
    else:
        trace.spend(array.size)
        entries = [plain_number(arb(e), trace) for e in _exact(array)]
    return np.fromiter(entries, dtype=object, count=len(entries)).reshape(array.shape)


def _exact(array: Array) -> list[Any]:
    if array.dtype.kind == "f":
        found: list[Any] = array.astype(np.float64).reshape(-1).tolist()
        return found
    return [int(e) for e in array.reshape(-1).tolist()]


def filled(shape: Any, number: Number) -> Array:
    """Return an object array with one and the same number everywhere: numbers do not change."""
    out = np.empty(shape, dtype=object)
    out[...] = number  # np.full would ask the number how to copy it
    return out


def gathered(x: Any, trace: BudgetedTrace) -> Array:
    """Return nested lists of numbers and arrays as one object array, as `np.array` does with floats.

    Raises:
        ValueError: the lists do not have the same lengths.
    """
    if isinstance(x, list | tuple):
        parts = [gathered(e, trace) for e in x]
        return np.stack(parts) if parts else np.empty((0,), dtype=object)
    return lifted(x, trace)


def array_of(x: Any, trace: BudgetedTrace) -> Any:
    """Return anything array-like as an array of the user's kind, without a copy where it is one."""
    if isinstance(x, Traced):
        return x
    return np.ndarray.view(lifted(x, trace), Traced)


def middles(x: Any) -> Array:
    """Return the nearest float64 of each number: to choose by, never to compute with."""
    entries = [e.middle() for e in np.reshape(x, -1).tolist()]
    return np.array(entries, dtype=np.float64).reshape(x.shape)
