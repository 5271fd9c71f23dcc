"""Pictures in characters: the map of the errors in an input, and the Taylor remainder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradproof.verify.report import Remainder, Report

Array = np.ndarray[Any, np.dtype[Any]]
#: Relative errors from which on a level begins; below the first an entry is right.
LEVELS = (1e-9, 1e-6, 1e-3, 0.1)
#: By level, and for entries that were not compared.
MARKS, UNKNOWN = ".-+#@", " "
LEGEND = ". right  - below 1e-6  + below 1e-3  # below 0.1  @ more"
_BLANK = "  blank: not compared"
_WIDE, _HIGH = 64, 12
#: So many inputs are drawn, and so many of the others named.
DRAWN, _NAMED = 2, 6
#: A vector with fewer entries needs no picture.
_FEW = 9
#: The plot's size in characters.
_COLUMNS, _ROWS = 40, 9


def error_levels(claimed: Array, expected: Array) -> Array:
    """Return the level of each entry's relative error, [rows, columns]; -1 where it is not known.

    What is off by less than a billionth of the largest entry is right.
    """
    largest = float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected)))
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.abs(claimed - expected)
        size = np.maximum(np.abs(claimed), np.abs(expected))
        relative = np.where(error <= LEVELS[0] * largest, 0.0, error / size)
    levels = np.searchsorted(LEVELS, np.where(np.isnan(relative), np.inf, relative), side="right")
    levels = np.where(np.isfinite(expected), levels, -1)
    return np.asarray(levels.reshape(-1, levels.shape[-1]) if levels.ndim else levels.reshape(1, 1))


def coarser(levels: Array, high: int = _HIGH, wide: int = _WIDE) -> Array:
    """Return the worst level of each block, so that the whole fits."""
    parts = [np.array_split(np.arange(n), min(n, most)) for n, most in zip(levels.shape, (high, wide), strict=True)]
    return np.array([[levels[np.ix_(rows, columns)].max() for columns in parts[1]] for rows in parts[0]])


def maps_of(report: Report, most: int = DRAWN) -> Iterator[tuple[str, Array]]:
    """Yield a title and the levels for the worst of the wrong inputs that are large enough for a picture."""
    for name in _drawn(report, most):
        claimed, expected = report.gradients[name]
        shape = " x ".join(map(str, claimed.shape))
        yield f"{name} [{shape}]", error_levels(claimed, expected)


def _drawn(report: Report, most: int) -> list[str]:
    large = {n: p for n, p in report.gradients.items() if n in report.wrong and _is_large(p[0])}
    return sorted(large, key=lambda n: -_badness(*large[n]))[:most]


def _is_large(gradient: Array) -> bool:
    return gradient.ndim > 0 and gradient.size >= (4 if gradient.ndim > 1 else _FEW)


def _badness(claimed: Array, expected: Array) -> float:
    """Return how far a gradient is off as a whole, beside its size; infinite where it is no number."""
    known = np.isfinite(expected)
    error, size = (float(np.linalg.norm(a[known])) for a in (claimed - expected, expected))
    return error / size if size and math.isfinite(error) else math.inf


def not_drawn(report: Report, most: int = DRAWN) -> str:
    """Return a line about the wrong inputs beside those with a picture; "" where there is none."""
    drawn = _drawn(report, most)
    others = [n for n in report.wrong if n not in drawn]
    if not drawn or not others:
        return ""
    names = ", ".join([*others[:_NAMED], *(["..."] if len(others) > _NAMED else [])])
    return f"{len(others)} more input{'s are' if len(others) > 1 else ' is'} wrong: {names}"


def error_maps(report: Report) -> Iterator[tuple[str, list[str]]]:
    """Yield a title and the rows of characters for the worst inputs; the last with the marks' meaning."""
    drawn = [(title, levels, coarser(levels)) for title, levels in maps_of(report)]
    blank = _BLANK if any(np.any(small < 0) for _, _, small in drawn) else ""
    for number, (title, levels, small) in enumerate(drawn, start=1):
        blocks = ", each mark the worst of a block" if small.size < levels.size else ""
        rows = ["".join(UNKNOWN if level < 0 else MARKS[level] for level in row) for row in small]
        yield f"error of {title}{blocks}:", [*rows, *([f"({LEGEND}{blank})"] if number == len(drawn) else [])]


def taylor_plot(report: Report) -> list[str]:
    """Return the remainder over the step, both logarithmic, as characters; [] where there is nothing to show."""
    points = [r for r in report.taylor if r.first > 0]
    if len(points) < 4:
        return []
    x = _places([r.step for r in points], _COLUMNS)
    top = [r.first for r in points] + [r.zeroth for r in points if r.zeroth > 0]
    low, high = math.log10(min(top)), math.log10(max(top))
    grid = [[" "] * _COLUMNS for _ in range(_ROWS)]
    for mark, values in ((".", [r.zeroth for r in points]), ("o", [r.first for r in points])):
        for column, value in zip(x, values, strict=True):
            if value > 0:
                grid[_row(value, low, high)][column] = mark
    labels = [f"{10**high:.0e}", *[""] * (_ROWS - 2), f"{10**low:.0e}"]
    rows = [f"  {label:>6} |{''.join(row).rstrip()}" for label, row in zip(labels, grid, strict=True)]
    left, right = min(r.step for r in points), max(r.step for r in points)
    axis = f"  {'':>6} +{'-' * _COLUMNS}"
    ends = f"  {'':>6}  {f'h = {left:.0e}':<{_COLUMNS - 5}}{right:.0e}"
    return [f"Taylor remainder{_fall(report.taylor)}: o with the gradient, . without", *rows, axis, ends]


def _fall(taylor: Sequence[Remainder]) -> str:
    order = fall_of(taylor)
    return "" if math.isnan(order) else f" falls as h^{order:.1f} (right: h^2)"


def fall_of(found: Sequence[Remainder]) -> float:
    """Return the power of h with which the remainder falls where rounding does not hide it; NaN if it does."""
    rounding = 1e-14 * max((r.zeroth for r in found), default=0.0)
    clear = [(math.log(r.step), math.log(r.first)) for r in found if r.first > 100 * rounding]
    if len(clear) < 4:
        return math.nan
    steps, logs = np.array(clear[-6:]).T
    return float(np.polyfit(steps, logs, 1)[0])


def _places(values: Sequence[float], width: int) -> list[int]:
    logs = np.log(values)
    span = float(np.ptp(logs)) or 1.0
    return [round(float((v - logs.min()) / span) * (width - 1)) for v in logs]


def _row(value: float, low: float, high: float) -> int:
    share = (math.log10(value) - low) / ((high - low) or 1.0)
    return _ROWS - 1 - round(share * (_ROWS - 1))
