"""NumPy's ufuncs, and their methods, over arrays of numbers of the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from gradproof.verify.balls.casts import is_double
from gradproof.verify.balls.elementary import ELEMENTWISE, PAIRS, PREDICATES
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.products import matmul, vecdot
from gradproof.verify.balls.trace import BudgetedTrace
from gradproof.verify.balls.traced import Array, Traced, filled, lift, lifted, plain, trace_of, traced

_IDENTITIES = MappingProxyType({"add": 0, "multiply": 1, "logical_and": True, "logical_or": False})
_PRODUCTS: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {
        "matmul": matmul,
        "vecdot": vecdot,
        "matvec": lambda a, x, trace: matmul(a, x[..., None], trace)[..., 0],
        "vecmat": lambda x, a, trace: matmul(x[..., None, :], a, trace)[..., 0, :],
    }
)


def applied(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Return what a ufunc (or its reduce, accumulate, outer, at, reduceat) gives for numbers of the run.

    Raises:
        Untraceable: it has no counterpart in ball arithmetic.
    """
    out = options.pop("out", None) or ()
    trace = trace_of((*inputs, *out))
    for name in ("casting", "order", "subok"):
        options.pop(name, None)
    if not is_double(options.pop("dtype", None), trace):
        trace.refuse(f"np.{ufunc.__name__} with dtype= of integers")
    if method == "__call__" and not out and not options and _are_numbers(inputs):
        return _single(ufunc, inputs, trace)
    if method == "at":
        return _at(ufunc, inputs, trace)
    if method not in _METHODS:
        trace.refuse(f"np.{ufunc.__name__}.{method}")
    result = _METHODS[method](ufunc, list(inputs), options, out, trace)
    if isinstance(result, tuple):
        targets = (*out, *[None] * (len(result) - len(out)))
        return tuple(_stored(r, o, ufunc, trace) for r, o in zip(result, targets, strict=True))
    return _stored(result, out[0] if out else None, ufunc, trace)


def _are_numbers(inputs: Sequence[Any]) -> bool:
    return {type(x) for x in inputs} == {Number}


def _stored(result: Any, out: Any, ufunc: Any, trace: BudgetedTrace) -> Any:
    if out is None:
        return traced(result, trace) if isinstance(result, np.ndarray) else result
    if isinstance(out, Traced):
        plain(out)[...] = lifted(result, trace)
        return out
    if np.asarray(result).dtype.kind == "O" and out.dtype.kind != "O":
        trace.refuse(f"np.{ufunc.__name__} stores numbers in an array of plain {out.dtype}")
    out[...] = result
    return out


def operation(ufunc: Any, trace: BudgetedTrace) -> tuple[Callable[..., Any], bool]:
    """Return the operation on single numbers, and whether it answers yes or no."""
    name = ufunc.__name__
    function = ELEMENTWISE.get(name)
    if function is not None:
        return function, False
    if name in PREDICATES:
        return PREDICATES[name], True
    return trace.refuse(f"np.{name} has no counterpart in ball arithmetic")


def _single(ufunc: Any, inputs: Sequence[Any], trace: BudgetedTrace) -> Any:
    """Return the result for single numbers, without arrays on the way."""
    trace.spend(1)
    if ufunc.__name__ in PAIRS:
        return tuple(part(*inputs) for part in PAIRS[ufunc.__name__])
    if _is_users(ufunc):
        return ufunc(*[lifted(x, trace) for x in inputs])
    function, predicate = operation(ufunc, trace)
    found = function(*inputs)
    return np.bool_(found) if predicate else found


def _is_users(ufunc: Any) -> bool:
    """Was the ufunc made of a Python function, by frompyfunc or vectorize?"""
    return all(set(t) <= {"O", "-", ">"} for t in ufunc.types)


def _call(ufunc: Any, inputs: list[Any], options: dict[str, Any], out: Any, trace: BudgetedTrace) -> Any:
    if _is_users(ufunc):
        arrays = [lifted(x, trace) for x in inputs]
        trace.spend(_size(arrays))
        return ufunc(*arrays)
    if ufunc.__name__ in _PRODUCTS:
        return _PRODUCTS[ufunc.__name__](*[lifted(x, trace) for x in inputs], trace)
    arrays = _converted(inputs, trace)
    trace.spend(_size(arrays))
    if ufunc.__name__ in PAIRS:
        return tuple(_boxed(np.frompyfunc(part, len(arrays), 1)(*arrays)) for part in PAIRS[ufunc.__name__])
    function, predicate = operation(ufunc, trace)
    where = options.get("where", True)
    if where is not True:
        return _where(function, arrays, where, out, trace, predicate=predicate)
    found = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return np.asarray(found, dtype=bool) if predicate else _boxed(found)


