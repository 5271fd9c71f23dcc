"""The table of verdicts: a row for each gradient, the reasons below, and a sum; in each format."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gradproof.commands.claims import as_rows, notes_on, reports
from gradproof.commands.grid import drawn, plain
from gradproof.commands.judge import Judged, Line
from gradproof.commands.output import Output
from gradproof.commands.sections import reason_of

if TYPE_CHECKING:
    from gradproof.verify.claims import Judged as Claimed

HEADINGS = ("equation", "gradient or update", "derivation", "kernels", "ulps", "verdict")
_LET, _UNREAD = "let ", "not read"
WIDEST = 100
"""Columns of a paragraph: longer lines are hard to read."""

_HOW_DERIVED = (
    "Derivations: against the forward equations alone, in ball arithmetic to 40 digits, at random sizes and points."
)
_HOW_COMPUTED = (
    "Kernels, float32 and float64: against exact values of the equations, judged by a running bound of the rounding.",
    "float32 gradients also with an axis of up to 1000, and with inputs of about 1000, where there are such points.",
    "ulps: the largest error, in units in the last place. Seed {seed}.",
)
_HOW_CLAIMED = (
    "Claims: against the page's own equations and their derivatives, each line of a chain against the one before it; "
    "proved for all sizes, or certified at random points in ball arithmetic, none of them at a kink."
)
_WRITING = "d_x is the gradient with respect to x. Where an output y is an array, d_y is given."


def table(judged: list[Judged], seed: int, form: str, output: Output, claimed: tuple[Claimed, ...] = ()) -> str:
    """Return the table with its reasons, what is to be said of claims, and its sum."""
    if form == "json":
        return _json(judged, seed, output, claimed)
    rows = _in_order([*judged, *as_rows(claimed)])
    found = [*_notes(judged), *notes_on(claimed), *_reasons(judged), _sum(rows)]
    how, more = _how(judged, seed, claimed), reports(claimed, form, output)
    if form == "markdown":
        return "\n\n".join([_markdown(rows), *(f"```text\n{text}\n```" for text in more), *found, *how])
    paragraphs = ("\n".join(_wrapped(line, output) for line in lines) for lines in (found, how))
    return "\n\n".join([drawn(HEADINGS[1:], _groups(rows, _as_read), form, output), *more, *paragraphs])


def _in_order(rows: list[Judged]) -> list[Judged]:
    """Return what stands on a page in its order, then the chains."""
    return sorted(rows, key=_line_number)


def _line_number(one: Judged) -> float:
    word, _, number = one.piece.place.partition(" ")
    return int(number) if word == "line" else math.inf


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


def _how(judged: list[Judged], seed: int, claimed: tuple[Claimed, ...]) -> tuple[str, ...]:
    """Say what was done to find out, and what the names mean."""
    return (*_how_derived(judged, seed), *((_HOW_CLAIMED,) if claimed else ()))


def _how_derived(judged: list[Judged], seed: int) -> tuple[str, ...]:
    derived = any(line.derivation for one in judged for line in one.lines)
    computed = tuple(text.format(seed=seed) for text in _HOW_COMPUTED)
    return (_WRITING, _HOW_DERIVED, *computed) if derived else computed


def _wrapped(line: str, output: Output) -> str:
    return fill(plain(line, output), min(output.columns, WIDEST), initial_indent="  ", subsequent_indent="    ")


def _json(judged: list[Judged], seed: int, output: Output, claimed: tuple[Claimed, ...]) -> str:
    claims = [
        {"line": one.line, "latex": one.latex, "verdict": one.verdict, "steps": [step.to_dict() for step in one.steps]}
        for one in claimed
    ]
    whole = {"seed": seed, "equations": [_record(one) for one in judged], **({"claims": claims} if claims else {})}
    return json.dumps(whole, indent=2, ensure_ascii=output.ascii)


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
