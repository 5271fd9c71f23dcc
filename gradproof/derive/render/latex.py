r"""A derivation as LaTeX: a document of its own, or a fragment for one (it needs amsmath and amssymb)."""

from __future__ import annotations

from gradproof.derive.render.document import Document, letter
from gradproof.derive.render.latex_text import escaped
from gradproof.derive.render.memory_words import HEADING
from gradproof.derive.render.outline import PLAIN, Extras
from gradproof.derive.render.wording import arguments_title, is_typed, title_of
from gradproof.derive.steps import Derivation

PREAMBLE = r"""\documentclass{article}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath,amssymb}
\setlength{\parindent}{0pt}
\setlength{\fboxsep}{8pt}
\begin{document}
"""


def latex(derivation: Derivation, *, detail: int = 2, standalone: bool = True, extras: Extras = PLAIN) -> str:
    """Return the derivation in LaTeX; with `standalone` a whole document, else a fragment."""
    body = "\n\n".join(_parts(Document.of(derivation, detail, escaped, extras))) + "\n"
    return f"{PREAMBLE}\n{body}\n\\end{{document}}\n" if standalone else body


def _parts(document: Document) -> list[str]:
    outline = document.outline
    parts = [rf"\section*{{{escaped(title_of(outline))}}}"]
    if outline.source:
        parts.append(rf"\texttt{{{escaped(outline.source)}}}" if is_typed(outline.source) else escaped(outline.source))
    parts += [r"\subsection*{Given}", *_sentence(document.say.shapes())]
    parts.append(_display(document.numbered(outline.given)))
    if outline.arguments:
        parts += [f"{arguments_title(outline)}:", _display(document.numbered(outline.arguments))]
    parts += document.say.assumptions()
    parts.append(document.say.claim())
    for section in outline.sections:
        parts.append(rf"\subsubsection*{{{document.heading(section)}}}")
        parts.append(_display(document.block(section.lines, [document.reason(x) for x in section.lines], chain=True)))
    title = "Result" if len(outline.results) + len(outline.updates) == 1 else "Results"
    parts += [rf"\subsection*{{{title}}}", _display(document.results()), *_sentence(document.say.matrix_note())]
    memory = document.say.memory()
    parts += [rf"\subsection*{{{HEADING}}}", *memory] if memory else []
    parts += document.say.brackets_note()
    parts += [rf"\textsuperscript{{{letter(k)}}}~{document.say.note(n)}" for k, n in enumerate(outline.notes)]
    return parts


def _display(block: str) -> str:
    return f"\\[\n{block}\n\\]"


def _sentence(text: str) -> list[str]:
    return [text] if text else []
