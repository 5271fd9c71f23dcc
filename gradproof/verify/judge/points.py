"""Further points at which a gradient is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.calls import Array, Problem
from gradproof.verify.constrained import is_constrained
from gradproof.verify.judge.options import Options
from gradproof.verify.judge.steps import typical

#: So many entries make a point expensive.
_LARGE = 10_000
_NEAR = "the given point, each entry scaled by 1 ± 0.1"
#: Points that a sampler or bounds are asked for.
_DRAWN = 3


@dataclass(frozen=True)
class Place:
    """A point to try.

    Attributes:
        name: how it was made, in words.
        inputs: its inputs.
        near: must the gradient be right there? It must where every entry keeps its sign and order of magnitude, for
            then the point lies in the domain as the given one does, and where the user's sampler or bounds say so.
    """

    name: str
    inputs: list[Any]
    near: bool


def further_points(problem: Problem, rng: np.random.Generator, options: Options) -> Iterator[Place]:
    """Yield points near the given one, those of the user's sampler and bounds, and far ones where there are neither.

    For large inputs one near point and one far away; one at a time, for they take as much memory as the inputs.
    """
    large = sum(problem.inputs[k].size for k in problem.wrt) > _LARGE
    limits = _limits(problem, options)
    for _ in range(1 if large else 2):
        yield Place(_NEAR, _clipped(_moved(problem, lambda a: _scaled(a, rng)), limits), near=True)
    for _ in range(_DRAWN if options.sampler is not None else 0):
        yield Place("a point of the sampler", _sampled(problem, options.sampler, rng), near=True)
    for _ in range(_DRAWN if limits else 0):
        yield Place("a random point within the bounds", _within(problem, limits, rng), near=True)
    if options.sampler is None and not limits:
        yield from _far(problem, rng, large=large)


def _far(problem: Problem, rng: np.random.Generator, *, large: bool) -> Iterator[Place]:
    """Yield points that may lie outside of the domain of f, though f is finite there."""
    degenerate = any(_degenerate(problem.inputs[k]) for k in problem.wrt)
    changes: list[tuple[str, Callable[[Array], Any]]] = [
        ("normal numbers of the inputs' scale", lambda a: typical(a) * rng.standard_normal(a.shape)),
        ("the given point, signs flipped at random", lambda a: a * rng.choice([-1.0, 1.0], a.shape)),
        ("the given point, all signs flipped", lambda a: -a),
    ]
    for name, change in changes[: 1 if large else None]:
        yield Place(name, _moved(problem, change), near=degenerate)


def _moved(problem: Problem, change: Callable[[Array], Any]) -> list[Any]:
    return [np.asarray(change(a)) if k in problem.wrt else a for k, a in enumerate(problem.inputs)]


def _scaled(a: Array, rng: np.random.Generator) -> Array:
    if is_constrained(a):
        return a
    moved = a * (1 + 0.1 * _as_symmetric(a, np.asarray(rng.uniform(-1, 1, a.shape))))
    return np.asarray(moved if np.any(a) else 0.1 * rng.standard_normal(a.shape))


def _as_symmetric(a: Array, change: Array) -> Array:
    """Return the change, symmetric where the array is: a covariance is to stay one."""
    square = a.ndim >= 2 and a.shape[-1] == a.shape[-2]
    if square and np.array_equal(a, a.swapaxes(-1, -2)):
        return np.asarray((change + change.swapaxes(-1, -2)) / 2)
    return change


def _degenerate(a: Array) -> bool:
    """All zero, or all equal: a point at which mistakes hide."""
    return a.size > 0 and bool(np.all(a == a.reshape(-1)[0])) and (a.size > 1 or not np.any(a))


# ------------------------------------------------------------ what the user says about the domain


def _sampled(problem: Problem, sampler: Any, rng: np.random.Generator) -> list[Any]:
    """Return the inputs that the user's sampler makes."""
    try:
        drawn = sampler(rng)
    except Exception as error:
        raise InputError(
            f"the sampler raised {type(error).__name__}: {error}", expected="sampler(rng) that returns inputs"
        ) from error
    drawn = list(drawn) if isinstance(drawn, tuple | list) else [drawn]
    if len(drawn) != len(problem.inputs):
        raise InputError(f"the sampler returned {len(drawn)} inputs", expected=f"{len(problem.inputs)}, as given")
    found = []
    for k, (x, a) in enumerate(zip(drawn, problem.inputs, strict=True)):
        if k in problem.wrt and np.shape(x) != np.shape(a):
            raise InputError(
                f"the sampler made {problem.names[k]} of shape {np.shape(x)}", expected=f"{np.shape(a)}, as given"
            )
        is_float = isinstance(a, np.ndarray) and a.dtype.kind == "f"
        found.append(np.array(x, dtype=np.float64) if is_float else x)
    return found


def _limits(problem: Problem, options: Options) -> dict[int, tuple[Array, Array]]:
    """Return (low, high) for the inputs that have bounds."""
    bounds = options.bounds
    if bounds is None:
        return {}
    if isinstance(bounds, Mapping):
        unknown = [name for name in bounds if name not in problem.names]
        if unknown:
            raise InputError(f"bounds for {unknown[0]!r}", expected=f"names among {', '.join(problem.names)}")
        bounds = [bounds.get(name) for name in problem.names]
    if len(bounds) != len(problem.inputs):
        raise InputError(f"{len(bounds)} bounds for {len(problem.inputs)} inputs", expected="(low, high) or None each")
    found = {}
    for k, pair in enumerate(bounds):
        if pair is None or k not in problem.wrt:
            continue
        low, high = (np.broadcast_to(np.asarray(side, dtype=np.float64), problem.inputs[k].shape) for side in pair)
        if not np.all((low <= problem.inputs[k]) & (problem.inputs[k] <= high)):
            raise InputError(f"{problem.names[k]} is outside of its bounds {pair}", expected="inputs within them")
        found[k] = (low, high)
    return found


def _clipped(inputs: list[Any], limits: dict[int, tuple[Array, Array]]) -> list[Any]:
    return [np.clip(a, *limits[k]) if k in limits else a for k, a in enumerate(inputs)]


def _within(problem: Problem, limits: dict[int, tuple[Array, Array]], rng: np.random.Generator) -> list[Any]:
    """Return a point with each bounded input drawn from its bounds, and the others scaled a little."""
    found = []
    for k, a in enumerate(problem.inputs):
        if k in limits:
            found.append(_drawn(a, *limits[k], rng))
        else:
            found.append(_scaled(a, rng) if k in problem.wrt else a)
    return found


def _drawn(a: Array, low: Array, high: Array, rng: np.random.Generator) -> Array:
    """Return uniform numbers between finite bounds; else ones of the input's scale from the bound that there is."""
    size = typical(a)
    away = size * np.exp(rng.standard_normal(a.shape))
    free = size * rng.standard_normal(a.shape)
    with np.errstate(invalid="ignore"):
        inside = low + (high - low) * rng.uniform(0.0, 1.0, a.shape)
        half = np.where(np.isfinite(low), low + away, high - away)
    one_sided = np.where(np.isfinite(low) | np.isfinite(high), half, free)
    return np.where(np.isfinite(low) & np.isfinite(high), inside, one_sided)
