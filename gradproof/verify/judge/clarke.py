"""Several kinks at one point (ties): the claimed entries together must be a subgradient, not only each for itself.

At a tie any convex combination of the gradients nearby is right (Clarke). A direction along which the claim rises
faster than f does anywhere nearby shows that it is none.

Source: J. V. Burke, A. S. Lewis and M. L. Overton, "A robust gradient sampling algorithm for nonsmooth, nonconvex
optimization", SIAM J. Optim. 15 (2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradproof.verify.calls import Array
from gradproof.verify.judge.here import objective
from gradproof.verify.judge.measured import Measured, Ruler
from gradproof.verify.judge.steps import typical
from gradproof.verify.precision import EPS
from gradproof.verify.report import Finding

#: Kinks that are looked at together.
_MOST = 16
#: How far points are sampled around, and the steps there, as shares of the input's scale.
_AROUND, _STEP = 1e-4, 1e-7
#: The claim must rise faster than f by this share to be wrong.
_SURELY = 0.05


def outside_hull(ruler: Ruler, kinks: Sequence[Measured]) -> tuple[Finding, ...]:
    """Return the entries that take the claim out of the hull of the gradients nearby; () where nothing shows that."""
    chosen = [e for e in kinks if e.index is not None][:_MOST]
    if len(chosen) < 2 or ruler.problem.value_eps > EPS:  # steps so small tell nothing of an f with few digits
        return ()
    found = _Hull(ruler, chosen)
    if not np.any(found.gradients):  # constant nearby: the kinks are steps of an f that is rounded
        return ()
    direction = found.claimed - found.nearest()
    if not np.any(direction) or not found.rises_too_fast(direction):
        return ()
    note = "at a tie: no convex combination of the gradients nearby; the nearest one is shown"
    far = np.flatnonzero(np.abs(direction) > _SURELY * np.max(np.abs(direction)))
    order = sorted(far, key=lambda j: -abs(direction[j]))
    return tuple(
        Finding(ruler.problem.names[e.input], e.index or (), e.claimed, e.claimed - float(direction[j]), 0.0, note)
        for j in order
        for e in [chosen[j]]
    )


@dataclass
class _Hull:
    """Gradients sampled around a point, in the entries at a kink."""

    ruler: Ruler
    kinks: list[Measured]

    def __post_init__(self) -> None:
        self.claimed = np.array([e.claimed for e in self.kinks])
        self.scales = np.array([typical(self.ruler.here.inputs[e.input]) for e in self.kinks])
        rng, count = self.ruler.rng, len(self.kinks)
        self.around = [_AROUND * rng.uniform(-1, 1, count) for _ in range(16 + 6 * count)]
        self.gradients = np.array([self._gradient(offset) for offset in self.around])
        self.gradients = self.gradients[np.all(np.isfinite(self.gradients), axis=1)]

    def _value(self, offset: Array) -> float:
        """Return f with the entries moved by shares of their scales."""
        here = self.ruler.here
        moved = [np.array(a) if isinstance(a, np.ndarray) else a for a in here.inputs]
        for e, by in zip(self.kinks, offset * self.scales, strict=True):
            moved[e.input][e.index] += by
        return objective(self.ruler.problem, moved, here.cotangent)

    def _slope(self, offset: Array, direction: Array) -> float:
        """Return f's slope along a direction (in units of the scales) at a point nearby."""
        ahead, behind = self._value(offset + _STEP * direction), self._value(offset - _STEP * direction)
        return (ahead - behind) / (2 * _STEP)

    def _gradient(self, offset: Array) -> Array:
        return np.array([self._slope(offset, unit) for unit in np.eye(len(self.kinks))]) / self.scales

    def nearest(self) -> Array:
        """Return the point of the hull that is nearest to the claim (Frank and Wolfe's method)."""
        if not len(self.gradients):
            return self.claimed
        point = np.mean(self.gradients, axis=0)
        for _ in range(500):
            step = self.gradients[int(np.argmin(self.gradients @ (point - self.claimed)))] - point
            length = float(step @ step)
            share = 0.0 if length == 0 else float(np.clip(step @ (self.claimed - point) / length, 0.0, 1.0))
            point = point + share * step
        return point

    def rises_too_fast(self, direction: Array) -> bool:
        """Does the claim rise faster along the direction than f does at the point and around it?"""
        claimed = float(self.claimed @ direction)
        along = direction / self.scales
        sides = [self._one_sided(along), -self._one_sided(-along)]
        fastest = max(*sides, *(float(g @ direction) for g in self.gradients))
        terms = float(np.abs(self.claimed) @ np.abs(direction)) + abs(fastest)
        return bool(np.all(np.isfinite(sides)) and claimed - fastest > _SURELY * terms)

    def _one_sided(self, along: Array) -> float:
        share = _STEP / max(float(np.max(np.abs(along))), 1e-300)
        return (self._value(share * along) - self.ruler.here.value) / share
