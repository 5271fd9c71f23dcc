"""A report of the judge as lines of text, and in colour for a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradproof.verify.report import Report

_STYLES = (
    ("gradient wrong", "bold red"),
    ("gradient undecided", "bold yellow"),
    ("gradient right", "bold green"),
    ("because:", "bold"),
    ("checked:", "dim"),
    ("note:", "dim"),
)


def lines_of(report: Report, head: str, width: int) -> list[str]:
    """Return the report's lines, folded, the first behind its heading."""
    first, *rest = str(report).splitlines()
    return [part for line in (f"{head}: {first}", *rest) for part in _folded(f"  {line}", width)]


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return wrap(line.strip(), width, initial_indent=indent, subsequent_indent=f"{indent}    ", break_on_hyphens=False)


def painted(line: str, form: str) -> str:
    """Return a line with its colours for a terminal, as it is else."""
    style = next((style for word, style in _STYLES if word in line), "") if form == "terminal" else ""
    if not style:
        return line
    from rich.style import Style

    return Style.parse(style).render(line)
