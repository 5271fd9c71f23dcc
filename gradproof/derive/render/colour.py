"""A derivation on a terminal, in colour (rich)."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

from gradproof.derive.render.outline import PLAIN, Extras
from gradproof.derive.render.parts import page_rows
from gradproof.derive.render.pretty import Row
from gradproof.derive.steps import Derivation

#: How each role looks. Colours of the terminal's own palette alone, so that light and dark themes both work.
STYLES = {
    "title": "bold",
    "heading": "bold cyan",
    "source": "dim",
    "rule": "dim",
    "box": "cyan",
    "aside": "dim",
    "reason": "dim italic",
    "because": "dim italic",
    "note": "dim",
    "number": "dim",
    "index": "dim",
    "adjoint": "blue",
    "function": "",
    "changed": "bold yellow",
}


def terminal(
    derivation: Derivation,
    console: Console,
    *,
    detail: int = 2,
    ascii: bool = False,  # noqa: A002
    extras: Extras = PLAIN,
) -> None:
    """Print the page on a console, as wide as it is."""
    for row in page_rows(derivation, width=console.width, detail=detail, ascii=ascii, extras=extras):
        console.print(styled(row), soft_wrap=True, highlight=False)


def terminal_text(
    derivation: Derivation,
    *,
    width: int = 80,
    detail: int = 2,
    ascii: bool = False,  # noqa: A002
    extras: Extras = PLAIN,
) -> str:
    """Return the page as a terminal shows it, with its colour codes."""
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=True)
    terminal(derivation, console, detail=detail, ascii=ascii, extras=extras)
    return out.getvalue()


def styled(row: Row) -> Text:
    """Return a row in its colours; what changed is coloured as a whole."""
    text = Text()
    for word in row:
        role = "changed" if word.role.endswith("changed") else word.role
        text.append(word.text, STYLES.get(role, ""))
    text.rstrip()
    return text
