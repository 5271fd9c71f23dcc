"""How a derivation looks: terminal, plain text, LaTeX, Markdown, JSON. One module a format, one table here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from gradproof.derive.steps import Derivation

FORMATS = ("terminal", "plain", "latex", "markdown", "json")


def render(derivation: Derivation, format: str, *, width: int = 80, detail: int = 2, ascii: bool = False) -> str:  # noqa: A002
    """Return a derivation in one of `FORMATS`.

    Args:
        derivation: what `derive` returned.
        format: terminal, plain, latex, markdown or json.
        width: columns, for terminal and plain.
        detail: 1 results, 2 the main steps, 3 every step.
        ascii: ASCII only: for terminal and plain the notation in place of ∂, Σ and Greek, for JSON escapes.

    Raises:
        InputError: for an unknown format, level of detail or width.
    """
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}", expected=f"one of {', '.join(FORMATS)}")
    if detail not in (1, 2, 3):
        raise InputError(f"unknown level of detail {detail!r}", expected="1, 2 or 3")
    if not isinstance(width, int) or width < 1:
        raise InputError(f"the width is {width!r}", expected="a number of columns, as 80")
    if format == "terminal":
        from gradproof.derive.render.colour import terminal_text

        return terminal_text(derivation, width=width, detail=detail, ascii=ascii)
    if format == "plain":
        from gradproof.derive.render.plain import plain

        return plain(derivation, width=width, detail=detail, ascii=ascii)
    return _document(derivation, format, detail, ascii)


def _document(derivation: Derivation, format: str, detail: int, ascii: bool) -> str:  # noqa: A002
    if format == "latex":
        from gradproof.derive.render.latex import latex

        return latex(derivation, detail=detail)
    if format == "markdown":
        from gradproof.derive.render.markdown import markdown

        return markdown(derivation, detail=detail)
    from gradproof.derive.render.json import to_json

    return to_json(derivation, detail=detail, ascii=ascii)


def terminal(derivation: Derivation, console: Console, *, detail: int = 2, ascii: bool = False) -> None:  # noqa: A002
    """Print a derivation on a console in colour, as wide as the console is."""
    from gradproof.derive.render.colour import terminal as show

    show(derivation, console, detail=detail, ascii=ascii)
