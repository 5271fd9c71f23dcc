"""The points at which an explanation must hold: the given one, and further ones where the true gradient is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradproof.verify.constrained import is_constrained
from gradproof.verify.diagnosis.case import Array, Case

#: How far further points lie, each entry scaled by 1 ± this; the next where f has no gradient at the last.
_STEPS = (0.3, 0.3, 0.1, 0.02)
#: What is left of terms that cancel, as a share of the largest gradient of all inputs.
_ROUNDING = 1e-13
#: A true gradient that is known so well was not measured.
_EXACT = 1e-11
#: So many further points are asked for.
_FURTHER = 2


@dataclass(frozen=True)
class Point:
    """A point with both gradients there.

    Attributes:
        inputs: all of them.
        claimed: for each of `wrt`; NaN nowhere that `true` is not.
        true: for each of `wrt`; NaN where it is not known.
        cotangent: of an array-valued f.
    """

    inputs: Sequence[Any]
    claimed: tuple[Array, ...]
    true: tuple[Array, ...]
    cotangent: Array | None


class Study:
    """A case, its wrong inputs, and the points that were tried."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.here = Point(case.inputs, _floats(case.claimed), _floats(case.expected), case.cotangent)
        self.rng = np.random.default_rng([case.seed, 5])
        self._shuffles: dict[int, Point | None] = {}

    @cached_property
    def wrong(self) -> tuple[int, ...]:
        """Positions in `wrt` of the inputs whose gradient is off by more than the accuracy."""
        floor = _ROUNDING * max((_norm(np.nan_to_num(t)) for t in self.here.true), default=0.0)
        if len(self.case.wrt) == 1:
            floor = 0.0
        sizes = [_norm(self.error(self.here, k)) for k in range(len(self.case.wrt))]
        return tuple(k for k, size in enumerate(sizes) if size > max(3 * self.noise(self.here, k), floor))

    @cached_property
    def mute(self) -> frozenset[int]:
        """Positions in `wrt` of the inputs on which f does not depend: their gradient is 0 but for rounding."""
        floor = _ROUNDING * max((_norm(np.nan_to_num(t)) for t in self.here.true), default=0.0)
        return frozenset(k for k, t in enumerate(self.here.true) if _norm(np.nan_to_num(t)) <= floor)

    @cached_property
    def further(self) -> tuple[Point, ...]:
        """Points near the given one at which both gradients can be had."""
        found: list[Point] = []
        for step in _STEPS:
            point = self.at(self._moved(step))
            if point is not None:
                found.append(point)
            if len(found) == _FURTHER:
                break
        return tuple(found)

    def shuffled(self, k: int) -> Point | None:
        """Return a point at which input k has the same entries in other places."""
        if k not in self._shuffles:
            x = np.asarray(self.case.inputs[self.case.wrt[k]], dtype=np.float64)
            order = np.random.default_rng([self.case.seed, 7]).permutation(x.size)
            self._shuffles[k] = self.changed({self.case.wrt[k]: x.reshape(-1)[order].reshape(x.shape)})
        return self._shuffles[k]

    def changed(self, new: dict[int, Any]) -> Point | None:
        """Return the given point with other values for some inputs, by their positions."""
        return self.at([new.get(place, a) for place, a in enumerate(self.case.inputs)])

    def at(self, inputs: Sequence[Any]) -> Point | None:
        """Return a point with both gradients; None where one of them cannot be had or is not finite."""
        case = self.case
        if case.reference is None:
            return None
        try:
            true = case.reference(inputs)
            claimed = case.gradient(inputs) if true is not None else None
        except Exception:  # noqa: BLE001  (the user's code may do anything at a point that they did not choose)
            return None
        if true is None or claimed is None:
            return None
        point = Point(inputs, _floats(claimed), _floats(true), case.cotangent)
        pairs = zip(point.claimed, point.true, self.here.true, strict=True)
        usable = all(c.shape == t.shape == h.shape and np.all(np.isfinite(c)) for c, t, h in pairs)
        return point if usable and any(np.any(np.isfinite(t)) for t in point.true) else None

    # ------------------------------------------------------------ at a point

    def error(self, point: Point, k: int) -> Array:
        """Return claimed - true, 0 where it is not known."""
        return np.nan_to_num(point.claimed[k] - point.true[k], nan=0.0, posinf=0.0, neginf=0.0)

    @cached_property
    def accuracy(self) -> tuple[float, ...]:
        """For each of `wrt` how well the true gradient is known: where it was measured, it is measured once more."""
        case = self.case
        if case.reference is None or case.accuracy <= _EXACT:
            return (case.accuracy,) * len(case.wrt)
        again = self.at(case.inputs)
        if again is None:
            return (case.accuracy,) * len(case.wrt)
        found = []
        for true, other in zip(self.here.true, again.true, strict=True):
            both = np.isfinite(true) & np.isfinite(other)
            size = _norm(true[both])
            found.append(max(case.accuracy, 3 * _norm((true - other)[both]) / size if size else 0.0))
        return tuple(found)

    def noise(self, point: Point, k: int) -> float:
        """Return how large a difference of gradients is that says nothing."""
        return self.accuracy[k] * _norm(np.nan_to_num(point.true[k]))

    def input(self, point: Point, k: int) -> Array:
        return np.asarray(point.inputs[self.case.wrt[k]], dtype=np.float64)

    def name(self, k: int) -> str:
        return self.case.names[self.case.wrt[k]]

    def weight(self, k: int) -> float:
        """Return the size of an input's error, in units of its gradient."""
        error, true = _norm(self.error(self.here, k)), _norm(np.nan_to_num(self.here.true[k]))
        return float(min(error / true, 1.0)) if true else 1.0

    # ------------------------------------------------------------ other inputs

    def _moved(self, step: float) -> list[Any]:
        case = self.case
        return [self._scaled(a, step) if k in case.wrt else a for k, a in enumerate(case.inputs)]

    def _scaled(self, a: Array, step: float) -> Array:
        a = np.asarray(a, dtype=np.float64)
        if is_constrained(a):
            return a
        typical = float(np.median(np.abs(a[a != 0]))) if np.any(a) else 1.0
        moved = a * (1 + step * self.rng.uniform(-1, 1, a.shape))
        moved = np.asarray(np.where(a == 0, step * typical * self.rng.standard_normal(a.shape), moved))
        return (moved + moved.T) / 2 if is_symmetric(a) else moved


def is_symmetric(a: Array) -> bool:
    """Is this a symmetric matrix? Functions of such often read one triangle alone."""
    return a.ndim == 2 and a.shape[0] == a.shape[1] > 1 and bool(np.array_equal(a, a.T))


def _floats(arrays: Sequence[Any]) -> tuple[Array, ...]:
    return tuple(np.asarray(a, dtype=np.float64) for a in arrays)


def _norm(a: Array) -> float:
    """Return the norm, of numbers as small or large as floats can be."""
    largest = float(np.max(np.abs(a), initial=0.0))
    return largest * float(np.sqrt(np.sum((a / largest) ** 2))) if largest else 0.0
