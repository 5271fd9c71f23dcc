"""`gradproof doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gradproof.commands.choices import DOCTOR_FORMATS
from gradproof.commands.outcome import RIGHT, WRONG
from gradproof.commands.output import Output
from gradproof.commands.progress import progress

if TYPE_CHECKING:
    from rich.table import Table

    from gradproof.doctor import Finding

_SIGNS = {"found": ("✓", "ok", "green"), "absent": ("–", "-", "yellow"), "broken": ("✗", "!!", "bold red")}


def doctor(asked: str | None, output: Output) -> int:
    """Look, print, and return the exit status: wrong where something keeps gradproof from its work."""
    from gradproof.doctor import State, examine

    output.check(None)
    form = output.form(asked, DOCTOR_FORMATS)
    with progress("looking") as doing:
        findings = []
        for finding in examine():
            doing(finding.what)
            findings.append(finding)
    output.put(_text(findings, form, output))
    return WRONG if any(f.state is State.BROKEN for f in findings) else RIGHT


def _text(findings: list[Finding], form: str, output: Output) -> str:
    if form == "json":
        return json.dumps([f.as_json() for f in findings], indent=2, ensure_ascii=output.ascii)
    from rich.console import Console

    console = Console(width=output.columns, no_color=form == "plain", force_terminal=form == "terminal" or None)
    wide = max(len(f.what) for f in findings)
    with console.capture() as captured:
        for group in dict.fromkeys(f.group for f in findings):
            console.print(group, style="bold", highlight=False)
            console.print(_table([f for f in findings if f.group == group], wide, ascii_only=output.plain_ascii))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _table(findings: list[Finding], wide: int, *, ascii_only: bool) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(min_width=2, justify="right")
    table.add_column(min_width=wide)
    table.add_column()
    for f in findings:
        sign, plain, style = _SIGNS[f.state.value]
        told = Text(f.told)
        if f.help:
            told.append(f"\n{f.help}", style="dim")
        table.add_row(Text(plain if ascii_only else sign, style=style), f.what, told)
    return table
