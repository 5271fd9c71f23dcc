"""Random points at which a derivation is judged: sizes, inputs in the domain, assumptions satisfied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb
from sympy import Basic, Expr, Pow

from gradproof.derive.divisors import divisors
from gradproof.derive.index import Size
from gradproof.derive.interpret.binding import all_sizes, size_value
from gradproof.derive.interpret.evaluate import value
from gradproof.derive.interpret.fields import Array, Balls, boxed
from gradproof.derive.interpret.run import scope_of
from gradproof.derive.model import Assumption, System, Tensor
from gradproof.derive.nodes import Element, Reduce, free_indices, names_in
from gradproof.derive.symmetric import assumed_symmetric

#: How real inputs are drawn. "mixed" draws each tensor in a manner of its own: a point where one tensor must be a
#: probability and another may be anything is found so.
MANNERS = ("normal", "normal", "normal", "probability", "positive")
#: Twenty binary digits: exact in every number field, and no two entries are equal by accident.
_GRAIN = 2.0**-20


@dataclass(frozen=True, slots=True)
class Point:
    """Sizes and inputs (cotangents too) at which systems are evaluated."""

    sizes: Mapping[str, int]
    inputs: Mapping[str, Any]

    def named(self) -> dict[str, Any]:
        """Return inputs and sizes under their names, as the interpreter takes them."""
        return {**self.inputs, **self.sizes}

    def in_type(self, dtype: str) -> Point:
        """Return the point with its real inputs in a kernel's type; integers stay."""
        return replace(self, inputs={n: _in_type(a, dtype) for n, a in self.inputs.items()})

    def scaled(self, rng: np.random.Generator) -> Point:
        """Return the point with each array of real numbers a quarter, the same, or four times as large; balls stay."""
        factors = {n: 4.0 ** rng.integers(-1, 2) for n, a in self.inputs.items() if a.dtype.kind == "f"}
        return replace(self, inputs={n: a * factors[n] if n in factors else a for n, a in self.inputs.items()})

    def __str__(self) -> str:
        return ", ".join(f"{s} = {n}" for s, n in sorted(self.sizes.items())) or "no sizes"


def _in_type(array: Array, dtype: str) -> Array:
    return array if array.dtype.kind in "iu" else array.astype(np.float64).astype(dtype)


def draw_sizes(system: System, rng: np.random.Generator, *, with_one: bool, most: int = 4) -> dict[Size, int]:
    """Return small sizes, different from each other where there is room; with one of them 1 if asked.

    Beyond four sizes only 2 and 3 are used: the work grows with the product of them all.
    """
    symbols = all_sizes(system)
    small = [2, 3] if len(symbols) > 4 else sorted({2, 3, most})
    divided = divisors(e.value for e in system.definitions)
    sizes: dict[Size, int] = {}
    for symbol in symbols:
        unused = [n for n in small if n not in sizes.values()] or small
        sizes[symbol] = int(rng.choice(unused))
        if symbol.least == 0:
            sizes[symbol] = int(rng.integers(int(symbol in divided), 3))
    if with_one and symbols:
        sizes[symbols[int(rng.integers(len(symbols)))]] = 1
    return sizes


def draw_point(system: System, sizes: Mapping[Size, int], rng: np.random.Generator, attempt: int) -> Point | None:
    """Return random inputs, or None where the sizes leave a tensor without a length.

    The first attempts draw normal numbers; when they left the domain of a function (the logarithm of a negative
    number), later ones draw each tensor in a manner of its own.
    """
    inputs: dict[str, Any] = {}
    common = "normal" if attempt < 4 else ("probability", "positive", "")[attempt % 3]
    positive = _normalised(system)
    for tensor in system.inputs:
        shape = [size_value(e, sizes) for e in tensor.shape]
        if None in shape:
            continue  # No equation reads it: its sizes are no part of the point.
        if any(n < 0 for n in shape if n is not None):
            return None
        manner = "positive" if tensor.name in positive else common or str(rng.choice(MANNERS))
        inputs[tensor.name] = _draw(tensor, tuple(n or 0 for n in shape), sizes, rng, manner)
    _satisfy(system, inputs, sizes)
    return Point({s.name: n for s, n in sizes.items()}, inputs)


