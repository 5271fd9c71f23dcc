"""Finite differences that know their own error: a ladder of steps, extrapolated, with an error bar at each.

h_k = h_0 * 4**-k; central differences, Richardson extrapolation over four neighbouring levels (Ridders);
bar = the larger of the last two changes of the extrapolation + 2 sigma/h + 2 eps max|f|/h.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

EPS = float(np.finfo(np.float64).eps)
_RATIO = 4.0
_LEVELS = 27
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
        flat: is f the same on both sides?
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
    while step >= least and len(windows) < _LEVELS:
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
        windows.append(Window(step, value, bar, noise, plus, minus, smooth, kink, ahead == middle == behind))
        step /= _RATIO
        if len(windows) >= 3 and enough(windows[-1]):
            break
    return windows


def _extrapolated(difference: float, above: list[float]) -> list[float]:
    """Return one row of Richardson's table: errors in h**2, h**4, h**6 removed one after another."""
    row, factor = [difference], 1.0
    for j in range(min(3, len(above))):
        factor *= _RATIO**2
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


@dataclass(frozen=True, slots=True)
class Slope:
    """A claimed derivative against the ladder.

    Attributes:
        status: "right", "wrong", "kink" (the claim lies between the one-sided slopes) or "unknown".
        value: the measured derivative; bar: its error bar. At a kink the middle and half width of the interval.
        why: what prevents a verdict.
    """

    status: Literal["right", "wrong", "kink", "unknown"]
    value: float
    bar: float
    why: str = ""


def judge_slope(
    line: Line,
    middle: float,
    claimed: float,
    *,
    first: float,
    least: float,
    sigma: float,
    slack: float,
    floor: float,
    rtol: float = 2e-9,
) -> Slope:
    """Return whether the claimed derivative of `line` at 0 is right.

    Args:
        line: t -> f(x + t d), middle: its value at 0.
        claimed: the derivative as it was given.
        first, least: greatest and smallest step.
        sigma: noise of f.
        slack: absolute difference that is rounding of the gradient itself.
        floor: error bar up to which a window is trusted although it is coarse against the value.
        rtol: relative difference that is allowed.
    """

    def allowed(w: Window) -> float:
        return rtol * max(abs(claimed), abs(w.value)) + slack

    def settled(w: Window) -> bool:
        tight = w.bar <= 2e-10 * max(abs(w.value), abs(claimed)) + 0.1 * slack
        return w.smooth and not w.flat and tight and abs(claimed - w.value) <= 3 * w.bar + allowed(w)

    windows = ladder(line, middle, first, least, sigma, enough=settled)
    usable = [w for w in windows if w.smooth and math.isfinite(w.bar)]
    trusted = [w for w in usable if w.bar <= max(3e-2 * max(abs(w.value), abs(claimed)), slack, floor)]
    moving = [w for w in trusted if not w.flat]
    best = min(moving, key=lambda w: w.bar, default=None)
    kink = _kink(windows, claimed, slack)
    if kink is not None:
        return kink
    agreeing = [w for w in trusted if abs(claimed - w.value) <= 3 * w.bar + allowed(w)]
    if agreeing and (best is None or not best.is_off(claimed, allowed(best))):
        w = min(agreeing, key=lambda w: w.bar)
        return Slope("right", w.value, w.bar)
    off = [w for w in moving if w.is_off(claimed, allowed(w))]
    if best is not None and best in off and _confirmed(best, off):
        return Slope("wrong", best.value, best.bar)
    return _flat_or_unknown(windows, claimed, slack, best)


def _confirmed(best: Window, off: list[Window]) -> bool:
    """Does a second window, of steps at least three times apart, agree on the number?"""
    return any(
        abs(w.value - best.value) <= 5 * (w.bar + best.bar) and not best.step / 3 < w.step < 3 * best.step for w in off
    )


