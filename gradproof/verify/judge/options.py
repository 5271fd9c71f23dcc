"""How to judge: what a user may choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge.

    Attributes:
        seed: of the random points, directions and cotangents.
        exact: try ball arithmetic first.
        rtol: relative error that is allowed; 0: none.
        sampler: rng -> inputs: where the gradient must be right too.
        bounds: for each input (low, high) or None.
        system: equations that f is known to compute.
    """

    seed: int = 0
    exact: bool = True
    rtol: float = 0.0
    sampler: Callable[..., Any] | None = None
    bounds: Sequence[Any] | None = None
    system: Any = None
