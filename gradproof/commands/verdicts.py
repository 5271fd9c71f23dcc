"""The table of verdicts: a row for each gradient, the reasons below, and a sum; in each format."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from textwrap import fill
from typing import TYPE_CHECKING

from gradproof.commands.judge import Judged, Line
from gradproof.commands.output import Output

if TYPE_CHECKING:
    from rich.console import Console

HEADINGS = ("equation", "gradient or update", "derivation", "kernels", "ulps", "verdict")
WIDEST = 100
"""Columns of a paragraph: longer lines are hard to read."""

_HOW = (
    "Derivations: against the forward equations alone, in ball arithmetic to 40 digits, at random sizes and points.",
    "Kernels, float32 and float64: against exact values of the equations, judged by a running bound of the rounding.",
    "ulps: the largest error, in units in the last place. Seed {seed}.",
)

_STYLES = {"right": "green", "wrong": "bold red", "undecided": "yellow", "not read": "bold red"}


def table(judged: list[Judged], seed: int, form: str, output: Output) -> str:
    """Return the table with its reasons and its sum."""
    if form == "json":
        return _json(judged, seed)
    lines = [*_reasons(judged), _sum(judged), *_how(seed)]
    if form == "markdown":
        return "\n\n".join([_markdown(judged), *lines])
    return "\n".join([_drawn(judged, form, output), *(_wrapped(line, output) for line in lines)])


def _cells(judged: list[Judged]) -> Iterator[tuple[str, ...]]:
    for one in judged:
        if not one.lines:
            yield (one.piece.label, "", "", "", "", "not read" if one.piece.error else "nothing to check")
        for number, line in enumerate(one.lines):
            yield ("" if number else one.piece.label, *_line_cells(line))


def _line_cells(line: Line) -> tuple[str, ...]:
    ulps = "" if line.ulps is None else f"{line.ulps:.2g}"
    return (line.equation, line.derivation, line.kernels, ulps, line.verdict)


def _drawn(judged: list[Judged], form: str, output: Output) -> str:
    """Draw the table with rich: in colour for a terminal, as plain text else."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colour = form == "terminal"
    console = Console(file=StringIO(), width=output.columns, force_terminal=colour, no_color=None if colour else True)
    drawn = Table(box=box.ASCII if output.plain_ascii else box.ROUNDED, header_style="bold" if colour else "")
    for heading in HEADINGS:
        drawn.add_column(
            heading, justify="right" if heading == "ulps" else "left", no_wrap=heading in ("ulps", "verdict")
        )
    begun = False
    for cells in _cells(judged):
        if begun and cells[0]:
            drawn.add_section()
        begun = True
        drawn.add_row(*(Text(_plain(cell, output), style=_STYLES.get(cell, "") if colour else "") for cell in cells))
    console.print(drawn)
    return _drawn_text(console)


def _drawn_text(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().rstrip("\n")


def _plain(text: str, output: Output) -> str:
    """Return the text in ASCII if that is all that may be used."""
    if text.isascii() or not output.plain_ascii:
        return text
    from gradproof.derive.latex.names import ascii_name

    return "".join(c if c.isascii() else ascii_name(c) for c in text)


def _markdown(judged: list[Judged]) -> str:
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|---:|---|"]
    for cells in _cells(judged):
        shown = [
            f"`{cell}`" if heading.startswith("gradient") and cell else cell
            for heading, cell in zip(HEADINGS, cells, strict=True)
        ]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in shown)} |")
    return "\n".join(lines)


def _reasons(judged: list[Judged]) -> list[str]:
    found = [(one.piece.label, line) for one in judged for line in one.lines if line.reason]
    lines = [f"{where}, {line.name}: {line.verdict}: {line.reason}" for where, line in found]
    return [*lines, *(f"{one.piece.label}: not read: see the message" for one in judged if one.piece.error)]


def _sum(judged: list[Judged]) -> str:
    """Say how many lines met which verdict."""
    counts = Counter(line.verdict for one in judged for line in one.lines)
    said = [f"{counts[verdict]} {verdict}" for verdict in ("right", "wrong", "undecided") if counts[verdict]]
    unread = sum(1 for one in judged if one.piece.error)
    return ", ".join([*said, *([f"{unread} not read"] if unread else [])] or ["nothing to check"]) + "."


def _how(seed: int) -> tuple[str, ...]:
    """Say what was done to find out."""
    return tuple(text.format(seed=seed) for text in _HOW)


def _wrapped(line: str, output: Output) -> str:
    return fill(_plain(line, output), min(output.columns, WIDEST), subsequent_indent="  ")


def _json(judged: list[Judged], seed: int) -> str:
    records = []
    for one in judged:
        entry = one.piece.entry
        record = {"name": one.piece.name} | ({"line": entry.line, "latex": entry.latex} if entry is not None else {})
        records.append(
            record | ({"error": one.piece.error} if one.piece.error else {"rows": [line.record for line in one.lines]})
        )
    return json.dumps({"seed": seed, "equations": records}, indent=2, ensure_ascii=False)
