"""Inputs by name, checked: every size from the shapes of the arrays, and what is left by its own name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr

from gradproof.derive.divisors import divisors
from gradproof.derive.index import Size
from gradproof.derive.interpret.ball import exact
from gradproof.derive.model import System, Tensor, size_symbols
from gradproof.derive.nodes import names_in
from gradproof.errors import InputError

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Binding:
    """Arrays by tensor name, and the value of every size."""

    arrays: Mapping[str, Array]
    sizes: Mapping[Size, int]


def bind(system: System, inputs: Mapping[str, Any]) -> Binding:
    """Return the inputs as arrays with the sizes that their shapes give.

    Raises:
        InputError: an input is missing, unknown, of the wrong rank or kind; two arrays disagree about a size;
            an index lies outside its range; a size that no shape gives was not given by name.
    """
    if not isinstance(inputs, Mapping):
        raise InputError(
            f"the inputs are a {type(inputs).__name__}", expected="a dictionary of arrays by name: {'x': array, ...}"
        )
    tensors = {t.name: t for t in system.inputs}
    symbols = {s.name: s for s in all_sizes(system)}
    _refuse_unknown(system, inputs, tensors, symbols)
    arrays = {n: _array(tensors[n], value) for n, value in inputs.items() if n in tensors}
    _refuse_missing(system, arrays, tensors)
    sizes, sources = _named_sizes(inputs, symbols, tensors)
    _sizes_from_shapes(tensors, arrays, sizes, sources)
    for symbol in divisors(e.value for e in system.definitions):
        if sizes.get(symbol) == 0:
            raise InputError(f"the size {symbol} is 0, and something is divided by it", expected=f"{symbol} >= 1")
    for name, symbol in symbols.items():
        if symbol not in sizes:
            raise InputError(
                f"the size {name} is not the length of an axis of any input",
                expected=f"its value by name: inputs[{name!r}] = an integer",
            )
    for name, array in arrays.items():
        _check_values(tensors[name], array, sizes)
    return Binding(arrays, sizes)


def all_sizes(system: System) -> tuple[Size, ...]:
    """Return every size symbol that the system's needed tensors and equations mention, by name."""
    needed = needed_names(system)
    tensors = [t for t in system.tensors if t.name in needed]
    parts = [e for t in tensors for e in (*t.shape, t.bound) if e is not None]
    for equation in system.definitions:
        parts += [equation.value, equation.target, *[i.size for i in equation.indices]]
    return size_symbols(*parts)


def needed_names(system: System) -> set[str]:
    """Return the names of the tensors that the equations compute or read."""
    computed = {e.name for e in system.definitions}
    return computed.union(*[names_in(e.value) for e in system.definitions])


def size_value(e: Expr, sizes: Mapping[Size, int]) -> int | None:
    """Return the value of a size expression, or None where a size in it is not known yet."""
    value = sp.expand(e.xreplace({s: sp.Integer(n) for s, n in sizes.items()}))
    return int(value) if value.is_Integer else None


def _refuse_unknown(
    system: System, inputs: Mapping[str, Any], tensors: Mapping[str, Tensor], symbols: Mapping[str, Size]
) -> None:
    for name in inputs:
        if name in tensors or name in symbols or name in {s.name for s in system.sizes}:
            continue
        computed = system.equations_of(name)
        if computed:
            raise InputError(f"{name} is not an input: equation ({computed[0].number}) computes it")
        close = _closest(str(name), [*tensors, *symbols])
        raise InputError(
            f"there is no input {name!r}",
            expected=f"one of {', '.join([*tensors, *symbols])}",
            hint=f"did you mean {close!r}?" if close else "",
        )


def _closest(name: str, known: list[str]) -> str | None:
    """Return the known name that is meant, whatever the case of its letters."""
    lower = {n.lower(): n for n in known}
    return next((lower[n] for n in difflib.get_close_matches(name.lower(), lower, 1)), None)


def _refuse_missing(system: System, arrays: Mapping[str, Array], tensors: Mapping[str, Tensor]) -> None:
    needed = needed_names(system)
    for name, tensor in tensors.items():
        if name in needed and name not in arrays:
            what = f"an array [{_shape(tensor)}]" if tensor.rank else "a number"
            kind = f" of integers 0 .. {tensor.bound} - 1" if tensor.bound is not None else ""
            raise InputError(f"the input {name} is missing", expected=f"inputs[{name!r}] = {what}{kind}")


