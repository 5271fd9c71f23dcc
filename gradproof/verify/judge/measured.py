"""The measured path: finite differences with error bars, entry by entry or along random directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.differences import EPS, Slope, judge_slope
from gradproof.verify.judge.here import Here
from gradproof.verify.judge.lines import Line, direction_line, entry_line, evaluate_ahead, steps_ahead
from gradproof.verify.judge.noise import noise_of, noise_points
from gradproof.verify.judge.steps import typical

#: Up to so many entries of an input each is measured; beyond, random directions and bisection.
EVERY_ENTRY = 400
#: What an entry takes, about: with a budget, fewer are measured one by one.
_EACH = 30
#: Inputs with more entries share one estimate of f's noise.
_SHARED = 40
#: Entries are put along one direction only with others of their size: within this factor of the largest.
_ALIKE = 1e4
#: Groups up to this size are measured entry by entry.
FEW = 8
#: Entries that an executor works on at a time.
_BATCH = 32
_RELATIVE = 2e-9
_PART = 65_536
#: A cheap difference: its step, what its bar may be, and what it may be off by, as shares.
_ROUGH_STEP, _ROUGH, _ROUGHLY = 1e-3, 0.01, 1e-6


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured entry: the input's position, index (None: a random direction through `count` entries), the slope."""

    input: int
    index: tuple[int, ...] | None
    claimed: float
    slope: Slope
    count: int = 1


@dataclass(frozen=True, slots=True)
class _Steps:
    """The scale of the input along a line, the greatest step and the smallest."""

    scale: float
    first: float
    least: float


@dataclass(frozen=True, slots=True)
class _Sums:
    """Of a claimed slope's terms: the sum, that of magnitudes, of roundings, and the bar that the least term needs."""

    claimed: float
    size: float
    rounding: float
    least: float

    @classmethod
    def of(cls, drawn: Array, gradient: Array, rounding: Array) -> _Sums:
        """Return the sums, taken in parts: large inputs leave no room for whole arrays of terms."""
        parts = []
        for start in range(0, len(drawn), _PART):
            part = slice(start, start + _PART)
            terms = np.abs(drawn[part] * gradient[part])
            own = np.abs(drawn[part]) * rounding[part]
            needed = np.min(np.maximum(0.3 * terms, _hidden(terms, own)))
            parts.append((float(np.sum(terms)), float(np.sum(own)), float(needed)))
        sizes, roundings, least = zip(*parts, strict=True)
        return cls(float(drawn @ gradient), sum(sizes), sum(roundings), min(least))


@dataclass(frozen=True, slots=True)
class _Task:
    """One slope to judge."""

    line: Line
    steps: _Steps
    claimed: float
    slack: float
    floor: float
    needed: float = np.inf


