"""A report as a figure: the Taylor remainder and the maps of the errors, through matplotlib."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradproof.errors import InputError
from gradproof.verify.pictures import fall_of, maps_of

if TYPE_CHECKING:
    from gradproof.verify.report import Report

_SUFFIXES = (".svg", ".png", ".pdf")
#: Maps beside the plot.
_MAPS = 3
_COLOURS = ("#ffffff", "#d5ead9", "#8ecae6", "#ffd166", "#f28482", "#b00020")
_NAMES = ("not compared", "right", "< 1e-6", "< 1e-3", "< 0.1", "more")


def plot(report: Report, path: str | Path) -> None:
    """Write the figure to a file.

    Raises:
        InputError: matplotlib is not installed, or the file's suffix is not known.
    """
    target = Path(path)
    if target.suffix.lower() not in _SUFFIXES:
        raise InputError(f"plot({str(path)!r})", expected=f"a file name that ends in {', '.join(_SUFFIXES)}")
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            "matplotlib is not installed", expected="it, for report.plot", hint='pip install "gradproof[plots]"'
        ) from None
    maps = list(maps_of(report, _MAPS))
    with rc_context({"svg.hashsalt": "gradproof", "font.size": 9}):
        figure = Figure(figsize=(4.6 + 3.4 * len(maps), 3.6), layout="constrained")
        axes = figure.subplots(1, 1 + len(maps), squeeze=False)[0]
        _remainder(axes[0], report)
        for place, (title, levels) in zip(axes[1:], maps, strict=True):
            _map(place, title, levels)
        figure.suptitle(f"gradient {report.verdict}" + (f" ({report.strength})" if report.strength else ""))
        figure.savefig(target, metadata={"Date": None} if target.suffix.lower() == ".svg" else None, dpi=150)


def _remainder(axes: Any, report: Report) -> None:
    points = [r for r in report.taylor if r.first > 0 and r.zeroth > 0]
    axes.set_title("Taylor remainder", fontsize=9)
    axes.set_xlabel("step h")
    if not points:
        axes.text(0.5, 0.5, "not available", ha="center", va="center", transform=axes.transAxes)
        return
    steps = [r.step for r in points]
    order = fall_of(report.taylor)
    fall = "" if math.isnan(order) else f", as h^{order:.1f}"
    axes.loglog(steps, [r.zeroth for r in points], ".-", color="#888888", label="|f(x+hd) - f(x)|")
    axes.loglog(steps, [r.first for r in points], "o-", color="#1f5fa8", label=f"less h g.d{fall}")
    start = max(r.first for r in points)
    axes.loglog(steps, [start * (h / steps[0]) ** 2 for h in steps], ":", color="#2a9d4a", label="h^2 (right)")
    axes.set_ylim(bottom=min(r.first for r in points) / 3)
    axes.legend(fontsize=7, frameon=False)


def _map(axes: Any, title: str, levels: Any) -> None:
    from matplotlib.colors import BoundaryNorm, ListedColormap

    norm = BoundaryNorm([k - 1.5 for k in range(7)], 6)
    image = axes.imshow(levels, cmap=ListedColormap(_COLOURS), norm=norm, aspect="auto", interpolation="nearest")
    axes.set_title(f"error of {title}", fontsize=9)
    bar = axes.figure.colorbar(image, ax=axes, ticks=range(-1, 5))
    bar.ax.set_yticklabels(_NAMES, fontsize=7)