def _converted(inputs: list[Any], trace: BudgetedTrace) -> list[Array]:
    return [lifted(x, trace) for x in inputs]


def _size(arrays: Sequence[Array]) -> int:
    return int(np.prod(np.broadcast_shapes(*[a.shape for a in arrays])))


def _where(
    function: Callable[..., Any], arrays: list[Array], where: Any, out: Any, trace: BudgetedTrace, *, predicate: bool
) -> Array:
    """Return the result where the mask is true; elsewhere what `out` held (nothing, if there is none)."""
    mask = np.asarray(where, dtype=bool)
    shape = np.broadcast_shapes(mask.shape, *[a.shape for a in arrays])
    mask = np.broadcast_to(mask, shape)
    result = np.empty(shape, dtype=object)
    result[...] = lifted(out[0], trace) if out and not predicate else lift(float("nan"), trace)
    chosen = [np.broadcast_to(a, shape)[mask] for a in arrays]
    result[mask] = np.frompyfunc(function, len(arrays), 1)(*chosen)
    if not predicate:
        return result
    base = np.array(out[0], dtype=bool) if out else np.zeros(shape, dtype=bool)
    base[mask] = result[mask].astype(bool)
    return base


def _boxed(x: Any) -> Array:
    if isinstance(x, np.ndarray):
        return x
    out = np.empty((), dtype=object)
    out[()] = x
    return out


def _reduce(ufunc: Any, inputs: list[Any], options: dict[str, Any], _: Any, trace: BudgetedTrace) -> Any:
    array = lifted(inputs[0], trace)
    function, predicate = operation(ufunc, trace)
    trace.spend(array.size)
    axis, keep = options.get("axis", 0), bool(options.get("keepdims", False))
    given = options.get("initial")
    has_initial = type(given) is Number or isinstance(given, int | float | np.generic)
    identity = given if has_initial else _IDENTITIES.get(ufunc.__name__)
    where = options.get("where", True)
    if where is not True:
        if identity is None:
            raise ValueError(f"reduction operation '{ufunc.__name__}' does not have an identity")
        array = np.where(where, array, lifted(identity, trace))
    step = np.frompyfunc(function, 2, 1)
    for a in _axes(axis, array.ndim):
        if array.shape[a] == 0:
            if identity is None:
                raise ValueError(f"zero-size array to reduction operation {ufunc.__name__} which has no identity")
            array = filled(np.delete(array.shape, a), lift(identity, trace))
        else:
            array = _boxed(step.reduce(array, axis=a))
        array = np.expand_dims(array, a) if keep else array
    if has_initial:
        array = _boxed(step(array, lifted(given, trace)))
    if not predicate:
        return array
    return array.astype(bool) if array.ndim else np.bool_(bool(array.item()))


def _axes(axis: Any, rank: int) -> list[int]:
    """Return the axes to reduce, the last one first.

    Raises:
        AxisError: an axis is out of bounds.
    """
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    for a in axes:
        if rank and not -rank <= int(a) < rank:
            raise np.exceptions.AxisError(int(a), rank)
    return sorted({int(a) % rank for a in axes}, reverse=True) if rank else []


def _accumulate(ufunc: Any, inputs: list[Any], options: dict[str, Any], _: Any, trace: BudgetedTrace) -> Any:
    function, _predicate = operation(ufunc, trace)
    array = lifted(inputs[0], trace)
    trace.spend(array.size)
    return np.frompyfunc(function, 2, 1).accumulate(array, axis=options.get("axis", 0))


def _outer(ufunc: Any, inputs: list[Any], options: dict[str, Any], out: Any, trace: BudgetedTrace) -> Any:
    a, b = (lifted(x, trace) for x in inputs)
    return _call(ufunc, [a.reshape(a.shape + (1,) * b.ndim), b], options, out, trace)


def _reduceat(ufunc: Any, inputs: list[Any], options: dict[str, Any], _: Any, trace: BudgetedTrace) -> Any:
    function, _predicate = operation(ufunc, trace)
    array = lifted(inputs[0], trace)
    trace.spend(array.size)
    return np.frompyfunc(function, 2, 1).reduceat(array, inputs[1], axis=options.get("axis", 0))


def _at(ufunc: Any, inputs: Sequence[Any], trace: BudgetedTrace) -> None:
    target, where, *others = inputs
    if not isinstance(target, Traced):
        trace.refuse(f"np.{ufunc.__name__}.at adds to an array of plain floats")
    function, _ = operation(ufunc, trace)
    arrays = [lifted(x, trace) for x in others]
    trace.spend(max((a.size for a in arrays), default=1))
    np.frompyfunc(function, 1 + len(arrays), 1).at(plain(target), where, *arrays)


_METHODS = MappingProxyType(
    {"__call__": _call, "reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "reduceat": _reduceat}
)
