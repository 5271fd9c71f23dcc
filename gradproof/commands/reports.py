"""A report of the judge below its heading: as text, or through rich for a terminal."""

from __future__ import annotations

from io import StringIO
from textwrap import wrap
from typing import TYPE_CHECKING

from gradproof.commands.grid import plain
from gradproof.commands.output import Output

if TYPE_CHECKING:
    from gradproof.verify.report import Report

_WIDEST = 100


def shown(report: Report, head: str, form: str, output: Output) -> str:
    """Return the report below a line with its heading."""
    if form == "terminal" and not output.plain_ascii:
        return f"{_heading(head)}\n{_rich(report, output)}"
    lines = [plain(line, output) for line in _lines(report, min(output.columns, _WIDEST) - 2)]
    if form == "markdown":
        return "\n".join([f"**{head}**", "", "```text", *lines, "```"])
    return "\n".join([f"  {head}", *(f"  {line}" for line in lines)])


def _lines(report: Report, width: int) -> list[str]:
    return [part for line in str(report).splitlines() for part in _folded(line, width)]


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return wrap(line.strip(), width, initial_indent=indent, subsequent_indent=f"{indent}    ", break_on_hyphens=False)


def _heading(head: str) -> str:
    from rich.style import Style

    return "  " + Style.parse("bold").render(head)


def _rich(report: Report, output: Output) -> str:
    from rich.console import Console
    from rich.padding import Padding

    console = Console(file=StringIO(), force_terminal=True, width=min(output.columns, _WIDEST))
    console.print(Padding(report, (0, 0, 0, 2)))
    return str(console.file.getvalue()).rstrip("\n")  # type: ignore[attr-defined]
