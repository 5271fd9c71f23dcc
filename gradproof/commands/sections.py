"""The parts of a derivation's answer, one for each equation of a page, put together in each format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradproof.commands.output import Output
from gradproof.commands.work import Piece, Request
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of work and its derivation; None where the piece says what stands against it."""

    piece: Piece
    derivation: Derivation | None = None


def join(sections: list[Section], form: str, request: Request, output: Output) -> str:
    """Return the sections as one text in a format."""
    if form == "json":
        return _json(sections, request, output)
    if form == "eqs":
        return _eqs(sections)
    if form == "html":
        return _html(sections, request)
    if form == "latex":
        return _latex(sections, request)
    return "\n\n".join(_text(section, form, request, output) for section in sections)


def _eqs(sections: list[Section]) -> str:
    """Return the one system as notation.

    Raises:
        InputError: there are several: a text in the notation is one system.
    """
    from gradproof.derive.render.eqs import eqs

    derived = [s for s in sections if s.derivation is not None]
    if len(derived) > 1:
        raise InputError(
            f"a text in the notation is one system, and {len(derived)} were derived",
            expected=f"one output, as in --of {derived[0].piece.name}",
        )
    return "".join(eqs(s.derivation) for s in derived if s.derivation is not None)


def _html(sections: list[Section], request: Request) -> str:
    """Return one file, whatever the number of its sections."""
    from gradproof.derive.render.html import article, failure, html, page
    from gradproof.derive.render.outline import Extras

    detail, extras = request.detail, Extras(request.shapes, request.memory)
    if len(sections) == 1 and sections[0].derivation is not None:
        return html(sections[0].derivation, detail=detail, extras=extras)
    parts = [
        failure(_failure(s.piece))
        if s.derivation is None
        else article(s.derivation, detail=detail, extras=extras, prefix=f"s{k}-")
        for k, s in enumerate(sections, 1)
    ]
    return page(parts, "Derivations")


def _latex(sections: list[Section], request: Request) -> str:
    """Return one document, whatever the number of its sections."""
    from gradproof.derive.render.latex import PREAMBLE, latex
    from gradproof.derive.render.latex_text import escaped
    from gradproof.derive.render.outline import Extras

    parts = [
        escaped(_failure(section.piece))
        if section.derivation is None
        else latex(
            section.derivation, detail=request.detail, standalone=False, extras=Extras(request.shapes, request.memory)
        )
        for section in sections
    ]
    return f"{PREAMBLE}\n{chr(10).join(parts)}\n\\end{{document}}\n"


def _text(section: Section, form: str, request: Request, output: Output) -> str:
    if section.derivation is None:
        return f"  {_failure(section.piece)}"
    return _render(section.derivation, form, request, output).rstrip()


def _failure(piece: Piece) -> str:
    """Say in a line that a piece has no derivation; the whole message goes to stderr."""
    return f"{piece.where[:1].upper()}{piece.where[1:]}: not derived: {reason_of(piece)}"


def reason_of(piece: Piece) -> str:
    """Return the first line of what stands against a piece, without its place."""
    return piece.error.splitlines()[0].removeprefix(f"{piece.where}: ")


def _render(derivation: Derivation, form: str, request: Request, output: Output) -> str:
    from gradproof.derive.render import render

    only_ascii = output.ascii if form == "json" else output.plain_ascii
    extras = {"shapes": request.shapes, "memory": request.memory}
    return render(derivation, form, width=output.columns, detail=request.detail, ascii=only_ascii, **extras)


def _json(sections: list[Section], request: Request, output: Output) -> str:
    if len(sections) == 1 and sections[0].piece.entry is None and sections[0].derivation is not None:
        return _render(sections[0].derivation, "json", request, output)
    return json.dumps([_record(section, request, output) for section in sections], indent=2, ensure_ascii=output.ascii)


def _record(section: Section, request: Request, output: Output) -> dict[str, Any]:
    entry = section.piece.entry
    head = {"name": section.piece.name} | ({"line": entry.line, "latex": entry.latex} if entry is not None else {})
    if section.derivation is None:
        return {**head, "error": section.piece.error}
    return {**head, "derivation": json.loads(_render(section.derivation, "json", request, output))}
