"""Finite differences that know their own error: a ladder of steps, extrapolated, with an error bar at each.

h_k = h_0 * 4**-k; central differences, Richardson extrapolation over four neighbouring levels (Ridders);
bar = the larger of the last two changes of the extrapolation + 2 sigma/h + 2 eps max|f|/h.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

EPS = sys.float_info.epsilon
RATIO = 4.0
LEVELS = 27
#: Steps below lose their own digits.
_TINIEST = 1e-300
Line = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Window:
    """What one level of the ladder says.

    Attributes:
        step: h.
        value: the extrapolated derivative; bar: bound (estimated) of its error.
        noise: the part of the bar that comes from rounding and noise in f.
        plus, minus: the one-sided slopes.
        smooth: do the one-sided slopes approach each other as they should?
        kink: do they stay apart?
        flat: is f the same on both sides as in the middle?
        even: is f the same on both sides?
    """

    step: float
    value: float
    bar: float
    noise: float
    plus: float
    minus: float
    smooth: bool
    kink: bool
    flat: bool
    even: bool

    @property
    def gap(self) -> float:
        return abs(self.plus - self.minus)

    def is_off(self, claimed: float, allowed: float) -> bool:
        """Does the claim lie more than five bars from this window's value?"""
        return abs(claimed - self.value) > 5 * self.bar + allowed


def ladder(
    line: Line,
    middle: float,
    first: float,
    least: float,
    sigma: float,
    *,
    enough: Callable[[Window], bool] = lambda _: False,
) -> list[Window]:
    """Return the windows of the derivative of `line` at 0, from the step `first` down to `least`.

    Args:
        line: t -> f(x + t d); NaN where f cannot be evaluated.
        middle: line(0).
        first: the greatest step; least: the smallest.
        sigma: the noise of f.
        enough: stop after a window of which this is true (not before the third).
    """
    windows: list[Window] = []
    rows: list[list[float]] = []
    step = first
    while step >= max(least, _TINIEST) and len(windows) < LEVELS:
        ahead, behind = line(step), line(-step)
        plus, minus = (ahead - middle) / step, (middle - behind) / step
        noise = 2 * sigma / step + 2 * EPS * max(abs(ahead), abs(behind), abs(middle)) / step
        rows.append(_extrapolated((ahead - behind) / (2 * step), rows[-1] if rows else []))
        value, bar = _best_of_row(rows, noise)
        gap, before = abs(plus - minus), windows[-1].gap if windows else math.inf
        closing = gap <= 0.6 * before + 4 * noise or gap <= 1e-9 * abs(value) + 4 * noise
        smooth = bool(windows) and math.isfinite(gap) and closing
        sides = 1e-7 * (abs(plus) + abs(minus))
        kink = math.isfinite(gap) and math.isfinite(before) and gap > 4 * noise + sides and gap > 0.6 * before
        windows.append(
            Window(step, value, bar, noise, plus, minus, smooth, kink, ahead == middle == behind, ahead == behind)
        )
        step /= RATIO
        if len(windows) >= 3 and enough(windows[-1]):
            break
    return windows


def _extrapolated(difference: float, above: list[float]) -> list[float]:
    """Return one row of Richardson's table: errors in h**2, h**4, h**6 removed one after another."""
    row, factor = [difference], 1.0
    for j in range(min(3, len(above))):
        factor *= RATIO**2
        row.append(row[-1] + (row[-1] - above[j]) / (factor - 1))
    return row


def _best_of_row(rows: list[list[float]], noise: float) -> tuple[float, float]:
    row = rows[-1]
    best = (row[0], math.inf)
    for j in range(1, len(row)):
        change = max(abs(row[j] - row[j - 1]), abs(row[j] - rows[-2][j - 1]))
        if math.isfinite(change) and change + noise < best[1]:
            best = (row[j], change + noise)
    return best
