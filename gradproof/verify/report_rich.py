"""A report through rich: the verdict in colour, entries in a table, errors as a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from gradproof.verify.pictures import coarser, maps_of, taylor_plot
from gradproof.verify.report import Finding, Report
from gradproof.verify.report_text import SHOWN, headline

_VERDICTS = {"right": "bold green", "wrong": "bold red", "undecided": "bold yellow"}
#: Background by level of error, and of entries that were not compared.
_COLOURS, _UNKNOWN = ("green", "cyan", "yellow", "magenta", "red"), "default"


def parts_of(report: Report) -> Iterator[Any]:
    """Yield what rich prints."""
    head = headline(report)
    cut = head.index(":")
    yield Text.assemble((head[:cut], _VERDICTS[report.verdict]), head[cut:])
    for cause in report.diagnosis:
        yield Text(f"  because: {cause}", style="bold")
    if report.findings:
        yield _table(report.findings)
    for number, (title, levels) in enumerate(maps_of(report)):
        yield from _map(title, levels, with_legend=number == 0)
    for line in taylor_plot(report) if report.severity == "mistake" else ():
        yield Text(f"  {line}")
    yield from _rest(report)


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=True)
    for name in ("entry", "claimed", "expected", "error bar", "off by"):
        table.add_column(name, justify="left" if name == "entry" else "right")
    notes = any(f.note for f in findings[:SHOWN])
    if notes:
        table.add_column("")
    for f in findings[:SHOWN]:
        place = f"[{', '.join(map(str, f.index))}]" if f.index else ""
        known = f.expected == f.expected
        row = [f"{f.claimed:.10g}", f"{f.expected:.10g}", f"{f.error_bar:.1g}", f"{f.relative:.3g}"]
        cells = [f"{f.input}{place}", *(row if known else [""] * 4), *([f.note] if notes else [])]
        table.add_row(*(Text(c) for c in cells))
    if len(findings) > SHOWN:
        table.add_row(Text(f"... and {len(findings) - SHOWN} more", style="dim"))
    return table


def _map(title: str, levels: np.ndarray[Any, Any], *, with_legend: bool) -> Iterator[Text]:
    small = coarser(levels)
    legend = Text(f"  error of {title}: " if with_legend else f"  error of {title}:")
    names = ("right", "below 1e-6", "below 1e-3", "below 0.1", "more") if with_legend else ()
    for colour, name in zip(_COLOURS, names, strict=False):
        legend.append("  ", style=f"on {colour}").append(f" {name}  ", style="dim")
    yield legend
    twice = 2 if small.shape[1] <= 32 else 1
    for row in small:
        line = Text("    ")
        for level in row:
            line.append(" " * twice, style=f"on {_COLOURS[level] if level >= 0 else _UNKNOWN}")
        yield line


def _rest(report: Report) -> Iterator[Text]:
    for f in report.elsewhere[:3]:
        yield Text(f"  elsewhere: {f}", style="yellow")
    for word, texts in (("checked", report.checked), ("not checked", report.unchecked)):
        yield from (Text(f"  {word}: {t}", style="dim") for t in texts)
    yield from (Text(f"  advice: {a}") for a in report.advice)
    yield from (Text(f"  note: {n}", style="dim") for n in report.notes)
    again = f"; again: {report.again}" if report.again else ""
    yield Text(f"  {report.evaluations} evaluations, seed {report.seed}{again}", style="dim")