class Ruler:
    """Measures a claimed gradient at one point.

    Attributes:
        rtol: relative error that the user allows.
    """

    def __init__(self, problem: Problem, here: Here, rng: np.random.Generator, *, rtol: float = 0.0) -> None:
        self.problem, self.here, self.rng, self.rtol = problem, here, rng, rtol
        self._noise: dict[int, float] = {}
        self._eps = problem.value_eps
        self._size = _terms(problem, here) if self._eps > EPS else abs(here.value)

    def every_entry(self, place: int) -> bool:
        """Is an input of `wrt` measured entry by entry?"""
        left = self.problem.meter.left
        most = EVERY_ENTRY if left is None else min(EVERY_ENTRY, left // (_EACH * len(self.problem.wrt)))
        return bool(self.here.inputs[self.problem.wrt[place]].size <= max(most, FEW))

    def entries(self, place: int, chosen: Sequence[int]) -> Iterator[Measured]:
        """Yield the slopes of entries of one input, given by their flat positions."""
        for start in range(0, len(chosen), _BATCH):
            tasks = {flat: self._entry_task(place, flat) for flat in chosen[start : start + _BATCH]}
            evaluate_ahead(self.problem, ((t.line, self._points(t)) for t in tasks.values()))
            for flat, task in tasks.items():
                yield self._entry(place, flat, task)

    def entry(self, place: int, flat: int, claim: float | None = None) -> Measured:
        """Return the slope of one entry, judged against the gradient's or another claim."""
        return self._entry(place, flat, self._entry_task(place, flat, claim))

    def along(self, place: int, chosen: Array, *, hasty: bool = False) -> Measured:
        """Return the slope along a random direction through the chosen entries; `hasty` ends once it is clearly off."""
        task = self._direction_task(place, chosen)
        evaluate_ahead(self.problem, [(task.line, self._points(task))])
        return Measured(self.problem.wrt[place], None, task.claimed, self._judge(task, hasty=hasty), len(chosen))

    def agrees_roughly(self, place: int, chosen: Array) -> bool:
        """Does one cheap difference along a random direction agree with the gradient? Where not, nothing is said."""
        task = self._direction_task(place, chosen)
        step = _ROUGH_STEP * task.steps.scale
        values = [task.line(t * step) for t in (-2, -1, 1, 2)]
        slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
        bar = abs(slope - (values[2] - values[1]) / (2 * step)) + 8 * self._eps * max(map(abs, values)) / step
        off = abs(slope - task.claimed)
        return bool(off <= bar + _ROUGHLY * abs(task.claimed) and bar <= _ROUGH * abs(task.claimed))

    # ------------------------------------------------------------ tasks

    def _entry_task(self, place: int, flat: int, claim: float | None = None) -> _Task:
        here, k = self.here, self.problem.wrt[place]
        x = here.inputs[k]
        own, usual = abs(float(x.reshape(-1)[flat])), typical(x)
        scale = own if own > 1e-3 * usual else usual
        claimed = float(here.gradients[place].reshape(-1)[flat]) if claim is None else claim
        slack = float(here.rounding[place].reshape(-1)[flat])
        floor = float(_hidden(np.abs(np.array(claimed)), np.array(slack)))
        steps = _Steps(own or scale, scale / 8, max(4 * EPS, 1e-13) * (own or scale))
        return _Task(entry_line(self.problem, here, k, flat), steps, claimed, slack, floor)

    def _entry(self, place: int, flat: int, task: _Task) -> Measured:
        slope = self._judge(task)
        if slope.status == "unknown":
            # Where f's rounding hides the derivative, longer steps show more of it.
            longer = _Steps(task.steps.scale, 7.2 * task.steps.first, task.steps.least)
            slope = self._judge(_Task(task.line, longer, task.claimed, task.slack, task.floor))
        k = self.problem.wrt[place]
        index = tuple(int(i) for i in np.unravel_index(flat, self.here.inputs[k].shape))
        return Measured(k, index, task.claimed, slope)

    def _direction_task(self, place: int, chosen: Array) -> _Task:
        here, k = self.here, self.problem.wrt[place]
        x = here.inputs[k]
        drawn = directed(self.rng, len(chosen))
        sums = _Sums.of(drawn, *(_picked(a[place].reshape(-1), chosen) for a in (here.gradients, here.rounding)))
        slack = max(1e-13, 4 * EPS / np.sqrt(len(chosen)), self.rtol) * sums.size + sums.rounding
        floor = max(1e-6 * sums.size / np.sqrt(len(chosen)), sums.least)
        direction = drawn
        if len(chosen) < x.size:
            direction = np.zeros(x.size)
            direction[chosen] = drawn
        scale = typical(x)
        line = direction_line(self.problem, here, k, direction.reshape(x.shape))
        return _Task(line, _Steps(scale, 0.02 * scale, 1e-13 * scale), sums.claimed, slack, floor, sums.least)

    # ------------------------------------------------------------ judging

    def _points(self, task: _Task) -> list[float]:
        """Return the points of the task's line that are evaluated ahead."""
        noise = [] if self._is_shared(task.line.k) else noise_points(task.steps.scale)
        return [*noise, *steps_ahead(task.steps.first, task.steps.least)]

    def _judge(self, task: _Task, *, hasty: bool = False) -> Slope:
        middle = self.here.value
        sigma = max(self._sigma(task), self._eps * self._size)
        return judge_slope(
            task.line,
            middle,
            task.claimed,
            first=task.steps.first,
            least=task.steps.least,
            sigma=sigma,
            slack=task.slack,
            floor=task.floor,
            needed=task.needed,
            rtol=max(_RELATIVE, self.rtol),
            hasty=hasty,
        )

    def _is_shared(self, k: int) -> bool:
        return bool(self.here.inputs[k].size > _SHARED)

    def _sigma(self, task: _Task) -> float:
        """Return f's noise along the line; for inputs of many entries that along one random direction through all."""
        k = task.line.k
        if not self._is_shared(k):
            return noise_of(task.line, self.here.value, task.steps.scale, self._eps)
        if k not in self._noise:
            x = self.here.inputs[k]
            direction = np.random.default_rng(k).choice([-1.0, 1.0], x.shape)
            line = direction_line(self.problem, self.here, k, direction)
            self._noise[k] = noise_of(line, self.here.value, typical(x), self._eps)
        return self._noise[k]


def _terms(problem: Problem, here: Here) -> float:
    """Return the sum of the sizes of what is added up in cotangent * f: their roundings do not cancel."""
    if here.cotangent is None:
        return abs(here.value)
    return float(np.sum(np.abs(problem.value(here.inputs) * here.cotangent)))


def alike(here: Here, place: int) -> list[Array]:
    """Return the entries of one input (flat positions), those together whose claims are of one order of magnitude.

    A direction through entries of 1e10 and 1e-3 says nothing about the small ones. Claims that are 0 to their own
    rounding are a group of their own.
    """
    sizes = np.abs(here.gradients[place].reshape(-1))
    loud = np.isfinite(sizes)
    loud &= sizes > here.rounding[place].reshape(-1)
    largest = np.max(sizes, initial=0.0, where=loud)
    if largest == 0:
        return [np.arange(len(sizes))]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        np.divide(largest, sizes, out=sizes)
        np.log(sizes, out=sizes)
        sizes /= np.log(_ALIKE)
        np.floor(sizes, out=sizes)
    sizes[~loud] = -1.0
    labels = np.minimum(sizes, 100.0, out=sizes).astype(np.int8)
    return [np.flatnonzero(labels == label).astype(np.int32) for label in np.unique(labels)]


def directed(rng: np.random.Generator, count: int) -> Array:
    """Return entries of a random direction, ±U(0.5, 1.5)."""
    drawn = rng.uniform(0.5, 1.5, count)
    np.negative(drawn, out=drawn, where=rng.integers(0, 2, count, dtype=np.int8).astype(bool))
    return drawn


def _picked(array: Array, chosen: Array) -> Array:
    """Return the chosen entries; of all of them no copy."""
    return array if len(chosen) == len(array) else array[chosen]


def _hidden(claimed: Array, rounding: Array) -> Array:
    """Return the error bar that settles a claim which is nothing but rounding; 0 for the others.

    Its rounding tells the size of the terms that cancel in it: three digits of these are asked for.
    """
    return np.where(claimed <= 2 * rounding, 1e-3 * rounding / (4 * EPS), 0.0)
