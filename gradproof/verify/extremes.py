"""Points beyond the small random ones at which kernels are compared too: one long axis, and inputs of about 1000."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from sympy import Basic

from gradproof.derive.index import Size
from gradproof.derive.interpret.binding import size_value
from gradproof.derive.model import System
from gradproof.derive.nodes import Reduce, free_indices
from gradproof.verify.draw import Point, draw_point, draw_sizes, is_normalised

#: Lengths of the long axis, the first that is cheap enough; a recurrence is followed step by step.
_LENGTHS, _STEPS = (1000, 300, 100), (100, 30)
#: Entries that may be computed at a long point, those that are summed up included.
_WORK = 10_000
#: What inputs are multiplied by: a power of two, which rounds nothing.
LARGE = 1024.0


def long_point(system: System, rng: np.random.Generator, attempt: int) -> Point | None:
    """Return random inputs with one long axis, the others of length 2 or 3; None where no axis can be long."""
    small = draw_sizes(system, rng, with_one=False, most=3)
    steps = any(e.kind == "start" for e in system.equations)
    for length in _STEPS if steps else _LENGTHS:
        found = [s for s in _axes(system) if _work(system, {**small, s: length}) <= _WORK]
        if found:
            return draw_point(system, {**small, found[attempt % len(found)]: length}, rng, attempt)
    return None


def large_point(system: System, rng: np.random.Generator, attempt: int) -> Point | None:
    """Return a small point whose real inputs are multiplied by 1024: all of them, in later attempts some."""
    point = draw_point(system, draw_sizes(system, rng, with_one=False, most=3), rng, attempt)
    if point is None:
        return None
    inputs = {n: a * LARGE if _may_grow(system, n, a) and _chosen(rng, attempt) else a for n, a in point.inputs.items()}
    return replace(point, inputs=inputs)


def _chosen(rng: np.random.Generator, attempt: int) -> bool:
    return attempt == 0 or bool(rng.integers(2))


def _may_grow(system: System, name: str, array: Any) -> bool:
    return array.dtype.kind == "f" and not is_normalised(system, name)


def _axes(system: System) -> list[Size]:
    """Return the sizes that are the length of an axis of a real input."""
    shapes = [t.shape for t in system.inputs if t.bound is None]
    return list(dict.fromkeys(n for shape in shapes for n in shape if isinstance(n, Size)))


def _work(system: System, sizes: Mapping[Size, int]) -> int:
    """Return how many entries the equations compute, those of sums included."""
    lengths = [[size_value(i.size, sizes) or 0 for i in e.indices] for e in system.definitions]
    return sum(prod(own) for own in lengths) + sum(_sums(e.value, sizes) for e in system.definitions)


def _sums(e: Basic, sizes: Mapping[Size, int]) -> int:
    return sum(_entries(r, sizes) for r in _reductions(e))


def _entries(r: Reduce, sizes: Mapping[Size, int]) -> int:
    _, body, _ = r.open()
    around = [size_value(i.size, sizes) or 0 for i in sorted(free_indices(r), key=str)]
    return prod(around) * prod(size_value(n, sizes) or 0 for n in r.sizes) + _sums(body, sizes)


def _reductions(e: Basic) -> Iterator[Reduce]:
    if isinstance(e, Reduce):
        yield e
    else:
        for part in e.args:
            yield from _reductions(part)
