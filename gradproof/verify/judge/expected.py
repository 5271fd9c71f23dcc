"""The whole true gradient at a point, for the diagnosis: exact where f runs in balls, else by plain differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.balls.exactly import EVERY_ENTRY, exact_slopes
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.here import objective
from gradproof.verify.judge.steps import typical
from gradproof.verify.precision import EPS

#: Entries that are differentiated in one run of balls, and so many runs at most.
_CHUNK, _RUNS = 100, 12
#: Steps of the five-point formula, as a share of the entry's size: its error is about 1e-11 of a smooth f's.
_STEP = 1e-3
EXACTLY, ROUGHLY = 1e-12, 1e-8


@dataclass(frozen=True, slots=True)
class Expected:
    """The gradient for each of `wrt`, NaN where it was not computed.

    Attributes:
        bars: the error of each entry, about; accuracy: how good it is, as a share of the largest entry.
    """

    gradients: list[Array]
    bars: list[Array]
    accuracy: float


def expected_gradient(
    problem: Problem, inputs: list[Any], cotangent: Array | None, *, exact: bool, entries: int, seed: int = 0
) -> Expected:
    """Return the gradient of f (of sum(cotangent * f)); of more entries than `entries` those of a random sample."""
    if exact:
        try:
            return _enclosed(*_exactly(problem, inputs, cotangent))
        except Untraceable:
            pass
    rng = np.random.default_rng([seed, 23])
    share = entries / max(1, sum(inputs[k].size for k in problem.wrt))
    found = [_roughly(_Point(problem, inputs, cotangent), k, share, rng) for k in problem.wrt]
    gradients, bars = [f[0] for f in found], [f[1] for f in found]
    largest = max((float(np.max(np.abs(g), initial=0.0, where=np.isfinite(g))) for g in gradients), default=0.0)
    worst = max((float(np.max(b, initial=0.0, where=np.isfinite(b))) for b in bars), default=0.0)
    return Expected(gradients, bars, max(ROUGHLY, worst / largest if largest else 0.0))


def _enclosed(middles: list[Array], radii: list[Array]) -> Expected:
    """Return middles of balls; they are wide where f itself rounds (in single precision)."""
    bars = [4 * EPS * np.abs(g) + r for g, r in zip(middles, radii, strict=True)]
    largest = max((float(np.max(np.abs(g), initial=0.0)) for g in middles), default=0.0)
    widest = max((float(np.max(r, initial=0.0)) for r in radii), default=0.0)
    return Expected(middles, bars, max(EXACTLY, widest / largest if largest else 0.0))


def _exactly(problem: Problem, inputs: list[Any], cotangent: Array | None) -> tuple[list[Array], list[Array]]:
    """Return the entries' middles and radii."""
    sizes = [inputs[k].size for k in problem.wrt]
    total = sum(sizes)
    if total <= EVERY_ENTRY:
        values = _values(problem, inputs, cotangent, None)
    elif total <= _CHUNK * _RUNS:
        parts = np.array_split(np.arange(total), -(-total // _CHUNK))
        values = [v for part in parts for v in _values(problem, inputs, cotangent, _units(problem, inputs, part))]
    else:
        raise Untraceable(f"{total} entries are too many for the diagnosis")
    found = np.array(values, dtype=float).reshape(-1, 2).T
    middles, radii = (np.split(part, np.cumsum(sizes)[:-1]) for part in found)
    shapes = [inputs[k].shape for k in problem.wrt]
    return (
        [p.reshape(s) for p, s in zip(middles, shapes, strict=True)],
        [p.reshape(s) for p, s in zip(radii, shapes, strict=True)],
    )


def _values(
    problem: Problem, inputs: list[Any], cotangent: Array | None, along: list[Array] | None
) -> list[tuple[float, float]]:
    slopes = exact_slopes(problem, inputs, cotangent, along)
    if slopes.events or not all(r.is_finite() for r in slopes.rows):
        raise Untraceable("a kink")
    return [(float(r.mid()), float(r.rad())) for r in slopes.rows]


def _units(problem: Problem, inputs: list[Any], chosen: Array) -> list[Array]:
    """Return the unit directions of the chosen entries, counted through all of `wrt`."""
    out, first = [], 0
    for k in problem.wrt:
        size = inputs[k].size
        rows = np.zeros((len(chosen), size))
        mine = np.flatnonzero((chosen >= first) & (chosen < first + size))
        rows[mine, chosen[mine] - first] = 1.0
        out.append(rows.reshape(len(chosen), *inputs[k].shape))
        first += size
    return out


def _roughly(point: _Point, k: int, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return five-point differences for entries of one input, and about how far they are off."""
    x = np.asarray(point.inputs[k])
    found, bars = np.full(x.size, np.nan), np.full(x.size, np.nan)
    count = x.size if share >= 1 else max(1, int(share * x.size))
    usual = typical(x)
    for flat in np.sort(rng.choice(x.size, count, replace=False)) if x.size else ():
        own = abs(float(x.reshape(-1)[flat]))
        step = _STEP * (own if own > 1e-3 * usual else usual)
        values = [point.moved(k, int(flat), t * step) for t in (-2, -1, 1, 2)]
        found[flat] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
        three = (values[2] - values[1]) / (2 * step)
        rounding = 8 * point.problem.value_eps * max(map(abs, values)) / step
        bars[flat] = rounding + 1e-3 * abs(found[flat] - three)
    return found.reshape(x.shape), bars.reshape(x.shape)


@dataclass(frozen=True, slots=True)
class _Point:
    problem: Problem
    inputs: list[Any]
    cotangent: Array | None

    def moved(self, k: int, flat: int, t: float) -> float:
        """Return f with one entry of input k moved by t."""
        x = np.array(self.inputs[k])
        x.reshape(-1)[flat] += t
        return objective(self.problem, [*self.inputs[:k], x, *self.inputs[k + 1 :]], self.cotangent)
