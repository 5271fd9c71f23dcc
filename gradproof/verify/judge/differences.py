"""Finite differences that know their own error: a ladder of steps, extrapolated, with an error bar at each.

h_k = h_0 * 4**-k; central differences, Richardson extrapolation over four neighbouring levels (Ridders);
bar = the larger of the last two changes of the extrapolation + 2 sigma/h + 2 eps max|f|/h.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

EPS = sys.float_info.epsilon
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
        windows.append(
            Window(step, value, bar, noise, plus, minus, smooth, kink, ahead == middle == behind, ahead == behind)
        )
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
    needed: float = math.inf,
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
        needed: error bar that a right slope must reach (where one number stands for many entries).
        rtol: relative difference that is allowed.
    """

    def allowed(w: Window) -> float:
        return rtol * max(abs(claimed), abs(w.value)) + slack

    def settled(w: Window) -> bool:
        tight = w.bar <= 2e-10 * max(abs(w.value), abs(claimed)) + 0.1 * slack
        return (
            w.smooth and not w.flat and tight and w.bar <= needed and abs(claimed - w.value) <= 3 * w.bar + allowed(w)
        )

    windows = ladder(line, middle, first, least, sigma, enough=settled)
    usable = [w for w in windows if w.smooth and math.isfinite(w.bar)]
    size = abs(claimed) if math.isfinite(claimed) else 0.0
    trusted = [w for w in usable if w.bar <= max(3e-2 * max(abs(w.value), size), slack, floor)]
    moving = [w for w in trusted if not w.flat]
    best = min(moving, key=lambda w: w.bar, default=None)
    if best is not None and not math.isfinite(claimed):
        return Slope("wrong", best.value, best.bar)
    kink = _kink(windows, claimed, slack)
    if kink is not None:
        return kink
    agreeing = [w for w in trusted if w.bar <= needed and abs(claimed - w.value) <= 3 * w.bar + allowed(w)]
    if agreeing and (best is None or not best.is_off(claimed, allowed(best))):
        w = min(agreeing, key=lambda w: w.bar)
        return Slope("right", w.value, w.bar)
    off = [w for w in moving if w.is_off(claimed, allowed(w))]
    if best is not None and best in off and _confirmed(best, off):
        return Slope("wrong", best.value, best.bar)
    if abs(claimed) <= slack and _is_still(line, middle, windows):
        return Slope("right", 0.0, windows[0].noise)
    return _flat_or_unknown(windows, claimed, slack, min(usable, key=lambda w: w.bar, default=None))


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


def _is_still(line: Line, middle: float, windows: list[Window]) -> bool:
    """Is the derivative 0 by f's build, and not only hidden by its rounding?

    It is where f is bit for bit even around the point, or where it does not move at all at small steps and moves by
    much where it first does (a mask, a unit that is switched off). What rounding has swallowed shows first by a few
    units in the last place: each step is four times the one before.
    """
    flat = [w for w in windows if w.flat]
    if len(flat) < len(windows) and all(w.even for w in windows):
        return True
    if len(flat) < _LEVELS // 3:
        return False
    least = 2.0**13 * EPS * abs(middle)
    return all(_first_move(line, middle, windows, side) > least for side in (1.0, -1.0))


def _first_move(line: Line, middle: float, windows: list[Window], side: float) -> float:
    """Return by how much f moves at the smallest step at which it does; infinity where it never does."""
    for w in reversed(windows):
        moved = abs(w.plus if side > 0 else w.minus) * w.step
        if moved > 0:
            return moved
    for k in range(1, 13):
        there = line(side * windows[0].step * _RATIO**k)
        if there != middle:
            return abs(there - middle) if math.isfinite(there) else math.inf
    return math.inf


def _flat_or_unknown(windows: list[Window], claimed: float, slack: float, best: Window | None) -> Slope:
    flat = [w for w in windows if w.flat]
    if len(flat) > 8 and flat[0] is windows[0] and abs(claimed) > slack + 5 * flat[0].noise:
        return Slope("wrong", 0.0, flat[0].noise, "f is constant here")
    if best is None:
        return Slope("unknown", math.nan, math.inf, "no step at which the difference quotient settles")
    return Slope("unknown", best.value, best.bar, "f's rounding or noise hides this derivative")
