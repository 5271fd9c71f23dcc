"""The measured path: finite differences with error bars, entry by entry or along random directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.calls import Array, Failed, Problem
from gradproof.verify.judge.differences import EPS, Line, Slope, judge_slope
from gradproof.verify.judge.noise import noise_of
from gradproof.verify.judge.steps import typical

#: Up to so many entries of an input each is measured; beyond, random directions and bisection.
EVERY_ENTRY = 400
_FOUND = 12
#: Entries are put along one direction only with others of their size: within this factor of the largest.
_ALIKE = 1e4
#: Groups up to this size are measured entry by entry.
_FEW = 8
_PROBES = 400


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured entry: position of the input, index (None: a random direction through all of it), and the slope."""

    input: int
    index: tuple[int, ...] | None
    claimed: float
    slope: Slope


@dataclass(frozen=True)
class Here:
    """A point with what was computed there.

    Attributes:
        inputs: the point.
        cotangent: for an array-valued f.
        value: f there (sum(cotangent * f)).
        gradients: claimed, for each of `wrt`.
        rounding: estimated rounding of each claimed entry: its change when the inputs move by an ulp.
    """

    inputs: list[Any]
    cotangent: Array | None
    value: float
    gradients: list[Array]
    rounding: list[Array]

    @property
    def largest(self) -> float:
        return max((float(np.max(np.abs(g), initial=0.0, where=np.isfinite(g))) for g in self.gradients), default=0.0)


def objective(problem: Problem, inputs: Sequence[Any], cotangent: Array | None) -> float:
    """Return f, or sum(cotangent * f); NaN where f fails."""
    try:
        found = problem.value(inputs)
    except Failed:
        return float("nan")
    return float(np.sum(found if cotangent is None else found * cotangent))


def rounding_of(
    problem: Problem,
    inputs: list[Any],
    cotangent: Array | None,
    gradients: list[Array],
    rng: np.random.Generator,
    *,
    samples: int = 3,
    ulps: int = 2,
) -> list[Array]:
    """Return how much each claimed entry moves when every input moves by an ulp or two: its own rounding.

    The ulp is that of the type in which the gradient is returned, which is rounded once more.
    """
    moved = [np.zeros(g.shape) for g in gradients]
    coarse = problem.eps > EPS
    for _ in range(samples):
        near = list(inputs)
        for k in problem.wrt:
            near[k] = np.asarray(inputs[k] * (1 + ulps * problem.eps * rng.choice([-1.0, 1.0], inputs[k].shape)))
        try:
            problem.value(near)
            again = problem.gradient(near, cotangent)
        except Failed:
            return moved
        for m, g, h in zip(moved, gradients, again, strict=True):
            if isinstance(h, np.ndarray) and h.shape == g.shape:
                np.maximum(m, np.nan_to_num(np.abs(h - g)), out=m)
    # A gradient that jumps between neighbouring floats (a kink) has not that much rounding.
    cap = max(1e-7, 1e3 * problem.eps) * max((float(np.max(np.abs(g), initial=0.0)) for g in gradients), default=0.0)
    moved = [np.where(m > cap, 0.0, m) for m in moved]
    return [4 * (m + problem.eps * np.abs(g)) if coarse else 4 * m for m, g in zip(moved, gradients, strict=True)]


def measure(problem: Problem, here: Here, rng: np.random.Generator) -> Iterator[Measured]:
    """Yield the measured entries of every input of `wrt`; of a large one, the entries that a direction objects to."""
    for place, k in enumerate(problem.wrt):
        size = here.inputs[k].size
        if size == 0:
            continue
        if size <= EVERY_ENTRY:
            for flat in range(size):
                yield one_entry(problem, here, place, flat)
            continue
        for chosen in alike(here, place):
            yield from _group(problem, here, place, chosen, rng)


def _group(problem: Problem, here: Here, place: int, chosen: Array, rng: np.random.Generator) -> Iterator[Measured]:
    """Yield two directions through entries of one size; if one objects, the entries that it objects to."""
    if len(chosen) <= _FEW:
        yield from (one_entry(problem, here, place, int(flat)) for flat in chosen)
        return
    probes = [along_random(problem, here, place, chosen, rng) for _ in range(2)]
    suspect = next((p for p in probes if p.slope.status != "right"), None)
    if suspect is None:
        yield from probes
        return
    found = _bisect(problem, here, place, chosen, rng)
    yield from (one_entry(problem, here, place, flat) for flat in found)
    if not found:
        yield suspect


def alike(here: Here, place: int) -> list[Array]:
    """Return the entries of one input (flat positions), those together whose claims are of one order of magnitude.

    A direction through entries of 1e10 and 1e-3 says nothing about the small ones. Claims that are 0 to their own
    rounding are a group of their own.
    """
    sizes = np.abs(here.gradients[place].reshape(-1))
    loud = np.isfinite(sizes) & (sizes > here.rounding[place].reshape(-1))
    if not np.any(loud):
        return [np.arange(len(sizes))]
    with np.errstate(divide="ignore"):
        steps = np.floor(np.log(np.max(sizes[loud]) / sizes) / np.log(_ALIKE))
    labels = np.where(loud, steps, -1.0)
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]


