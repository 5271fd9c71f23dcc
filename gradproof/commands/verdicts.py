"""The table of verdicts: a row for each gradient, the reasons below, and a sum; in each format."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from textwrap import fill

from gradproof.commands.grid import drawn, plain
from gradproof.commands.judge import Judged, Line
from gradproof.commands.output import Output

HEADINGS = ("equation", "gradient or update", "derivation", "kernels", "ulps", "verdict")
WIDEST = 100
"""Columns of a paragraph: longer lines are hard to read."""

_HOW = (
    "Derivations: against the forward equations alone, in ball arithmetic to 40 digits, at random sizes and points.",
    "Kernels, float32 and float64: against exact values of the equations, judged by a running bound of the rounding.",
    "ulps: the largest error, in units in the last place. Seed {seed}.",
)


def table(judged: list[Judged], seed: int, form: str, output: Output) -> str:
    """Return the table with its reasons and its sum."""
    if form == "json":
        return _json(judged, seed, output)
    lines = [*_reasons(judged), _sum(judged), *_how(seed)]
    if form == "markdown":
        return "\n\n".join([_markdown(judged), *lines])
    return "\n".join(
        [drawn(HEADINGS[1:], _groups(judged, _as_read), form, output), *(_wrapped(line, output) for line in lines)]
    )


def _label(one: Judged) -> str:
    return one.piece.label


def _as_read(one: Judged) -> str:
    """Return the label of an equation on a page with the equation in notation, as it was read."""
    from gradproof.derive.notation import format_equation

    system = one.piece.system
    if one.piece.entry is None or system is None:
        return one.piece.label
    return f"{one.piece.place}: {format_equation(system.equations[-1], system)}"


def _groups(judged: list[Judged], label: Callable[[Judged], str]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return for each piece its label and its rows."""
    nothing = ("", "", "", "")
    return [
        (
            label(one),
            [_line_cells(line) for line in one.lines]
            or [
                ("the message says why" if one.piece.error else "", *nothing[:3], "not read" if one.piece.error else "")
            ],
        )
        for one in judged
    ]


def _line_cells(line: Line) -> tuple[str, ...]:
    ulps = "" if line.ulps is None else f"{line.ulps:.2g}"
    return (line.equation, line.derivation, line.kernels, ulps, line.verdict)


def _markdown(judged: list[Judged]) -> str:
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|---:|---|"]
    for label, rows in _groups(judged, _label):
        for number, (equation, *cells) in enumerate(rows):
            shown = ["" if number else label, f"`{equation}`" if equation else "", *cells]
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in shown)} |")
    return "\n".join(lines)


def _reasons(judged: list[Judged]) -> list[str]:
    found = [(one.piece.label, line) for one in judged for line in one.lines if line.reason]
    return [f"{where}, {line.name}: {line.verdict}: {line.reason}" for where, line in found]


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
    return fill(plain(line, output), min(output.columns, WIDEST), subsequent_indent="  ")


def _json(judged: list[Judged], seed: int, output: Output) -> str:
    records = []
    for one in judged:
        entry = one.piece.entry
        record = {"name": one.piece.name} | ({"line": entry.line, "latex": entry.latex} if entry is not None else {})
        records.append(
            record | ({"error": one.piece.error} if one.piece.error else {"rows": [line.record for line in one.lines]})
        )
    return json.dumps({"seed": seed, "equations": records}, indent=2, ensure_ascii=output.ascii)
