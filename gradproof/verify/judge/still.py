"""Derivatives that are 0: where f does not move at all, and where it moves ever less."""

from __future__ import annotations

import math

from gradproof.verify.judge.ladder import EPS, LEVELS, RATIO, Line, Window

#: Units in the last place of f that are much: what rounding has swallowed shows first by a few.
_MUCH = 2.0**13
#: A slope that has fallen to this share of f's slope nearby, and keeps falling to f's rounding, is 0.
_FALLEN = 1e-6
_FLAT = 8


def is_still(line: Line, middle: float, windows: list[Window], sigma: float) -> bool:
    """Is the derivative 0 by f's build, and not only hidden by its rounding?

    It is where f is bit for bit even around the point, or where it does not move at all at small steps and moves by
    much where it first does (a mask, a unit that is switched off). What rounding has swallowed shows first by a few
    units in the last place: each step is four times the one before.
    """
    flat = [w for w in windows if w.flat]
    if len(flat) < len(windows) and all(w.even for w in windows):
        return True
    if len(flat) < LEVELS // 3:
        return False
    least = max(_MUCH * EPS * abs(middle), 2.0**8 * sigma)
    return all(_first_move(line, middle, windows, side) > least for side in (1.0, -1.0))


def _first_move(line: Line, middle: float, windows: list[Window], side: float) -> float:
    """Return by how much f moves at the smallest step at which it does; infinity where it never does."""
    for w in reversed(windows):
        moved = abs(w.plus if side > 0 else w.minus) * w.step
        if moved > 0:
            return moved
    for k in range(1, 13):
        there = line(side * windows[0].step * RATIO**k)
        if there != middle:
            return abs(there - middle) if math.isfinite(there) else math.inf
    return math.inf


def is_small(line: Line, middle: float, windows: list[Window], closest: Window) -> bool:
    """Is the derivative 0 beside f's slopes nearby, as far down as f's rounding lets one see (x|x| at 0)?

    Asked for derivatives that are claimed to be 0 alone: for others a share of another slope is no measure.
    """
    if abs(closest.value) > 3 * closest.bar:
        return False
    clear = [max(abs(w.plus), abs(w.minus)) for w in windows if _is_clear(w)]
    for k in range(1, 7):
        step = windows[0].step * RATIO**k
        noise = 2 * windows[0].noise * windows[0].step / step
        sides = [abs(line(side * step) - middle) / step for side in (1.0, -1.0)]
        clear += [s for s in sides if math.isfinite(s) and s > 30 * noise]
    return closest.bar <= _FALLEN * max(clear, default=0.0)


def _is_clear(w: Window) -> bool:
    size = max(abs(w.plus), abs(w.minus))
    return math.isfinite(size) and size > 30 * w.noise


def flat_below(windows: list[Window], claimed: float, slack: float, middle: float) -> Window | None:
    """Return the greatest step from which on f is constant, if the claim would have moved it there by much.

    None where f only looks constant: where it is rounded (to float32, to four digits), greater steps show the slope
    that is claimed.
    """
    first = next((k for k in range(len(windows)) if all(w.flat for w in windows[k:])), len(windows))
    if len(windows) - first < _FLAT:
        return None
    w = windows[first]
    predicted = abs(claimed) * w.step
    if not abs(claimed) > slack + 5 * w.noise or (first > 0 and predicted < _MUCH * EPS * abs(middle)):
        return None
    if any(abs((c.plus + c.minus) / 2 - claimed) <= 0.3 * abs(claimed) for c in windows[:first]):
        return None
    return w
