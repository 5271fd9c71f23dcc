"""What a derivative through time claims, by dual balls: every row of the state is perturbed, the last one is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradproof.derive.interpret import run
from gradproof.derive.interpret.ball import Ball
from gradproof.derive.interpret.fields import Array, Balls, Float64
from gradproof.derive.joint import perturbed
from gradproof.derive.steps import Derivation
from gradproof.derive.through_time.recurrence import Recurrence
from gradproof.derive.through_time.step import held
from gradproof.errors import InternalError

Functions = Mapping[str, Callable[..., Any]]


def expected_product(
    derivation: Derivation, inputs: Mapping[str, Any], functions: Functions
) -> tuple[dict[str, Array], list[str]]:
    """Return what the product should be, and the kinks met.

    Raises:
        InternalError: entries meet along an axis that the derivation takes for shared.
    """
    if derivation.path is None:
        raise InternalError("a derivative through time without its recurrence")
    recurrence = derivation.path.recurrence
    state = recurrence.state
    plain = replace(derivation.system, equations=derivation.system.definitions)
    shape = run(plain, dict(inputs), Float64(), functions=functions)[state].shape
    forward, added = perturbed(held(plain, recurrence), (state,))
    field = Balls()
    found = run(forward, {**inputs, added[state]: _unit_slopes(shape, field)}, field, functions=functions)[state]
    last = np.take(found, -1 if recurrence.lag < 0 else 0, axis=recurrence.axis)
    return {state: _arranged(last, shape, recurrence)}, field.trace.events


def _unit_slopes(shape: tuple[int, ...], field: Balls) -> Array:
    out, count = np.empty(shape, dtype=object), int(np.prod(shape))
    for k, place in enumerate(np.ndindex(shape)):
        row = arb_mat(1, count)
        row[0, k] = arb(1)
        out[place] = Ball(arb(0), field.trace, row)
    return out


def _arranged(last: Array, shape: tuple[int, ...], recurrence: Recurrence) -> Array:
    """Return the slopes by the indices of the state (time that of the earlier row) and the columns."""
    columns = tuple(shape[a] for a in recurrence.across)
    out = np.empty((*shape, *columns), dtype=object)
    out[...] = arb(0)
    for place in np.ndindex(last.shape):
        slope = last.item(place).slope
        entries = np.empty(int(np.prod(shape)), dtype=object)
        entries[:] = [arb(0)] * entries.size if slope is None else slope.entries()
        later = [*place[: recurrence.axis], 0, *place[recurrence.axis :]]
        for earlier, entry in zip(np.ndindex(shape), entries, strict=True):
            if any(earlier[a] != later[a] for a in recurrence.shared):
                if not entry.is_zero():
                    raise InternalError(f"entries of {recurrence.state} meet along an axis taken for shared")
                continue
            own = tuple(earlier[a] if a == recurrence.axis else later[a] for a in range(len(shape)))
            out[(*own, *(earlier[a] for a in recurrence.across))] = entry
    return out
