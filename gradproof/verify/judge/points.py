"""Further points at which a gradient is tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.calls import Array, Problem

#: So many entries make a point expensive.
_LARGE = 10_000


@dataclass(frozen=True)
class Place:
    """A point to try.

    Attributes:
        name: how it was made, in words.
        inputs: its inputs.
        near: does it keep every entry's sign and order of magnitude? Then it lies in the domain as the given one does.
    """

    name: str
    inputs: list[Any]
    near: bool


def further_points(problem: Problem, rng: np.random.Generator) -> list[Place]:
    """Return points near the given one (two; one for large inputs), and one of normal numbers of the inputs' scale."""
    degenerate = any(_degenerate(problem.inputs[k]) for k in problem.wrt)
    large = sum(problem.inputs[k].size for k in problem.wrt) > _LARGE
    near = [_moved(problem, lambda a: _scaled(a, rng)) for _ in range(1 if large else 2)]
    far = _moved(problem, lambda a: _typical(a) * rng.standard_normal(a.shape))
    return [
        *(Place("the given point, each entry scaled by 1 ± 0.1", p, near=True) for p in near),
        Place("normal numbers of the inputs' scale", far, near=degenerate),
    ]


def _moved(problem: Problem, change: Any) -> list[Any]:
    return [np.asarray(change(a)) if k in problem.wrt else a for k, a in enumerate(problem.inputs)]


def _scaled(a: Array, rng: np.random.Generator) -> Array:
    if _is_constrained(a):
        return a
    moved = a * (1 + 0.1 * rng.uniform(-1, 1, a.shape))
    return np.asarray(moved if np.any(a) else 0.1 * rng.standard_normal(a.shape))


def _is_constrained(a: Array) -> bool:
    """Labels and masks (all 0 or 1) and probabilities (last axis sums to 1) mean nothing a step away."""
    if a.size < 2:
        return False
    binary = bool(np.all((a == 0) | (a == 1)) and np.any(a == 0) and np.any(a == 1))
    return binary or bool(np.all(a >= 0) and np.allclose(np.sum(a, axis=-1), 1.0, rtol=1e-6, atol=0.0))


def _degenerate(a: Array) -> bool:
    """All zero, or all equal: a point at which mistakes hide."""
    return a.size > 0 and bool(np.all(a == a.reshape(-1)[0])) and (a.size > 1 or not np.any(a))


def _typical(a: Array) -> float:
    sizes = np.abs(a[np.isfinite(a) & (a != 0)])
    return float(np.median(sizes)) if sizes.size else 1.0