def _kink(windows: list[Window], claimed: float, slack: float) -> Slope | None:
    """A kink at the point itself: the one-sided slopes stay apart down to the noise."""
    clear = [k for k, w in enumerate(windows) if w.noise <= 0.05 * max(w.gap, 1e-300) and math.isfinite(w.gap)]
    if not clear or not windows[clear[-1]].kink or (len(clear) > 1 and not windows[clear[-2]].kink):
        return None
    last = clear[-1]
    first = last
    while (
        first > 1 and windows[first - 1].kink and _same_sides(windows[first - 1], windows[last], windows[first].noise)
    ):
        first -= 1
    w = windows[first]
    if _jumps(windows, first):
        return Slope("unknown", math.nan, math.inf, "f jumps at this point")
    low, high = sorted((w.plus, w.minus))
    margin = 4 * w.noise + 0.02 * w.gap + slack
    middle, half = (low + high) / 2, (high - low) / 2
    if low - margin <= claimed <= high + margin:
        return Slope("kink", middle, half, f"a kink: any value from {low:.6g} to {high:.6g} is right")
    if not math.isfinite(claimed):
        return Slope("wrong", middle, half, f"a kink: any value from {low:.6g} to {high:.6g} is right")
    far = low - 5 * margin > claimed or claimed > high + 5 * margin
    return Slope(
        "wrong" if far else "unknown", middle, half, f"a kink: any value from {low:.6g} to {high:.6g} is right"
    )


def _same_sides(a: Window, b: Window, noise: float) -> bool:
    return all(abs(p - q) <= 0.01 * b.gap + 4 * noise for p, q in ((a.plus, b.plus), (a.minus, b.minus)))


def _jumps(windows: list[Window], at: int) -> bool:
    """Do the one-sided slopes grow without bound?"""
    before = max(0, at - 3)
    now, then = windows[at], windows[before]
    return at - before >= 2 and abs(now.plus) + abs(now.minus) > 8 * (abs(then.plus) + abs(then.minus))


def _flat_or_unknown(windows: list[Window], claimed: float, slack: float, best: Window | None) -> Slope:
    flat = [w for w in windows if w.flat]
    if flat and best is None:
        if abs(claimed) <= slack + 5 * flat[0].noise:
            return Slope("right", 0.0, flat[0].noise)
        if len(flat) > 8 and flat[0] is windows[0]:
            return Slope("wrong", 0.0, flat[0].noise, "f is constant here")
    value, bar = (best.value, best.bar) if best is not None else (math.nan, math.inf)
    return Slope("unknown", value, bar, "no step at which the difference quotient settles")


def noise_of(line: Line, middle: float, scale: float) -> float:
    """Return the noise level of f along a line: repeats, and the difference table of eight points.

    Source: J. J. Moré and S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011).
    """
    repeats = np.array([middle, *(line(0.0) for _ in range(3))])
    if np.ptp(repeats) > 0:
        return max(2.0 * float(np.std(repeats, ddof=1)), EPS * abs(middle))
    least: float | None = None
    for spacing in (1e-13, 1e-10, 1e-8, 1e-6):
        values = np.array([middle, *(line(k * spacing * scale) for k in range(1, 8))])
        if not np.all(np.isfinite(values)) or np.sum(values[1:] == values[:-1]) > 4:
            continue
        levels, turns = _difference_levels(values)
        for k in range(len(levels) - 2):
            three = levels[k : k + 3]
            if max(three) <= 4 * min(three) and turns[k]:
                return max(three[0], 0.5 * EPS * abs(middle))
        least = min(levels)
        break
    return max(EPS * abs(middle), least or 0.0)


def _difference_levels(values: np.ndarray) -> tuple[list[float], list[bool]]:
    levels, turns, factor, table = [], [], 1.0, values
    for k in range(1, len(values) - 1):
        table = np.diff(table)
        factor *= 0.5 * k / (2 * k - 1)
        levels.append(math.sqrt(factor * float(np.mean(table**2))))
        turns.append(bool(np.any(table[:-1] * table[1:] < 0)))
    return levels, turns
