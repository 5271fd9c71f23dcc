"""A derivation as Markdown with LaTeX mathematics between dollar signs (as GitHub, Jupyter and Pandoc read it)."""

from __future__ import annotations

import re

from gradproof.derive.render.document import Document, letter
from gradproof.derive.render.memory_words import HEADING
from gradproof.derive.render.outline import PLAIN, Extras
from gradproof.derive.render.wording import arguments_title, is_typed, title_of
from gradproof.derive.steps import Derivation

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|#])")


def markdown(derivation: Derivation, *, detail: int = 2, extras: Extras = PLAIN) -> str:
    """Return the derivation as Markdown."""
    document = Document.of(derivation, detail, escaped, extras)
    outline = document.outline
    parts = [f"# {escaped(title_of(outline))}"]
    if outline.source:
        parts.append(f"`{outline.source}`" if is_typed(outline.source) else escaped(outline.source))
    parts += ["## Given", *([document.say.shapes()] if document.say.shapes() else [])]
    parts.append(_display(document.numbered(outline.given)))
    if outline.arguments:
        parts += [f"{arguments_title(outline)}:", _display(document.numbered(outline.arguments))]
    parts += document.say.assumptions()
    parts.append(document.say.claim())
    for section in outline.sections:
        parts.append(f"### {document.heading(section)}")
        parts.append(_display(document.block(section.lines, [document.reason(x) for x in section.lines], chain=True)))
    parts.append("## Result" if len(outline.results) + len(outline.updates) == 1 else "## Results")
    parts.append(_display(document.results()))
    parts += [document.say.matrix_note()] if document.say.matrix_note() else []
    memory = document.say.memory()
    parts += [f"## {HEADING}", *memory] if memory else []
    parts += document.say.brackets_note()
    parts += [f"<sup>{letter(k)}</sup> {document.say.note(n)}" for k, n in enumerate(outline.notes)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return text as Markdown takes it: special characters escaped."""
    return _SPECIAL.sub(r"\\\1", text)


def _display(block: str) -> str:
    return f"$$\n{block}\n$$"
