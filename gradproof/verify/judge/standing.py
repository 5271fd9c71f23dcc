"""One claimed entry (or one direction) against the exact value: how the two stand to each other, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from flint import arb

from gradproof.verify.balls.exactly import DIGITS
from gradproof.verify.report import Finding

#: "agrees": to 40 digits. "close": to the rounding of constants and of floats. "apart": neither, so look again.
Look = Literal["agrees", "close", "apart"]
Verdict = Literal["right", "wrong", "unclear"]

#: A claim is not told from the exact value closer than this, relative to the entry itself.
RELATIVE = 1e-11
#: The same for the sum along a direction, relative to the sum of its terms' magnitudes.
_ALONG = 1e-13
#: What rounding leaves of an entry must tell it from another to this share of it.
_SHARE = 0.03
#: Claims in floats that lie below this share of the gradient's largest entry may be nothing but rounding.
_NOISE = 1e-13
#: What code computes in floats from its own constants (y - y.mean()) is off by this share of the gradient's largest
#: entry.
_CONSTANTS = 2.0**-46
#: Bounds wider than this come from loosened constants.
_LOOSENED = 1e-25
#: A tiny claim in floats that is right to so much has no mistake that a person makes.
_FEW_DIGITS = 1e-6


@dataclass(frozen=True, slots=True)
class Pair:
    """The exact value and the claim, both as balls.

    Attributes:
        expected: from f.
        claimed: from the gradient, in balls or as the float that it returned.
        terms: for a direction the sum of its terms' magnitudes; None for an entry.
        rounding: of a claim in floats: by how much it moves when the inputs move by an ulp; else 0.
        rtol: relative difference that the user allows (of a direction's terms: of their sum).
    """

    expected: arb
    claimed: arb
    terms: float | None = None
    rounding: float = 0.0
    rtol: float = 0.0

    @property
    def size(self) -> arb:
        """The larger of the two, in magnitude."""
        return abs(self.expected).mid().max(abs(self.claimed).mid())

    @property
    def distance(self) -> arb:
        return abs(self.expected - self.claimed)

    @property
    def radius(self) -> float:
        return float((self.expected - self.claimed).rad())

    def look(self) -> Look:
        """Compare without asking what the rounding of constants may explain."""
        if not self.claimed.is_finite():
            return "apart"
        scale = abs(self.expected).mid().max(arb(10) ** -DIGITS)
        if self.expected.overlaps(self.claimed) and self.radius <= scale * arb(10) ** -DIGITS:
            return "agrees"
        single = self.terms is None
        room = self.size * max(RELATIVE, self.rtol) if single else arb(self.terms) * max(_ALONG, self.rtol)
        return "close" if self.distance.upper() <= room else "apart"


def with_loose_constants(loose: Pair, largest: float, smallest: float | None = None) -> Verdict:
    """Judge enclosures in which each constant stands for all numbers that may have been rounded to it.

    `largest` is the gradient's largest entry. `smallest` is the size of a direction's smallest term: the enclosures
    must be narrow enough to see that one.

    A difference in the last digits of the largest entry may be left of numbers that cancelled before a ball was met;
    that is not called wrong, unless all constants are exact.
    """
    if not loose.claimed.is_finite():
        return "wrong"
    if not loose.expected.overlaps(loose.claimed):
        exact = max(loose.claimed.rad(), loose.expected.rad()) <= loose.size * _LOOSENED
        return "wrong" if exact or loose.distance.lower() > _CONSTANTS * largest else "unclear"
    own = float(loose.size) if smallest is None else smallest
    return "right" if loose.radius <= max(own * _SHARE, _NOISE * largest) else "unclear"


def as_floats(pair: Pair, largest: float) -> Verdict:
    """Judge an entry that the gradient computed in floats; `largest` is the gradient's largest entry.

    Within its own rounding it is right. A tiny one beyond it may still be rounding that does not move with the inputs
    (1 - tanh(x)**2 where tanh(x) is nearly 1), and is not called wrong.
    """
    if not pair.claimed.is_finite():
        return "wrong"
    distance = float(pair.distance.lower())
    if distance <= pair.rounding:
        narrow = pair.rounding <= max(_SHARE * float(pair.size), 10 * _NOISE * largest)
        return "right" if narrow else "unclear"
    if distance > _NOISE * largest:
        return "wrong"
    return "right" if distance <= _FEW_DIGITS * float(pair.size) else "unclear"


def badness(f: Finding) -> float:
    """Return what findings are sorted by: the worst first."""
    error = abs(f.claimed - f.expected)
    return -float("inf") if np.isnan(error) else -error
