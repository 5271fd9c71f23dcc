"""The parts of an answer, one for each equation of a page, put together in each format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradproof.commands.output import Output

if TYPE_CHECKING:
    from gradproof.derive.latex import Entry
    from gradproof.derive.steps import Derivation


@dataclass(frozen=True, slots=True)
class Section:
    """One part: where on the page it stands (None for a system by itself), and its derivation or what went wrong."""

    entry: Entry | None = None
    derivation: Derivation | None = None
    error: str = ""


def join(sections: list[Section], form: str, detail: int, output: Output) -> str:
    """Return the sections as one text in a format."""
    if form == "json":
        return _json(sections, detail, output)
    return "\n\n".join(_text(section, form, detail, output) for section in sections)


def _text(section: Section, form: str, detail: int, output: Output) -> str:
    body = f"not read: {section.error}" if section.error else _render(section, form, detail, output)
    heading = _heading(section.entry, form, output)
    return f"{heading}\n\n{body.rstrip()}" if heading else body.rstrip()


def _render(section: Section, form: str, detail: int, output: Output) -> str:
    from gradproof.derive.render import render

    assert section.derivation is not None
    return render(section.derivation, form, width=output.columns, detail=detail, ascii=output.plain_ascii)


def _heading(entry: Entry | None, form: str, output: Output) -> str:
    if entry is None:
        return ""
    words = f"Line {entry.line}"
    latex = " ".join(entry.latex.split())
    if form == "markdown":
        return f"# {words}\n\n```latex\n{latex}\n```"
    if form == "latex":
        return f"\\section*{{{words}}}"
    rule = ("=" if output.plain_ascii else "━") * output.columns
    return f"{rule}\n{words}: {latex}"


def _json(sections: list[Section], detail: int, output: Output) -> str:
    if len(sections) == 1 and sections[0].entry is None:
        return _render(sections[0], "json", detail, output)
    return json.dumps([_record(section, detail, output) for section in sections], indent=2, ensure_ascii=False)


def _record(section: Section, detail: int, output: Output) -> dict[str, Any]:
    assert section.entry is not None
    head = {"line": section.entry.line, "latex": section.entry.latex}
    if section.error:
        return {**head, "error": section.error}
    return {**head, "derivation": json.loads(_render(section, "json", detail, output))}
