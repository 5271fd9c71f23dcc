"""The cotangent of a step (or of the output) comes back in another order, or without its first or last entries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Array
from gradproof.verify.diagnosis.tape.reverse import OUTPUT, Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

_MOST_AXES = 4
#: Steps of more than this many are left out: the first and the last say most.
_MOST_STEPS = 60


def moved(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield: transposed, reversed, shifted by one, or cut at an edge, for the output and for each step."""
    del units
    groups = reach.tape.groups
    if reach.output:
        unit = Unit((len(groups) - 1,))
        for number, (kind, words, places) in enumerate(_orders(reach.output)):
            text = f"{words.format('the upstream gradient')}; the result is made"
            yield Variant("moved: output", unit, 0, _edges(OUTPUT, places), float(number), said=(kind, text))
    steps = [g for g, group in enumerate(groups) if group.slots and group.ids.size > 1]
    for g in steps if len(steps) <= _MOST_STEPS else ():
        for number, (kind, words, places) in enumerate(_orders(groups[g].ids.shape)):
            text = f"{words.format('what comes back to this step')},"
            yield Variant("moved: step", Unit((g,)), 0, _edges(g, places), float(number), said=(kind, text))


def _edges(group: int, places: Array) -> Edges:
    return Edges(moved={group: places.reshape(-1)})


def _orders(shape: tuple[int, ...]) -> Iterator[tuple[str, str, Array]]:
    """Yield kind, words and from where each entry is taken."""
    flat = np.arange(int(np.prod(shape))).reshape(shape)
    if len(shape) <= _MOST_AXES:
        for order in permutations(range(len(shape))):
            turned = np.transpose(flat, order)
            if order != tuple(range(len(shape))) and turned.shape == shape:
                yield "transpose", f"{{}} is taken with its axes in the order {order}", turned
    for axis, n in enumerate(shape):
        if n < 2:
            continue
        along = "" if len(shape) == 1 else f" along axis {axis}"
        yield "flip", f"{{}} is reversed{along}", np.flip(flat, axis)
        for end, which, loop in ((0, "first", "begins a step too late"), (-1, "last", "ends a step too early")):
            cut = flat.copy()
            cut[(slice(None),) * axis + (end,)] = -1
            yield "edge", f"the {which} entry of {{}}{along} is left out, as by a loop that {loop}", cut
        for step in (1, -1):
            yield "shift", f"{{}} is shifted by {step}{along}", np.roll(flat, step, axis)
