"""Two enclosures of a gradient at one point: certainly apart, agreeing to 40 digits, or too wide to tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from flint import arb

from gradproof.derive.interpret.fields import Array
from gradproof.verify.draw import Point
from gradproof.verify.report import Finding

DIGITS = 40


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both enclosures of one gradient at one point: `expected` from the forward equations, `claimed` as derived."""

    name: str
    point: Point
    expected: Array
    claimed: Array

    def worst(self) -> Finding | None:
        """Return the entry whose enclosures are certainly apart, the one furthest apart first; None if all overlap."""
        apart = [
            (float(abs(e - c).lower()), place)
            for place, e, c in self._entries()
            if not c.is_finite() or not e.overlaps(c)
        ]
        if not apart:
            return None
        _, place = max(apart, key=lambda pair: float("inf") if np.isnan(pair[0]) else pair[0])
        expected, claimed = self.expected.item(place), self.claimed.item(place)
        return Finding(self.name, place, float(claimed.mid()), float(expected.mid()), float((expected - claimed).rad()))

    def tight(self) -> bool:
        """Are both enclosures narrow enough to agree to 40 digits of the gradient's largest entry, or of 1?

        Inputs are drawn of order one, so that 1 is the scale of a gradient that vanishes by cancellation.
        """
        largest = max((abs(e).mid() for _, e, _ in self._entries()), default=arb(0))
        scale = max(largest, arb(1))
        return all((e - c).rad() <= scale * arb(10) ** -DIGITS for _, e, c in self._entries())

    def finite(self) -> bool:
        return all(e.is_finite() for _, e, _ in self._entries())

    def _entries(self) -> Iterator[tuple[tuple[int, ...], arb, arb]]:
        for place in np.ndindex(self.expected.shape):
            yield place, self.expected.item(place), self.claimed.item(place)
