"""A claimed derivative along a line against the ladder of finite differences: right, wrong, at a kink, or unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from gradproof.verify.judge.ladder import EPS, Line, Window, ladder
from gradproof.verify.judge.still import flat_below, is_small, is_still

__all__ = ["EPS", "Line", "Slope", "Window", "judge_slope", "ladder"]


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
    hasty: bool = False,
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
        hasty: end at two steps that clearly exclude the claim (to search with, not for a verdict).
    """

    def allowed(w: Window) -> float:
        return rtol * max(abs(claimed), abs(w.value)) + slack

    def settled(w: Window) -> bool:
        tight = w.bar <= 2e-10 * max(abs(w.value), abs(claimed)) + 0.1 * slack
        return (
            w.smooth and not w.flat and tight and w.bar <= needed and abs(claimed - w.value) <= 3 * w.bar + allowed(w)
        )

    def done(w: Window) -> bool:
        return settled(w) or (hasty and _is_clearly_off(w, claimed, allowed(w)))

    windows = ladder(line, middle, first, least, sigma, enough=done)
    if not windows:
        return Slope("unknown", math.nan, math.inf, "the input is too small to take a step")
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
    closest = min(usable, key=lambda w: w.bar, default=None)
    return _where_nothing_settles(line, middle, claimed, windows, closest, sigma=sigma, slack=slack)


def _where_nothing_settles(
    line: Line,
    middle: float,
    claimed: float,
    windows: list[Window],
    closest: Window | None,
    *,
    sigma: float,
    slack: float,
) -> Slope:
    """Return the verdict on a slope that no window is good enough for: one of 0, or unknown."""
    if abs(claimed) <= slack or not math.isfinite(claimed):
        status: Literal["right", "wrong"] = "right" if math.isfinite(claimed) else "wrong"
        if is_still(line, middle, windows, sigma):
            return Slope(status, 0.0, windows[0].noise)
        if closest is not None and is_small(line, middle, windows, closest):
            return Slope(status, closest.value, closest.bar)
    flat = flat_below(windows, claimed, slack, middle)
    if flat is not None:
        return Slope("wrong", 0.0, flat.noise, "f is constant here")
    if closest is None:
        return Slope("unknown", math.nan, math.inf, "no step at which the difference quotient settles")
    return Slope("unknown", closest.value, closest.bar, "f's rounding or noise hides this derivative")


def _is_clearly_off(w: Window, claimed: float, allowed: float) -> bool:
    return w.smooth and not w.flat and abs(claimed - w.value) > 1e4 * w.bar + 10 * allowed


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
