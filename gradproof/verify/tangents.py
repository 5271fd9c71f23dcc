"""What forward mode claims, by dual balls: the system is run once, its inputs moving along the directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradproof.derive.interpret import run
from gradproof.derive.interpret.ball import Ball
from gradproof.derive.interpret.fields import Array, Balls
from gradproof.derive.steps import Derivation, Mode

Functions = Mapping[str, Callable[..., Any]]
#: Modes that take every unit vector of an input.
_EVERY = (Mode.JACOBIAN, Mode.HESSIAN)


def expected_tangents(
    derivation: Derivation, inputs: Mapping[str, Any], directions: Mapping[str, Any], functions: Functions
) -> tuple[dict[str, Array], list[str]]:
    """Return what each of `derivation.gradients` should be, and the kinks met.

    Args:
        derivation: a derivation in a mode other than `Mode.GRADIENT`.
        inputs: arrays and sizes of the system that was differentiated.
        directions: arrays of the directions that come in, by their names.
        functions: unknown functions with their derivatives.
    """
    field = Balls()
    moving = dict(inputs)
    for w in (w for w in derivation.wrt if w in inputs):  # one that no equation reads has no value, and moves nothing
        values = field.lift(inputs[w])
        moving[w] = _moved(values, _slopes(derivation, w, values.shape, field, directions), field)
    found = run(derivation.system, moving, field, functions=functions)
    width = _width(derivation, inputs)
    return {key: _tangent(found[name], width) for key, name in outputs(derivation).items()}, field.trace.events


def outputs(derivation: Derivation) -> dict[str, str]:
    """Return, for each of `derivation.gradients`, the computed tensor of which it is the tangent."""
    if derivation.first is None:
        return {name: name for name in derivation.of}
    return {w: e.name for w, e in derivation.first.gradients.items()}


def _width(derivation: Derivation, inputs: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the further axes of the tangents: all unit vectors of one input, or none."""
    return np.shape(inputs[derivation.wrt[0]]) if derivation.mode in _EVERY else ()


def _slopes(
    derivation: Derivation, w: str, shape: tuple[int, ...], field: Balls, directions: Mapping[str, Any]
) -> np.ndarray[Any, Any]:
    """Return the direction of one input, one row an entry: [entries, directions]."""
    entries = int(np.prod(shape))
    if derivation.mode in _EVERY:
        return np.eye(entries, dtype=int)
    if derivation.mode is Mode.SECOND:
        return np.ones((entries, 1), dtype=int)
    given = field.lift(directions[derivation.directions[w]])
    return np.array([e.value for e in given.reshape(-1)], dtype=object).reshape(entries, 1)


def _moved(values: Array, slopes: np.ndarray[Any, Any], field: Balls) -> Array:
    out = np.empty(values.shape, dtype=object)
    for k, place in enumerate(np.ndindex(values.shape)):
        row = arb_mat(1, slopes.shape[1], [s if isinstance(s, arb) else arb(int(s)) for s in slopes[k]])
        out[place] = Ball(values.item(place).value, field.trace, row)
    return out


def _tangent(values: Array, width: tuple[int, ...]) -> Array:
    count = int(np.prod(width))
    out = np.empty((*values.shape, count), dtype=object)
    for place in np.ndindex(values.shape):
        slope = getattr(values.item(place), "slope", None)
        out[place] = [arb(0)] * count if slope is None else slope.entries()
    return out.reshape((*values.shape, *width))
