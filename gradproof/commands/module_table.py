"""What became of a module's pairs, in each format: the table, the reports, and what to declare."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from gradproof.commands.grid import drawn, plain
from gradproof.commands.output import Output
from gradproof.commands.reports import shown as report_shown

if TYPE_CHECKING:
    from gradproof.verify.modules.results import Request, Result

HEADINGS = ("function, gradient", "line", "gradient for", "strength", "verdict")
_WIDEST = 100
_NAMES = 36
"""Columns for the names of inputs: the first column needs the rest."""


def shown(path: Path, results: list[Result], request: Request, form: str, output: Output) -> str:
    """Return the results as a text in a format."""
    if form == "json":
        return _json(path, results, request, output)
    rows = [_row(result) for result in results]
    table = _markdown(rows) if form == "markdown" else drawn(HEADINGS, [(path.name, rows)], form, output)
    parts = [table, *_skipped(results, output), *_reports(results, form, output)]
    return "\n\n".join([*parts, *_declaration(results, output), _sum(results, output)])


def _row(result: Result) -> tuple[str, ...]:
    strength = result.report.strength if result.report is not None else ""
    return (result.pair.how, str(result.pair.line), _some(result.wrt), strength, result.verdict)


def _some(names: Sequence[str]) -> str:
    """Return the names, or as many of them as the column holds, and how many they are."""
    whole = ", ".join(names)
    if len(whole) <= _NAMES:
        return whole
    count = next((k for k in range(len(names) - 1, 1, -1) if len(", ".join(names[:k])) <= _NAMES - 10), 1)
    return f"{', '.join(names[:count])}, ... ({len(names)})"


def _markdown(rows: list[tuple[str, ...]]) -> str:
    head = [f"| {' | '.join(HEADINGS)} |", "|---|---:|---|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)])


def _skipped(results: list[Result], output: Output) -> list[str]:
    """Say of each pair that was not judged why, and what to do."""
    found = []
    for result in results:
        if result.report is None:
            parts = [f"{_head(result)}: skipped: {result.skipped}"]
            parts += [f"expected: {result.expected}"] if result.expected else []
            parts += [result.hint] if result.hint else []
            found.append(_wrapped("; ".join(parts), output))
    return ["\n".join(found)] if found else []


def _reports(results: list[Result], form: str, output: Output) -> list[str]:
    """Return the full report of each verdict that is not right, and of the others what is to be known."""
    told = [r for r in results if r.report is not None]
    notes = [
        _wrapped(f"{_head(r)}: {note}", output)
        for r in told
        if r.report is not None and r.verdict == "right"
        for note in (*r.report.advice, *r.report.notes)
    ]
    bad = [report_shown(r.report, _head(r), form, output) for r in told if r.report and r.verdict != "right"]
    return [*(["\n".join(notes)] if notes else []), *bad]


def _head(result: Result) -> str:
    return f"line {result.pair.line}, {result.pair.name}"


def _declaration(results: list[Result], output: Output) -> list[str]:
    """Show the declaration that the module lacks."""
    lacking = [r for r in results if r.missing]
    if not lacking:
        return []
    made = [r for r in lacking if any(name.startswith("init: ") for name in r.missing)]
    shared = dict.fromkeys(name for r in lacking for name in r.missing if not name.startswith("init: "))
    lines = [f'    "{name}": np.array(...),' for name in shared]
    for r in made:
        arguments = ", ".join(f'"{n.removeprefix("init: ")}": ...' for n in r.missing if n.startswith("init: "))
        lines.append(f'    "{r.pair.name}": {{"init": {{{arguments}}}}},')
    intro = _wrapped(
        "Say in the module where to try them (or in a function of that name that returns the dict):", output
    )
    return ["\n".join([intro, "", "    gradproof_inputs = {", *(f"    {line}" for line in lines), "    }"])]


def _sum(results: list[Result], output: Output) -> str:
    counts = Counter(result.verdict for result in results)
    said = [f"{counts[v]} {v}" for v in ("right", "wrong", "undecided", "skipped") if counts[v]]
    return _wrapped(f"{', '.join(said)}.", output)


def _json(path: Path, results: list[Result], request: Request, output: Output) -> str:
    from gradproof.verify.report import plain_data

    record = {"module": str(path), "seed": request.seed, "pairs": [result.to_dict() for result in results]}
    return json.dumps(plain_data(record), indent=2, ensure_ascii=output.ascii, allow_nan=False)


def _wrapped(line: str, output: Output) -> str:
    return fill(plain(line, output), min(output.columns, _WIDEST), initial_indent="  ", subsequent_indent="    ")
