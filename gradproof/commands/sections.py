"""The parts of a derivation's answer, one for each equation of a page, put together in each format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradproof.commands.output import Output
from gradproof.commands.work import Piece

if TYPE_CHECKING:
    from gradproof.derive.latex import Entry
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
    return "\n\n".join(_text(section, form, detail, output) for section in sections)


def _text(section: Section, form: str, detail: int, output: Output) -> str:
    body = _render(section, form, detail, output).rstrip() if section.derivation else f"not derived: {section.piece.error}"
    entry = section.piece.entry
    return f"{_heading(entry, form, output)}\n\n{body}" if entry is not None else body


def _render(section: Section, form: str, detail: int, output: Output) -> str:
    from gradproof.derive.render import render

    assert section.derivation is not None
    return render(section.derivation, form, width=output.columns, detail=detail, ascii=output.plain_ascii)


def _heading(entry: Entry, form: str, output: Output) -> str:
    latex, note = " ".join(entry.latex.split()), f" ({entry.note})" if entry.note else ""
    if form == "markdown":
        return f"# Line {entry.line}\n\n```latex\n{latex}\n```" + (f"\n\n{entry.note}." if note else "")
    if form == "latex":
        return f"\\section*{{Line {entry.line}}}"
    rule = ("=" if output.plain_ascii else "━") * (output.columns if output.columns < WIDEST else WIDEST)
    return f"{rule}\nLine {entry.line}: {latex}{note}"


WIDEST = 100


def _json(sections: list[Section], detail: int, output: Output) -> str:
    if len(sections) == 1 and sections[0].piece.entry is None:
        return _render(sections[0], "json", detail, output)
    return json.dumps([_record(section, detail, output) for section in sections], indent=2, ensure_ascii=False)


def _record(section: Section, detail: int, output: Output) -> dict[str, Any]:
    entry = section.piece.entry
    head = {"name": section.piece.name} | ({"line": entry.line, "latex": entry.latex} if entry is not None else {})
    if section.derivation is None:
        return {**head, "error": section.piece.error}
    return {**head, "derivation": json.loads(_render(section, "json", detail, output))}
