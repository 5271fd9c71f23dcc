"""Arrays of balls that an unmodified NumPy function can compute with.

NumPy hands every ufunc on these arrays to `__array_ufunc__`, which applies the ball's own operation to each entry
(plain numbers among the entries are taken as exact). What is not known here raises `Untraceable`, and the caller
falls back to finite differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb

from gradproof.derive.interpret.ball import Ball, Trace
from gradproof.verify.balls.elementary import ELEMENTWISE, PREDICATES
from gradproof.verify.balls.matrices import matrix_product

Array = np.ndarray[Any, np.dtype[Any]]
_ZERO = arb(0)


class Untraceable(Exception):
    """The function did something that balls cannot follow; the message says what."""


class TooCostly(Untraceable):
    """The run would take more operations than its budget."""


class BudgetedTrace(Trace):
    """A trace that counts operations on entries, and stops a run that would take too long."""

    __slots__ = ("budget", "work")

    def __init__(self, budget: int) -> None:
        super().__init__()
        self.budget, self.work = budget, 0

    def spend(self, operations: int) -> None:
        self.work += operations
        if self.work > self.budget:
            raise TooCostly(f"more than {self.budget} operations in ball arithmetic")


class LooseTrace(BudgetedTrace):
    """A trace in which a constant with many digits stands for every number that may have been rounded to it.

    2/3 and 0.1 in a user's code are not these numbers but floats near them: what differs by no more than such
    roundings explain is no mistake. Constants of up to 32 significant bits (integers, halves) are taken as exact.
    """

    __slots__ = ()

    def constant(self, value: arb) -> arb:
        """Return a ball around the constant of radius 4 units of roundoff, or the constant itself."""
        if not value.is_exact() or value.is_zero() or not value.is_finite():
            return value
        mantissa, _ = value.man_exp()
        return value if abs(mantissa).bit_length() <= 32 else value * arb(1, 2.0**-50)


class Traced(np.ndarray[Any, np.dtype[Any]]):
    """An object array of balls; `record` is their trace."""

    def __array_finalize__(self, parent: Any) -> None:
        self.record: BudgetedTrace | None = getattr(parent, "record", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.pop("out", None)
        trace = _trace_of((*inputs, *(out or ())))
        plain = [_plain(x) for x in inputs]
        if method == "at":
            return _add_at(ufunc, inputs[0], plain)
        result = _METHODS[method](ufunc, plain, options, trace) if method in _METHODS else None
        if result is None:
            raise Untraceable(f"np.{ufunc.__name__}.{method}")
        if out is not None:
            out[0][...] = result
            return out[0]
        return traced(result, trace)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        found = super().__array_function__(function, [t for t in types if issubclass(t, np.ndarray)], args, kwargs)
        return traced(found, _trace_of([self])) if isinstance(found, np.ndarray) else found

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return traced(_boxed(found), self.record) if isinstance(found, Ball) and self.record is not None else found

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Stay as it is for floating types: the algorithm is judged, not the rounding of the cast."""
        if np.dtype(dtype).kind in "fO":
            return self.copy()
        return super().astype(dtype, *args, **kwargs)


def _trace_of(inputs: Sequence[Any]) -> BudgetedTrace:
    for x in inputs:
        if isinstance(x, Traced) and x.record is not None:
            return x.record
    for x in inputs:
        if isinstance(x, Ball) and isinstance(x.trace, BudgetedTrace):
            return x.trace
    raise Untraceable("an operation on arrays whose origin was lost")


def traced(x: Any, trace: BudgetedTrace) -> Any:
    """Return object arrays as traced ones, of rank 0 too (NumPy's numbers have the methods of arrays)."""
    if not isinstance(x, np.ndarray) or x.dtype != object:
        return x
    out = x.view(Traced)
    out.record = trace
    return out


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Traced) else x


def _entrywise(ufunc: Any, trace: BudgetedTrace) -> tuple[Any, bool]:
    """Return the operation over object arrays, entries lifted, and whether it answers yes or no."""
    name = ufunc.__name__
    function = ELEMENTWISE.get(name) or PREDICATES.get(name)
    if function is None:
        raise Untraceable(f"np.{name} has no counterpart in ball arithmetic")
    blank = Ball(_ZERO, trace)

    def one(*xs: Any) -> Any:
        return function(*[x if type(x) is Ball else _lift(x, blank) for x in xs])

    return np.frompyfunc(one, ufunc.nin, 1), name in PREDICATES


