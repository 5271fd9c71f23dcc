"""The table of verdicts: a row for each gradient, the reasons below, and a sum; in each format."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from textwrap import fill
from typing import Any

from gradproof.commands.grid import drawn, plain
from gradproof.commands.judge import Judged, Line
from gradproof.commands.output import Output
from gradproof.commands.sections import reason_of

HEADINGS = ("equation", "gradient or update", "derivation", "kernels", "ulps", "verdict")
_LET, _UNREAD = "let ", "not read"
WIDEST = 100
"""Columns of a paragraph: longer lines are hard to read."""

_HOW_DERIVED = (
    "Derivations: against the forward equations alone, in ball arithmetic to 40 digits, at random sizes and points."
)
_HOW_COMPUTED = (
    "Kernels, float32 and float64: against exact values of the equations, judged by a running bound of the rounding.",
    "ulps: the largest error, in units in the last place. Seed {seed}.",
)
_WRITING = "d_x is the gradient with respect to x. Where an output y is an array, d_y is given."


def table(judged: list[Judged], seed: int, form: str, output: Output) -> str:
    """Return the table with its reasons and its sum."""
    if form == "json":
        return _json(judged, seed, output)
    found, how = [*_notes(judged), *_reasons(judged), _sum(judged)], _how(judged, seed)
    if form == "markdown":
        return "\n\n".join([_markdown(judged), *found, *how])
    paragraphs = ("\n".join(_wrapped(line, output) for line in lines) for lines in (found, how))
    return "\n\n".join([drawn(HEADINGS[1:], _groups(judged, _as_read), form, output), *paragraphs])


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
    return [(label(one), _rows(one)) for one in judged]


def _rows(one: Judged) -> list[tuple[str, ...]]:
    """Return what the gradients are written with, then a row a verdict; or one that points at the message."""
    if one.piece.error:
        return [(reason_of(one.piece), "", "", "", _UNREAD)]
    return [*((f"{_LET}{text}", "", "", "", "") for text in one.between), *(_line_cells(line) for line in one.lines)]


def _line_cells(line: Line) -> tuple[str, ...]:
    ulps = "" if line.ulps is None else f"{line.ulps:.2g}"
    return (line.equation, line.derivation, line.kernels, ulps, line.verdict)


def _markdown(judged: list[Judged]) -> str:
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|---:|---|"]
    for label, rows in _groups(judged, _label):
        for number, (text, *cells) in enumerate(rows):
            shown = ["" if number else label, text if cells[-1] == _UNREAD else _as_code(text), *cells]
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in shown)} |")
    return "\n".join(lines)


def _as_code(cell: str) -> str:
    """Return the notation in a cell as code in Markdown."""
    return f"{_LET}`{cell.removeprefix(_LET)}`" if cell.startswith(_LET) else f"`{cell}`"


def _notes(judged: list[Judged]) -> list[str]:
    """Return what a reader should know of how an equation was read."""
    entries = ((one.piece.place, one.piece.entry) for one in judged if not one.piece.error)
    return [f"{place}: {entry.note}." for place, entry in entries if entry is not None and entry.note]


def _reasons(judged: list[Judged]) -> list[str]:
    found = [(one.piece.label, line) for one in judged for line in one.lines if line.reason]
    return [f"{where}, {line.name}: {line.verdict}: {line.reason}" for where, line in found]


def _sum(judged: list[Judged]) -> str:
    """Say how many lines met which verdict."""
    counts = Counter(line.verdict for one in judged for line in one.lines)
    said = [f"{counts[verdict]} {verdict}" for verdict in ("right", "wrong", "undecided") if counts[verdict]]
    unread = sum(1 for one in judged if one.piece.error)
    return ", ".join([*said, *([f"{unread} not read"] if unread else [])] or ["nothing to check"]) + "."


def _how(judged: list[Judged], seed: int) -> tuple[str, ...]:
    """Say what was done to find out, and what the names mean."""
    derived = any(line.derivation for one in judged for line in one.lines)
    computed = tuple(text.format(seed=seed) for text in _HOW_COMPUTED)
    return (_WRITING, _HOW_DERIVED, *computed) if derived else computed


def _wrapped(line: str, output: Output) -> str:
    return fill(plain(line, output), min(output.columns, WIDEST), initial_indent="  ", subsequent_indent="    ")


def _json(judged: list[Judged], seed: int, output: Output) -> str:
    return json.dumps(
        {"seed": seed, "equations": [_record(one) for one in judged]}, indent=2, ensure_ascii=output.ascii
    )


def _record(one: Judged) -> dict[str, Any]:
    """Return a piece as plain data, as docs/json.md documents it."""
    entry = one.piece.entry
    record: dict[str, Any] = {"name": one.piece.name}
    if entry is not None:
        record |= {"line": entry.line, "latex": entry.latex}
    if one.piece.error:
        return {**record, "error": one.piece.error}
    note = {"note": entry.note} if entry is not None and entry.note else {}
    return {**record, **note, "between": list(one.between), "rows": [line.record for line in one.lines]}
