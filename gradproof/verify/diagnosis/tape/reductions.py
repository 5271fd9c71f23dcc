"""Sums, products, largest and running sums of numbers on a tape, recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.verify.diagnosis.tape.arrays import ids, numbers, single, tape_of, values
from gradproof.verify.diagnosis.tape.record import Array, Group, Slot, Tape, Untapeable

#: NumPy's own, whatever stands in their place while a function runs on a tape.
_asarray, _ones = np.asarray, np.ones


def reduced(name: str, a: Any, options: dict[str, Any], tape: Tape) -> Any:
    """Return what a ufunc's reduction gives, recorded."""
    array = _asarray(a, dtype=object).view(np.ndarray)
    axis, keep = options.get("axis", 0), bool(options.get("keepdims"))
    chosen = range(array.ndim) if axis is None else (axis,) if isinstance(axis, int | np.integer) else axis
    axes = tuple(int(x) % array.ndim for x in chosen) if array.ndim else ()
    if set(options) - {"axis", "keepdims"} or name not in ("add", "multiply", "maximum", "minimum"):
        raise Untapeable(f"np.{name}.reduce with {sorted(options)}")
    change = tape.change.get(len(tape.groups))
    axes = change.axes if change is not None else axes
    plain, places = values(array), ids(array)
    functions: dict[str, Any] = {"add": np.sum, "multiply": np.prod, "maximum": np.max, "minimum": np.min}
    full = _asarray(functions[name](plain, axis=axes, keepdims=True), dtype=np.float64)
    new = tape.new(full)
    children = np.broadcast_to(new, plain.shape).reshape(-1)
    live = places.reshape(-1) >= 0
    weights = _reduction_slopes(name, plain, full, axes).reshape(-1)
    slots = (Slot(children[live], places.reshape(-1)[live], weights[live]),) if np.any(live) else ()
    shape = full.shape if keep else tuple(n for j, n in enumerate(full.shape) if j not in axes)
    tape.add(Group("sum" if name == "add" else name, new, slots, (None,), (0,), whole=array.shape, keeps=keep))
    return single(numbers(full.reshape(shape), new.reshape(shape), tape))


def _reduction_slopes(name: str, plain: Array, full: Array, axes: tuple[int, ...]) -> Array:
    if name == "add":
        return _ones(plain.shape)
    if name == "multiply":
        return full / plain
    best = plain == full
    return best / np.sum(best, axis=axes, keepdims=True)


def cumsum(a: Any, axis: Any = None, **_: Any) -> Any:
    """Return the running sums, recorded."""
    tape = tape_of(a)
    array = _asarray(a, dtype=object).view(np.ndarray)
    array, axis = (array.reshape(-1), 0) if axis is None else (array, axis)
    found, places = np.cumsum(values(array), axis=axis), ids(array)
    new = tape.new(found)
    a_new, a_old = np.moveaxis(new, axis, -1), np.moveaxis(places, axis, -1)
    n = found.shape[axis]
    i, j = np.tril_indices(n)
    children, parents = a_new[..., i].reshape(-1), a_old[..., j].reshape(-1)
    live = parents >= 0
    slot = Slot(children[live], parents[live], _ones(int(np.sum(live))))
    tape.add(Group("cumsum", new, (slot,), (None,), (0,)))
    return numbers(found, new, tape)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Return the mean, recorded as a sum and a quotient; over other axes than the code says, by their own length."""
    del dtype
    return _averaged(a, axis, 0, out, keepdims=bool(keepdims))


def _averaged(a: Any, axis: Any, ddof: float, out: Any, *, keepdims: bool) -> Any:
    tape = tape_of(a)
    if out is not None:
        raise Untapeable("a mean that is written into an array")
    total = reduced("add", a, {"axis": axis, "keepdims": keepdims}, tape)
    group = tape.groups[-1]
    return total / (int(np.prod(group.whole)) // max(1, group.ids.size) - ddof)


def var(a: Any, axis: Any = None, *given: Any, ddof: Any = 0, keepdims: Any = False, **_: Any) -> Any:
    """Return the variance, recorded step by step."""
    if given:
        raise Untapeable("np.var with arguments by their places")
    centred = a - mean(a, axis, keepdims=True)
    return _averaged(centred * centred, axis, float(ddof), None, keepdims=bool(keepdims))


def std(a: Any, *args: Any, **options: Any) -> Any:
    """Return the standard deviation, recorded step by step."""
    return np.sqrt(var(a, *args, **options))
