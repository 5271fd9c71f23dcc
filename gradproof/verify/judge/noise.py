"""The noise of a function in floats: repeats, and the difference table of points that lie close together."""

from __future__ import annotations

import math

import numpy as np

from gradproof.verify.judge.differences import EPS, Line

#: As shares of the scale. The wide ones are for an f that is rounded coarsely (float32, 1 - cos of 1e-5): its eighth
#: differences are noise there too.
_SPACINGS = (1e-13, 1e-11, 3e-10, 1e-8, 3e-7, 1e-5, 3e-4)
#: From this unit of roundoff on (half precision) f moves by steps that one more is needed for.
_HALF, _WIDEST = 1e-4, 4e-3


def noise_points(scale: float) -> list[float]:
    """Return the points of a line that `noise_of` asks for first."""
    return [k * _SPACINGS[0] * scale for k in range(1, 8)]


def noise_of(line: Line, middle: float, scale: float, eps: float = EPS) -> float:
    """Return the noise level of f along a line: repeats, and the difference table of eight points.

    Args:
        line: the function.
        middle: its value at 0.
        scale: of the line's argument.
        eps: the unit of roundoff of f.

    Source: J. J. Moré and S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011).
    """
    repeats = np.array([middle, *(line(0.0) for _ in range(3))])
    if np.ptp(repeats) > 0:
        return max(2.0 * float(np.std(repeats, ddof=1)), EPS * abs(middle))
    least: float | None = None
    quantum = 0.0
    for spacing in _SPACINGS if eps < _HALF else (*_SPACINGS, _WIDEST):
        values = np.array([middle, *(line(k * spacing * scale) for k in range(1, 8))])
        if not np.all(np.isfinite(values)):
            continue
        quantum = max(quantum, _step(values))
        if np.sum(values[1:] == values[:-1]) > 4:
            continue
        levels, turns = _difference_levels(values)
        for k in range(len(levels) - 2):
            three = levels[k : k + 3]
            if max(three) <= 4 * min(three) and turns[k]:
                return max(three[0], 0.5 * EPS * abs(middle), quantum / 2)
        least = min(levels)
        break
    return max(EPS * abs(middle), least or 0.0, quantum / 2)


def _step(values: np.ndarray) -> float:
    """Return the least step of values that move by steps (rounded to decimals, to float32); 0 where all differ."""
    moves = np.abs(np.diff(values))
    return float(np.min(moves[moves > 0])) if np.any(moves > 0) and np.any(moves == 0) else 0.0


def _difference_levels(values: np.ndarray) -> tuple[list[float], list[bool]]:
    size = float(np.max(np.abs(values))) or 1.0  # squares of 1e300 and of 1e-300 are no numbers
    levels, turns, factor, table = [], [], 1.0, values / size
    for k in range(1, len(values) - 1):
        table = np.diff(table)
        factor *= 0.5 * k / (2 * k - 1)
        levels.append(size * math.sqrt(factor * float(np.mean(table**2))))
        turns.append(bool(np.any(table[:-1] * table[1:] < 0)))
    return levels, turns
