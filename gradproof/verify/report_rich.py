"""A report through rich: the verdict in colour, entries in a table, errors as a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradproof.verify.pictures import coarser, maps_of, not_drawn, taylor_plot
from gradproof.verify.report import Finding, Report
from gradproof.verify.report_text import SHOWN, headline

_VERDICTS = {"right": "bold green", "wrong": "bold red", "undecided": "bold yellow"}
#: Background by level of error, and of entries that were not compared.
_COLOURS, _UNKNOWN = ("green", "cyan", "yellow", "magenta", "red"), "default"
_NAMES = ("right", "below 1e-6", "below 1e-3", "below 0.1", "more")


def parts_of(report: Report) -> Iterator[Any]:
    """Yield what rich prints."""
    head = headline(report)
    cut = head.index(":")
    yield Text.assemble((head[:cut], _VERDICTS[report.verdict]), head[cut:])
    for cause in report.diagnosis:
        yield _indented(f"because: {cause}", "bold")
    if report.findings:
        yield _table(report.findings)
    maps = list(maps_of(report))
    for title, levels in maps:
        yield from _map(title, levels)
    if maps:
        yield _legend()
    if others := not_drawn(report):
        yield Text(f"  {others}")
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


def _legend() -> Text:
    legend = Text("  colours: ")
    for colour, name in zip(_COLOURS, _NAMES, strict=True):
        legend.append("  ", style=f"on {colour}").append(f" {name}   ", style="dim")
    return legend


def _map(title: str, levels: np.ndarray[Any, Any]) -> Iterator[Text]:
    small = coarser(levels)
    blocks = ", each mark the worst of a block" if small.size < levels.size else ""
    yield Text(f"  error of {title}{blocks}:")
    twice = 2 if small.shape[1] <= 32 else 1
    for row in small:
        line = Text("    ")
        for level in row:
            line.append(" " * twice, style=f"on {_COLOURS[level] if level >= 0 else _UNKNOWN}")
        yield line


def _rest(report: Report) -> Iterator[Padding]:
    for f in report.elsewhere[:3]:
        yield _indented(f"elsewhere: {f}", "yellow")
    for word, texts in (("checked", report.checked), ("not checked", report.unchecked)):
        yield from (_indented(f"{word}: {t}", "dim") for t in texts)
    yield from (_indented(f"advice: {a}") for a in report.advice)
    yield from (_indented(f"note: {n}", "dim") for n in report.notes)
    again = f"; again: {report.again}" if report.again else ""
    yield _indented(f"{report.evaluations} evaluations, seed {report.seed}{again}", "dim")


def _indented(text: str, style: str = "") -> Padding:
    """Return text whose lines stay indented where it is wrapped."""
    return Padding(Text(text, style=style), (0, 0, 0, 2), expand=False)
