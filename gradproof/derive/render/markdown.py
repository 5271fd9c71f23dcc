"""A derivation as Markdown with LaTeX mathematics between dollar signs (as GitHub, Jupyter and Pandoc read it)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradproof.derive.render.bound_words import HEADING as BOUND_HEADING
from gradproof.derive.render.document import Document, Part, beside_of, equation_rows, letter, side_by_side
from gradproof.derive.render.memory_words import HEADING
from gradproof.derive.render.outline import PLAIN, Extras
from gradproof.derive.render.wording import arguments_title, is_typed, title_of
from gradproof.derive.steps import Derivation

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|#])")


def markdown(derivation: Derivation, *, detail: int = 2, extras: Extras = PLAIN) -> str:
    """Return the derivation as Markdown."""
    document = Document.of(derivation, detail, escaped, extras, beside=True)
    outline = document.outline
    parts = [f"# {escaped(title_of(outline))}"]
    if outline.source:
        parts.append(f"`{outline.source}`" if is_typed(outline.source) else escaped(outline.source))
    parts += ["## Given", *([document.say.shapes()] if document.say.shapes() else [])]
    parts.append(_display(_aligned(document.numbered(outline.given))))
    if outline.arguments:
        parts += [f"{arguments_title(outline)}:", _display(_aligned(document.numbered(outline.arguments)))]
    parts += document.say.assumptions()
    parts.append(document.say.claim())
    for section in outline.sections:
        parts.append(f"### {document.heading(section)}")
        block = document.block(section.lines, [document.reason(x) for x in section.lines], chain=True)
        parts.append(_display(_aligned(block)))
    parts.append("## Result" if len(outline.results) + len(outline.updates) == 1 else "## Results")
    parts.append(_display(_boxed(document.results(), document.matrices())))
    parts += [document.say.matrix_note()] if document.say.matrix_note() else []
    if outline.derivation.path is not None:
        lines = document.bound()
        parts += [f"## {BOUND_HEADING}", *([_display(_aligned(lines))] if lines else []), *document.say.bound()]
    memory = document.say.memory()
    parts += [f"## {HEADING}", *memory] if memory else []
    parts += document.say.brackets_note()
    parts += [f"<sup>{letter(k)}</sup> {document.say.note(n)}" for k, n in enumerate(outline.notes)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return text as Markdown takes it: special characters escaped."""
    return _SPECIAL.sub(r"\\\1", text)


def _boxed(index: Sequence[Part], matrix: Sequence[Part | None]) -> str:
    """Return the results in a box, matrix notation beside index notation, or below it if that is too wide."""
    there = [m for m in matrix if m]
    if not there or side_by_side(index, matrix):
        return rf"\boxed{{{_aligned(index, matrix if there else ())}}}"
    return f"\\boxed{{\\begin{{gathered}}\n{_aligned(index)} \\\\[2ex]\n{_aligned(there)}\n\\end{{gathered}}}}"


def _aligned(parts: Sequence[Part], matrix: Sequence[Part | None] = ()) -> str:
    """Return equations as an `aligned` environment, each with what stands beside it."""
    rows = []
    for k, part in enumerate(parts):
        beside = beside_of(matrix[k]) if matrix else ""
        margin = f" && {part.margin}" if part.margin else ""
        rows += equation_rows(part, beside + margin)
        if part.because:
            rows.append(rf"  &\qquad {part.because}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _display(block: str) -> str:
    return f"$$\n{block}\n$$"
