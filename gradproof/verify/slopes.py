"""Balls with one slope for every entry of the tensors that a derivative is taken for, and the slopes as arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from flint import arb, arb_mat

from gradproof.derive.interpret.ball import Ball
from gradproof.derive.interpret.fields import Array, Balls


def with_slopes(values: Array, field: Balls, first: int, total: int) -> Array:
    """Return the entries with the unit vectors `first`, `first + 1` ... of `total` as their slopes."""
    out = np.empty(values.shape, dtype=object)
    for k, place in enumerate(np.ndindex(values.shape)):
        unit = arb_mat(1, total)
        unit[0, first + k] = arb(1)
        out[place] = Ball(values.item(place).value, field.trace, unit)
    return out


def split(slope: arb_mat | None, shapes: Mapping[str, tuple[int, ...]], wrt: tuple[str, ...]) -> dict[str, Array]:
    """Return the row of derivatives as one array for each tensor."""
    total = sum(int(np.prod(shapes[w])) for w in wrt)
    entries = [arb(0)] * total if slope is None else slope.entries()
    out = {}
    for w in wrt:
        n = int(np.prod(shapes[w]))
        array = np.empty(n, dtype=object)
        array[:] = entries[:n]
        out[w], entries = array.reshape(shapes[w]), entries[n:]
    return out


def values_of(array: Array) -> Array:
    """Return the enclosures of an array of balls."""
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        entry = array.item(place)
        out[place] = entry.value if isinstance(entry, Ball) else entry
    return out