def _draw(
    tensor: Tensor, shape: tuple[int, ...], sizes: Mapping[Size, int], rng: np.random.Generator, manner: str
) -> Array:
    if tensor.bound is not None:
        return np.asarray(rng.integers(0, max(size_value(tensor.bound, sizes) or 1, 1), size=shape))
    if manner == "normal":
        numbers = rng.normal(size=shape)
    elif manner == "probability":
        numbers = rng.uniform(0.05, 0.95, size=shape)
    else:
        numbers = rng.uniform(0.25, 2.0, size=shape)
    return np.asarray(np.round(numbers / _GRAIN) * _GRAIN)


# ---------------------------------------------------------------- assumptions


def _pattern(assumption: Assumption) -> tuple[Element, Expr] | None:
    """Return T[...] and n where the assumption is `sum T[...]**n = something`, T's indices plain and different."""
    left = assumption.left
    if not isinstance(left, Reduce) or left.op != "sum" or left.conditions:
        return None
    element, power = left.body.as_base_exp() if isinstance(left.body, Pow) else (left.body, 1)
    plain = isinstance(element, Element) and all(i.is_Symbol for i in element.indices)
    return (element, power) if plain and len(set(element.indices)) == len(element.indices) else None


def _normalised(system: System) -> set[str]:
    """Return the tensors whose sums an assumption fixes; they are drawn positive."""
    return {found[0].name for a in system.assumptions if (found := _pattern(a)) is not None}


def is_normalised(system: System, name: str) -> bool:
    """Does an assumption fix sums of this tensor?"""
    return name in _normalised(system)


def _satisfy(system: System, inputs: dict[str, Any], sizes: Mapping[Size, int]) -> None:
    """Scale inputs so that assumptions of the form `sum T**n = ...` hold, to the working precision."""
    for assumption in system.assumptions:
        _symmetrise(assumed_symmetric(assumption), inputs)
        found = _pattern(assumption)
        reads = names_in(assumption.left) | names_in(assumption.right)
        if found is None or found[0].name not in inputs or not reads <= set(inputs):
            continue
        element, power = found
        left, right = sides(system, assumption, inputs, sizes)
        factors = boxed(boxed(right / left) ** (arb(1) / int(power)))
        free = free_indices(assumption.left)
        inputs[element.name] = _scaled(inputs[element.name], element, factors, free)


def _symmetrise(name: str, inputs: dict[str, Any]) -> None:
    """Replace a tensor that is assumed to be symmetric by the mean of itself and its transpose: exact in binary."""
    if name in inputs:
        inputs[name] = (inputs[name] + np.swapaxes(inputs[name], -1, -2)) / 2


def _scaled(array: Array, element: Element, factors: Array, free: list[Any]) -> Array:
    """Multiply each T[..., i, ...] by the factor of its free indices i."""
    order = [free.index(i) for i in element.indices if i in free]
    shape = [n if i in free else 1 for i, n in zip(element.indices, array.shape, strict=True)]
    weights = np.transpose(np.broadcast_to(factors, _lengths(element, array, free)), order).reshape(shape)
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        weight = weights[tuple(p if n > 1 else 0 for p, n in zip(place, weights.shape, strict=True))]
        out[place] = _ball(array[place]) * weight
    return out


def _lengths(element: Element, array: Array, free: list[Any]) -> tuple[int, ...]:
    return tuple(array.shape[element.indices.index(i)] for i in free)


def _ball(x: Any) -> arb:
    return x if isinstance(x, arb) else arb(float(x))


def sides(
    system: System, assumption: Assumption, arrays: Mapping[str, Any], sizes: Mapping[Size, int]
) -> tuple[Array, Array]:
    """Return both sides of an assumption as arrays of balls over its free indices, in their fixed order."""
    field = Balls()
    mine = {n: a for n, a in arrays.items() if n in system.by_name}
    known = {n: field.lift(a) if system[n].bound is None else np.asarray(a) for n, a in mine.items()}
    free = _free(assumption.left, assumption.right)
    lengths = tuple(size_value(i.size, sizes) or 0 for i in free)
    scope = scope_of(system, known, sizes, field).within(tuple(free), lengths)
    pair = np.broadcast_arrays(value(assumption.left, scope), value(assumption.right, scope))
    values = np.frompyfunc(lambda b: b.value, 1, 1)
    return np.asarray(values(pair[0]), dtype=object), np.asarray(values(pair[1]), dtype=object)


def _free(*expressions: Basic) -> list[Any]:
    found = {i: None for e in expressions for i in free_indices(e)}
    return sorted(found, key=lambda i: i.name)
