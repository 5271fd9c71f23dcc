"""How a derivation looks: terminal, plain text, LaTeX, Markdown, HTML, JSON, notation. One module for each."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from gradproof.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from gradproof.derive.render.outline import Extras
    from gradproof.derive.steps import Derivation

FORMATS = ("terminal", "plain", "latex", "markdown", "json", "html", "eqs")


def render(
    derivation: Derivation,
    format: str,  # noqa: A002
    *,
    width: int = 80,
    detail: int = 2,
    ascii: bool = False,  # noqa: A002
    shapes: bool = False,
    memory: bool = False,
) -> str:
    """Return a derivation in one of `FORMATS`.

    Args:
        derivation: what `derive` returned.
        format: terminal, plain, latex, markdown, json, html or eqs (notation).
        width: columns, for terminal and plain.
        detail: 1 results, 2 the main steps, 3 every step.
        ascii: ASCII only: for terminal and plain the notation in place of ∂, Σ and Greek, for JSON escapes.
        shapes: the shape of each tensor and adjoint at its equation (JSON has the shapes anyway).
        memory: what has to be saved from the forward pass, with its memory (JSON has it anyway).

    Raises:
        InputError: for an unknown format, level of detail or width.
    """
    if format not in FORMATS:
        near = get_close_matches(str(format).lower(), FORMATS, 1)
        hint = f"did you mean {near[0]!r}?" if near else ""
        raise InputError(f"unknown format {format!r}", expected=f"one of {', '.join(FORMATS)}", hint=hint)
    if detail not in (1, 2, 3):
        raise InputError(f"unknown level of detail {detail!r}", expected="1, 2 or 3")
    if not isinstance(width, int) or width < 1:
        raise InputError(f"the width is {width!r}", expected="a number of columns, as 80")
    from gradproof.derive.render.outline import Extras

    extras = Extras(shapes, memory)
    if format == "terminal":
        from gradproof.derive.render.colour import terminal_text

        return terminal_text(derivation, width=width, detail=detail, ascii=ascii, extras=extras)
    if format == "plain":
        from gradproof.derive.render.plain import plain

        return plain(derivation, width=width, detail=detail, ascii=ascii, extras=extras)
    return _document(derivation, format, detail, ascii, extras)


def _document(derivation: Derivation, format: str, detail: int, ascii: bool, extras: Extras) -> str:  # noqa: A002
    if format == "latex":
        from gradproof.derive.render.latex import latex

        return latex(derivation, detail=detail, extras=extras)
    if format == "markdown":
        from gradproof.derive.render.markdown import markdown

        return markdown(derivation, detail=detail, extras=extras)
    if format == "html":
        from gradproof.derive.render.html import html

        return html(derivation, detail=detail, extras=extras)
    if format == "eqs":
        from gradproof.derive.render.eqs import eqs

        return eqs(derivation)
    from gradproof.derive.render.json import to_json

    return to_json(derivation, detail=detail, ascii=ascii)


def terminal(derivation: Derivation, console: Console, *, detail: int = 2, ascii: bool = False) -> None:  # noqa: A002
    """Print a derivation on a console in colour, as wide as the console is."""
    from gradproof.derive.render.colour import terminal as show

    show(derivation, console, detail=detail, ascii=ascii)
