"""Mistakes that are the same at every entry and every point: a factor, a sign, a transposed array."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import arb, ctx

from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Array, Balls
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.latex.stated.step import LEFT, RIGHT
from gradproof.derive.model import System
from gradproof.verify.draw import Point
from gradproof.verify.slopes import values_of

_DIGITS = 60
#: Numbers that are forgotten or written once too often.
_NUMBERS = (2, 3, 4)
Both = tuple[Point, Array, Array]
"""A point, what is true there, and what is claimed."""


def simple_cause(system: System, points: list[Point]) -> str:
    """Return the one factor, sign or transpose that explains a claim at all the points, "" if none does."""
    both = [(p, *_sides(system, p)) for p in points]
    if all(x.contains(0) for _, true, _ in both for x in true.flat):
        return ""
    for text, factors in _factors(points):
        if all(_times(one, c) for one, c in zip(both, factors, strict=True)):
            return text
    if all(_turned(one) for one in both) and any(min(true.shape) > 1 for _, true, _ in both):
        return "it is transposed"
    return ""


def _sides(system: System, point: Point) -> tuple[Array, Array]:
    with ctx.workprec(bits(_DIGITS)):
        values = run(system, point.named(), Balls(), functions=smooth_functions(system.functions))
    return values_of(values[LEFT]), values_of(values[RIGHT])


def _factors(points: list[Point]) -> Iterator[tuple[str, list[arb]]]:
    """Yield what may be wrong, and at each point what the claim is then of the truth."""
    with ctx.workprec(bits(_DIGITS)):
        for sign, start in ((1, ""), (-1, "the sign is wrong, and ")):
            if sign < 0:
                yield "the sign is wrong", [arb(-1)] * len(points)
            for n in _NUMBERS:
                yield f"{start}the factor 1/{n} is missing", [sign * arb(n)] * len(points)
                yield f"{start}the factor {n} is missing", [sign * arb(1) / n] * len(points)
            for name in sorted(set.intersection(*(set(p.sizes) for p in points))):
                sizes = [p.sizes[name] for p in points]
                if len(set(sizes)) > 1:
                    yield f"{start}the factor 1/{name} is missing", [sign * arb(n) for n in sizes]
                    yield f"{start}the factor {name} is missing", [sign * arb(1) / n for n in sizes]


def _times(one: Both, factor: arb) -> bool:
    _, true, claimed = one
    with ctx.workprec(bits(_DIGITS)):
        return all((x * factor).overlaps(y) for x, y in zip(true.flat, claimed.flat, strict=True))


def _turned(one: Both) -> bool:
    _, true, claimed = one
    if true.ndim != 2 or true.shape[0] != true.shape[1]:
        return False
    return all(x.overlaps(y) for x, y in zip(np.transpose(true).flat, claimed.flat, strict=True))
