"""A table as text: groups of rows under their labels, the first column as wide as the screen allows."""

from __future__ import annotations

import re
from io import StringIO
from textwrap import wrap
from typing import TYPE_CHECKING

from gradproof.commands.output import Output

if TYPE_CHECKING:
    from rich.text import Text

Group = tuple[str, list[tuple[str, ...]]]

_GAP, _EDGE, _INDENT, _HANG = "  ", "  ", "  ", "    "
_NARROWEST = 4
_BEFORE, _AFTER = re.compile(r" (?=:?= )"), re.compile(r"(?<= [-+*]) |(?<=,) ")
_STYLES = {
    "right": "green",
    "certified": "green",
    "proved": "green",
    "wrong": "bold red",
    "not read": "bold red",
    "undecided": "yellow",
    "none": "yellow",
    "skipped": "yellow",
    "measured": "green",
}


def drawn(headings: tuple[str, ...], groups: list[Group], form: str, output: Output) -> str:
    """Return the table, in colour for a terminal."""
    widths = _widths(headings, groups, output)
    rule = ("-" if output.plain_ascii else "─") * (sum(widths) + len(_GAP) * (len(widths) - 1))
    lines = [*_lines(headings, widths, "bold", ""), _styled(rule, "dim")]
    for label, rows in groups:
        lines += [_styled(line, "bold") for line in _folded(plain(label, output), sum(widths), "")]
        for row in rows:
            lines += _lines(tuple(plain(cell, output) for cell in row), widths, "", _INDENT)
    return "\n".join(_text(line, form) for line in lines)


def styled(text: str, style: str, form: str) -> str:
    """Return a line of text, in colour for a terminal."""
    from rich.text import Text

    return _text(Text(text, style), form) if style else text


def plain(text: str, output: Output) -> str:
    """Return the text, in ASCII if that is all that may be used."""
    if text.isascii() or not output.plain_ascii:
        return text
    from gradproof.derive.latex.names import ascii_name

    return "".join(c if c.isascii() else ascii_name(c) for c in text)


def _widths(headings: tuple[str, ...], groups: list[Group], output: Output) -> list[int]:
    """Every column as wide as its longest cell; the first gives way where the screen ends."""
    rows = [tuple(plain(cell, output) for cell in row) for _, rows in groups for row in rows if any(row[1:])]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    widths[0] = max([widths[0], *(len(row[0]) + len(_INDENT) for row in rows)])
    taken = sum(widths[1:]) + len(_GAP) * (len(widths) - 1) + 2 * len(_EDGE)
    widths[0] = max(_NARROWEST, min(widths[0], output.columns - taken))
    return widths


def _lines(cells: tuple[str, ...], widths: list[int], style: str, indent: str) -> list[Text]:
    """Return a row; a first cell that is too long, or stands alone, has lines of its own as wide as the table."""
    whole = sum(widths) + len(_GAP) * (len(widths) - 1)
    first, others = cells[0], cells[1:]
    alone = not any(others)
    if not alone and len(indent + first) <= widths[0]:
        return [_row((indent + first, *others), widths, style)]
    above = [_styled(line, style) for line in _folded(first, whole, indent)]
    return above if alone else [*above, _row(("", *others), widths, style)]


def _folded(text: str, width: int, indent: str) -> list[str]:
    """Return the lines of a text; one of mathematics does not end with an operator."""
    bound = _BEFORE.sub("\N{NO-BREAK SPACE}", _AFTER.sub("\N{NO-BREAK SPACE}", text))
    lines = wrap(bound, width, initial_indent=indent, subsequent_indent=indent + _HANG, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines] or [""]


def _row(cells: tuple[str, ...], widths: list[int], style: str) -> Text:
    from rich.text import Text

    line = Text(_EDGE)
    for position, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        number = cell[:1].isdigit() or cell == "ulps"
        line.append(_GAP if position else "")
        line.append(
            cell.rjust(width) if number else cell.ljust(width), style or (_STYLES.get(cell, "") if position else "")
        )
    line.rstrip()
    return line


def _styled(text: str, style: str) -> Text:
    from rich.text import Text

    return Text(_EDGE).append(text, style)


def _text(line: Text, form: str) -> str:
    """Return a line with its colour codes for a terminal, without them else."""
    if form != "terminal":
        return line.plain
    from rich.console import Console

    console = Console(file=StringIO(), force_terminal=True, width=max(1, line.cell_len))
    console.print(line, end="", soft_wrap=True)
    return str(console.file.getvalue())  # type: ignore[attr-defined]