def along_random(problem: Problem, here: Here, place: int, chosen: Array, rng: np.random.Generator) -> Measured:
    """Return the slope along a random direction through the chosen entries of one input."""
    k = problem.wrt[place]
    direction = np.zeros(here.inputs[k].size)
    direction[chosen] = rng.choice([-1.0, 1.0], len(chosen)) * rng.uniform(0.5, 1.5, len(chosen))
    terms = direction * here.gradients[place].reshape(-1)
    scale = typical(here.inputs[k])
    terms = terms[chosen]
    size = float(np.sum(np.abs(terms)))
    own = np.abs(direction * here.rounding[place].reshape(-1))[chosen]
    slack = max(1e-13, 4 * EPS / np.sqrt(len(chosen))) * size + float(np.sum(own))
    least = float(np.min(np.maximum(0.3 * np.abs(terms), _hidden(np.abs(terms), own))))
    line = _line(problem, here, k, direction.reshape(here.inputs[k].shape))
    floor = max(1e-6 * size / np.sqrt(len(chosen)), least)
    steps = _Steps(scale, 0.02 * scale, 1e-13 * scale)
    slope = _judge(line, here.value, float(np.sum(terms)), steps, slack=slack, floor=floor, needed=least)
    return Measured(k, None, float(np.sum(terms)), slope)


def one_entry(problem: Problem, here: Here, place: int, flat: int, claim: float | None = None) -> Measured:
    """Return the slope for one entry of an input, `flat` its position in the flattened array.

    It is judged against the entry of the gradient, or against another claim.
    """
    k = problem.wrt[place]
    x = here.inputs[k]
    direction = np.zeros(x.size)
    direction[flat] = 1.0
    own, usual = abs(float(x.reshape(-1)[flat])), typical(x)
    scale = own if own > 1e-3 * usual else usual
    claimed = float(here.gradients[place].reshape(-1)[flat]) if claim is None else claim
    slack = float(here.rounding[place].reshape(-1)[flat])
    floor = float(_hidden(np.abs(np.array(claimed)), np.array(slack)))
    line = _line(problem, here, k, direction.reshape(x.shape))
    least = max(4 * EPS, 1e-13) * (own or scale)
    steps = _Steps(own or scale, scale / 8, least)
    slope = _judge(line, here.value, claimed, steps, slack=slack, floor=floor)
    if slope.status == "unknown":
        # Where f's rounding hides the derivative, longer steps show more of it.
        steps = _Steps(steps.scale, 0.9 * scale, least)
        slope = _judge(line, here.value, claimed, steps, slack=slack, floor=floor)
    return Measured(k, tuple(int(i) for i in np.unravel_index(flat, x.shape)), claimed, slope)


def _hidden(claimed: Array, rounding: Array) -> Array:
    """Return the error bar that settles a claim which is nothing but rounding; 0 for the others.

    Its rounding tells the size of the terms that cancel in it: three digits of these are asked for.
    """
    return np.where(claimed <= 2 * rounding, 1e-3 * rounding / (4 * EPS), 0.0)


@dataclass(frozen=True, slots=True)
class _Steps:
    """The scale of the input along a line, the greatest step and the smallest."""

    scale: float
    first: float
    least: float


def _judge(
    line: Line, middle: float, claimed: float, steps: _Steps, *, slack: float, floor: float, needed: float = np.inf
) -> Slope:
    sigma = max(noise_of(line, middle, steps.scale), EPS * abs(middle))
    return judge_slope(
        line,
        middle,
        claimed,
        first=steps.first,
        least=steps.least,
        sigma=sigma,
        slack=slack,
        floor=floor,
        needed=needed,
    )


def _line(problem: Problem, here: Here, k: int, direction: Array) -> Line:
    def line(t: float) -> float:
        moved = list(here.inputs)
        moved[k] = here.inputs[k] + t * direction
        return objective(problem, moved, here.cotangent)

    return line


def _bisect(problem: Problem, here: Here, place: int, entries: Array, rng: np.random.Generator) -> list[int]:
    """Return flat positions of wrong entries: halves that a random direction objects to are halved again."""
    todo = [entries]
    found: list[int] = []
    probes = 0
    while todo and len(found) < _FOUND and probes < _PROBES:
        chosen = todo.pop(0)
        if len(chosen) == 1:
            found.append(int(chosen[0]))
            continue
        for part in np.array_split(chosen, 2):
            probes += 1
            if along_random(problem, here, place, part, rng).slope.status not in ("right", "kink"):
                todo.append(part)
        if len(todo) > 2 * _FOUND:
            # The error is dense: a sample of the entries tells as much as all of them.
            picked = rng.choice(np.concatenate(todo), _FOUND, replace=False)
            return sorted({*found, *(int(i) for i in picked)})
    return sorted(found)
