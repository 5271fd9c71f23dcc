"""A derivation as Markdown with LaTeX mathematics between dollar signs (as GitHub, Jupyter and Pandoc read it)."""

from __future__ import annotations

import re

from gradproof.derive.render.document import Document, letter
from gradproof.derive.render.wording import ARGUMENTS, heading_of, is_typed, title_of
from gradproof.derive.steps import Derivation

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|#])")


def markdown(derivation: Derivation, *, detail: int = 2) -> str:
    """Return the derivation as Markdown."""
    document = Document.of(derivation, detail, escaped)
    outline = document.outline
    parts = [f"# {escaped(title_of(outline))}"]
    if outline.source:
        parts.append(f"`{outline.source}`" if is_typed(outline.source) else escaped(outline.source))
    parts += ["## Given", *([document.shapes()] if document.shapes() else [])]
    parts.append(_display(document.numbered(outline.given)))
    parts += [f"{ARGUMENTS}:", _display(document.numbered(outline.arguments))] if outline.arguments else []
    parts += document.assumptions()
    parts.append(document.claim())
    for section in outline.sections:
        before, name = heading_of(section.heading, section.of)
        parts.append(f"### {escaped(before)}" + (f"${document.hand.name(name)}$" if name else ""))
        parts.append(_display(document.block(section.lines, [document.reason(x) for x in section.lines], chain=True)))
    parts.append("## Result" if len(outline.results) + len(outline.updates) == 1 else "## Results")
    parts.append(_display(document.results()))
    parts += [document.matrix_note()] if document.matrix_note() else []
    parts += document.brackets_note()
    parts += [f"<sup>{letter(k)}</sup> {document.note(n)}" for k, n in enumerate(outline.notes)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return text as Markdown takes it: special characters escaped."""
    return _SPECIAL.sub(r"\\\1", text)


def _display(block: str) -> str:
    return f"$$\n{block}\n$$"
