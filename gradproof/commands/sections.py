"""The parts of a derivation's answer, one for each equation of a page, put together in each format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradproof.commands.output import Output
from gradproof.commands.work import Piece

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of work and its derivation; None where the piece says what stands against it."""

    piece: Piece
    derivation: Derivation | None = None


def join(sections: list[Section], form: str, detail: int, output: Output) -> str:
    """Return the sections as one text in a format."""
    if form == "json":
        return _json(sections, detail, output)
    if form == "latex":
        return _latex(sections, detail)
    return "\n\n".join(_text(section, form, detail, output) for section in sections)


def _latex(sections: list[Section], detail: int) -> str:
    """Return one document, whatever the number of its sections."""
    from gradproof.derive.render.latex import PREAMBLE, latex
    from gradproof.derive.render.latex_text import escaped

    parts = [
        escaped(_failure(section.piece))
        if section.derivation is None
        else latex(section.derivation, detail=detail, standalone=False)
        for section in sections
    ]
    return f"{PREAMBLE}\n{chr(10).join(parts)}\n\\end{{document}}\n"


def _text(section: Section, form: str, detail: int, output: Output) -> str:
    if section.derivation is None:
        return f"  {_failure(section.piece)}"
    return _render(section.derivation, form, detail, output).rstrip()


def _failure(piece: Piece) -> str:
    """Say in a line that a piece has no derivation; the whole message goes to stderr."""
    return f"{piece.where[:1].upper()}{piece.where[1:]}: not derived: {reason_of(piece)}"


def reason_of(piece: Piece) -> str:
    """Return the first line of what stands against a piece, without its place."""
    return piece.error.splitlines()[0].removeprefix(f"{piece.where}: ")


def _render(derivation: Derivation, form: str, detail: int, output: Output) -> str:
    from gradproof.derive.render import render

    only_ascii = output.ascii if form == "json" else output.plain_ascii
    return render(derivation, form, width=output.columns, detail=detail, ascii=only_ascii)


def _json(sections: list[Section], detail: int, output: Output) -> str:
    if len(sections) == 1 and sections[0].piece.entry is None and sections[0].derivation is not None:
        return _render(sections[0].derivation, "json", detail, output)
    return json.dumps([_record(section, detail, output) for section in sections], indent=2, ensure_ascii=output.ascii)


def _record(section: Section, detail: int, output: Output) -> dict[str, Any]:
    entry = section.piece.entry
    head = {"name": section.piece.name} | ({"line": entry.line, "latex": entry.latex} if entry is not None else {})
    if section.derivation is None:
        return {**head, "error": section.piece.error}
    return {**head, "derivation": json.loads(_render(section.derivation, "json", detail, output))}