def _array(tensor: Tensor, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError:
        rows = "its rows differ in length"
        raise InputError(f"{tensor.name} is no array: {rows}", expected=f"{tensor.name}[{_shape(tensor)}]") from None
    if array.ndim != tensor.rank:
        raise InputError(
            f"{tensor.name} has {array.ndim} axes, shape {array.shape}",
            expected=f"{tensor.rank} axes: {tensor.name}[{_shape(tensor)}]" if tensor.rank else "a number",
        )
    if array.dtype.kind not in "biufO":
        raise InputError(f"{tensor.name} has the dtype {array.dtype}", expected="real numbers")
    if tensor.bound is None:
        return _real(tensor, array)
    if array.size and array.dtype.kind not in "iu":  # an empty list has the dtype float64
        raise InputError(f"{tensor.name} has the dtype {array.dtype}", expected=f"integers 0 .. {tensor.bound} - 1")
    return array.astype(np.int64)


def _real(tensor: Tensor, array: Array) -> Array:
    """Return the array; its objects must be numbers: Python's, NumPy's, balls, or those of a number field."""
    for place in np.ndindex(array.shape) if array.dtype == object else ():
        entry = array.item(place)
        if not hasattr(entry, "trace") and exact(entry) is None:
            name = tensor.name + (f"[{', '.join(map(str, place))}]" if place else "")
            raise InputError(f"{name} is {entry!r:.60}, a {type(entry).__name__}", expected="a real number")
    return array


def _named_sizes(
    inputs: Mapping[str, Any], symbols: Mapping[str, Size], tensors: Mapping[str, Tensor]
) -> tuple[dict[Size, int], dict[Size, str]]:
    sizes: dict[Size, int] = {}
    sources: dict[Size, str] = {}
    for name, symbol in symbols.items():
        if name in inputs and name not in tensors:
            value = np.asarray(inputs[name])
            if value.ndim or value.dtype.kind not in "iu" or int(value) < 0:
                raise InputError(f"the size {name} is {inputs[name]!r}", expected="an integer that is not negative")
            sizes[symbol], sources[symbol] = int(value), f"the input {name}"
    return sizes, sources


def _sizes_from_shapes(
    tensors: Mapping[str, Tensor], arrays: Mapping[str, Array], sizes: dict[Size, int], sources: dict[Size, str]
) -> None:
    """Bind the plain symbols first, then what a polynomial axis such as `T + 1` still determines, and check all."""
    axes = [(n, j, e, a.shape[j]) for n, a in arrays.items() for j, e in enumerate(tensors[n].shape)]
    for name, axis, e, length in axes:
        if isinstance(e, Size):
            _bind_size(e, length, f"{name}{list(arrays[name].shape)}, axis {axis}", sizes, sources)
    for _ in axes:
        for name, axis, e, length in axes:
            left = [s for s in size_symbols(e) if s not in sizes]
            if len(left) == 1:
                found = _solve(e, left[0], length, sizes)
                if found is not None:
                    _bind_size(left[0], found, f"{name}{list(arrays[name].shape)}, axis {axis} = {e}", sizes, sources)
    for name, axis, e, length in axes:
        expected = size_value(e, sizes)
        if expected is not None and expected != length:
            known = "; ".join(f"{s} = {sizes[s]} from {sources[s]}" for s in size_symbols(e))
            raise InputError(
                f"axis {axis} of {name} has length {length}, but {e} = {expected}" + (f" ({known})" if known else ""),
                expected=f"{name}[{_shape(tensors[name])}]",
            )


def _bind_size(symbol: Size, length: int, source: str, sizes: dict[Size, int], sources: dict[Size, str]) -> None:
    if sizes.setdefault(symbol, length) != length:
        raise InputError(
            f"the size {symbol} is {sizes[symbol]} by {sources[symbol]}, and {length} by {source}",
            expected="one length for both",
        )
    sources.setdefault(symbol, source)


def _solve(e: Expr, symbol: Size, length: int, sizes: Mapping[Size, int]) -> int | None:
    """Solve e == length for its one unknown size, where it is linear in it with an integer result."""
    rest = sp.Poly(e.xreplace({s: sp.Integer(n) for s, n in sizes.items()}) - length, symbol)
    if rest.degree() != 1:
        return None
    value = -rest.coeff_monomial(1) / rest.coeff_monomial(symbol)
    return int(value) if value.is_Integer and value >= 0 else None


def _check_values(tensor: Tensor, array: Array, sizes: Mapping[Size, int]) -> None:
    if tensor.bound is None or array.size == 0:
        return
    bound = size_value(tensor.bound, sizes)
    if bound is None:
        return
    bad = np.argwhere((array < 0) | (array >= bound))
    if len(bad):
        where = tuple(int(i) for i in bad[0])
        name = tensor.name + (f"[{', '.join(map(str, where))}]" if where else "")
        raise InputError(f"{name} is {array[where]}", expected=f"an integer from 0 to {tensor.bound} - 1 = {bound - 1}")


def _shape(tensor: Tensor) -> str:
    return ", ".join(str(e) for e in tensor.shape)