def single(x: Any) -> Any:
    """Return the ball that an array of rank 0 holds; anything else as it is."""
    while isinstance(x, np.ndarray) and x.ndim == 0:
        x = x.item()
    return x


def _lift(x: Any, blank: Ball) -> Ball:
    ball = blank.lift(single(x))
    if ball is NotImplemented:
        raise Untraceable(f"a {type(x).__name__} among the numbers")
    return ball


def _call(ufunc: Any, inputs: list[Any], options: dict[str, Any], trace: BudgetedTrace) -> Any:
    if ufunc.__name__ in ("matmul", "vecdot"):
        return _matmul(inputs, trace)
    if options.get("where", True) is not True:
        raise Untraceable(f"np.{ufunc.__name__} with where=")
    operation, predicate = _entrywise(ufunc, trace)
    trace.spend(int(np.prod(np.broadcast_shapes(*[np.shape(x) for x in inputs]))))
    found = operation(*inputs)
    return np.asarray(found, dtype=bool) if predicate else _boxed(found)


def _matmul(inputs: list[Any], trace: BudgetedTrace) -> Any:
    a, b = (np.asarray(x, dtype=object) for x in inputs)
    blank = Ball(_ZERO, trace)
    lift = np.frompyfunc(lambda x: x if type(x) is Ball else _lift(x, blank), 1, 1)
    operations = a.size * b.size // max(a.shape[-1] if a.ndim else 1, 1)
    if a.ndim <= 2 and b.ndim <= 2 and min(a.size, b.size) > 0:
        # flint multiplies whole matrices some twenty times faster than Python adds up entries.
        trace.spend(operations // 20 + a.size + b.size)
        return matrix_product(lift(a), lift(b), trace)
    trace.spend(operations)
    return _boxed(np.matmul(lift(a), lift(b)))


def _reduce(ufunc: Any, inputs: list[Any], options: dict[str, Any], trace: BudgetedTrace) -> Any:
    array = np.asarray(inputs[0], dtype=object)
    operation, predicate = _entrywise(ufunc, trace)
    trace.spend(array.size)
    axis, keep = options.get("axis", 0), bool(options.get("keepdims", False))
    axes = range(array.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = sorted({int(a) % array.ndim for a in axes}, reverse=True) if array.ndim else []
    identity = {"add": 0.0, "multiply": 1.0, "logical_and": True, "logical_or": False}.get(ufunc.__name__)
    if options.get("where", True) is not True:
        if identity is None and "initial" not in options:
            raise Untraceable(f"np.{ufunc.__name__}.reduce with where=")
        array = np.where(options["where"], array, identity if identity is not None else options["initial"])
    for a in axes:
        if array.shape[a] == 0:
            array = np.full(np.delete(array.shape, a), identity, dtype=object)
        else:
            array = np.asarray(operation.reduce(array, axis=a), dtype=object)
        array = np.expand_dims(array, a) if keep else array
    if isinstance(options.get("initial"), int | float | Ball | np.generic):
        array = _boxed(operation(array, options["initial"]))
    return array.astype(bool) if predicate else array


def _accumulate(ufunc: Any, inputs: list[Any], options: dict[str, Any], trace: BudgetedTrace) -> Any:
    operation, _ = _entrywise(ufunc, trace)
    array = np.asarray(inputs[0], dtype=object)
    trace.spend(array.size)
    return operation.accumulate(array, axis=options.get("axis", 0))


def _outer(ufunc: Any, inputs: list[Any], options: dict[str, Any], trace: BudgetedTrace) -> Any:
    a, b = (np.asarray(x, dtype=object) for x in inputs)
    return _call(ufunc, [a.reshape(a.shape + (1,) * b.ndim), b], options, trace)


_METHODS = MappingProxyType({"__call__": _call, "reduce": _reduce, "accumulate": _accumulate, "outer": _outer})


def _add_at(ufunc: Any, target: Any, plain: list[Any]) -> None:
    if ufunc.__name__ != "add" or not isinstance(target, Traced):
        raise Untraceable(f"np.{ufunc.__name__}.at")
    np.add.at(plain[0], *plain[1:])


def _boxed(x: Any) -> Array:
    out = x if isinstance(x, np.ndarray) else np.empty((), dtype=object)
    if out is not x:
        out[()] = x
    return out
