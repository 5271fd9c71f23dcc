"""What a Gauss-Newton product claims, by dual balls: J v and Jᵀ from the forward equations, H from the loss alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradproof.derive.interpret import run
from gradproof.derive.interpret.ball import Ball
from gradproof.derive.interpret.fields import Array, Balls
from gradproof.derive.steps import Derivation

Functions = Mapping[str, Callable[..., Any]]


def expected_gauss_newton(
    derivation: Derivation, inputs: Mapping[str, Any], directions: Mapping[str, Any], functions: Functions
) -> tuple[dict[str, Array], list[str]]:
    """Return what each product should be, and the kinks met.

    Every parameter moves along its own unit vector: that is J, and J v and Jᵀ u are read off it. H is the derivative
    of the loss's gradient, along J v; that gradient is judged for itself.
    """
    forward, outer, _ = derivation.parts
    (through,) = outer.wrt
    field, moving = Balls(), dict(inputs)
    shapes = {w: np.shape(inputs[w]) for w in derivation.wrt}
    total = sum(int(np.prod(s)) for s in shapes.values())
    first = 0
    for w, shape in shapes.items():
        moving[w] = _moved(field.lift(inputs[w]), field, np.eye(total, dtype=int)[first : first + int(np.prod(shape))])
        first += int(np.prod(shape))
    plain = replace(forward.system, equations=forward.system.definitions)
    found = run(plain, moving, field, functions=functions)
    jacobian = _slopes(found[through], total)
    direction = [e.value for w in shapes for e in field.lift(directions[derivation.directions[w]]).reshape(-1)]
    along = np.array([[sum((a * b for a, b in zip(row, direction, strict=True)), arb(0))] for row in jacobian])
    pulled, events = _hessian(outer, {**inputs, **found}, found[through], along, functions)
    products = [sum((row[k] * u for row, u in zip(jacobian, pulled, strict=True)), arb(0)) for k in range(total)]
    return _split(products, shapes), [*field.trace.events, *events]


def _hessian(
    outer: Derivation, known: Mapping[str, Any], values: Array, along: Array, functions: Functions
) -> tuple[list[arb], list[str]]:
    """Return the Hessian of the loss times a direction, by the system that computes its gradient."""
    field = Balls()
    (through,) = outer.wrt
    if outer.first is None:
        raise AssertionError("a second derivative without its first")
    names = {t.name for t in outer.system.inputs} | {s.name for s in outer.system.sizes}
    inputs = {n: _plain(a, field) for n, a in known.items() if n in names and n != through}
    inputs[through] = _moved(_plain(values, field), field, along)
    found = run(outer.system, inputs, field, functions=functions)[outer.first.gradients[through].name]
    return [row[0] for row in _slopes(found, 1)], field.trace.events


def _plain(values: Any, field: Balls) -> Any:
    """Return values without slopes; data as they are."""
    array = np.asarray(values)
    if array.dtype != object:
        return values
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        entry = array.item(place)
        out[place] = Ball(entry.value, field.trace) if isinstance(entry, Ball) else entry
    return out


def _moved(values: Array, field: Balls, slopes: Array) -> Array:
    out = np.empty(values.shape, dtype=object)
    for k, place in enumerate(np.ndindex(values.shape)):
        row = [s if isinstance(s, arb) else arb(int(s)) for s in slopes[k]]
        out[place] = Ball(values.item(place).value, field.trace, arb_mat(1, len(row), row))
    return out


def _slopes(values: Array, count: int) -> list[list[arb]]:
    """Return one row of derivatives for each entry."""
    slopes = [getattr(values.item(place), "slope", None) for place in np.ndindex(values.shape)]
    return [[arb(0)] * count if s is None else s.entries() for s in slopes]


def _split(entries: list[arb], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    out = {}
    for w, shape in shapes.items():
        count = int(np.prod(shape))
        array = np.empty(count, dtype=object)
        array[:] = entries[:count]
        out[w], entries = array.reshape(shape), entries[count:]
    return out
