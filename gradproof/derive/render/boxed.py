"""Rows in a box."""

from __future__ import annotations

from collections.abc import Sequence

from gradproof.derive.render.pretty import Placed, Row, row_width, width_of

_ROUND = ("╭", "─", "╮", "│", "╰", "╯")
_ASCII = ("+", "-", "+", "|", "+", "+")


def boxed(rows: Sequence[Row], title: str, left: int, width: int, *, ascii: bool) -> list[Row]:  # noqa: A002
    """Return the rows in a box of `width` columns that begins at column `left`; the title stands in its edge."""
    nw, flat, ne, side, sw, se = _ASCII if ascii else _ROUND
    pad = Placed(" " * left)
    rest = width - 5 - width_of(title)
    top = (pad, Placed(f"{nw}{flat} ", "box"), Placed(title, "heading"), Placed(f" {flat * rest}{ne}", "box"))
    body = [(pad, Placed(side, "box"), *_padded(row, width - 2), Placed(side, "box")) for row in ((), *rows, ())]
    return [top, *body, (pad, Placed(f"{sw}{flat * (width - 2)}{se}", "box"))]


def _padded(row: Row, width: int) -> Row:
    return (*row, Placed(" " * max(0, width - row_width(row))))
