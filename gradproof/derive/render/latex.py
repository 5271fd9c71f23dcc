r"""A derivation as LaTeX: a document of its own, or a fragment for one.

A fragment needs amsmath and amssymb, and looks best with the option fleqn and with \allowdisplaybreaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradproof.derive.render.bound_words import HEADING as BOUND_HEADING
from gradproof.derive.render.document import Document, Part, beside_of, equation_rows, letter, side_by_side
from gradproof.derive.render.latex_text import escaped
from gradproof.derive.render.memory_words import HEADING
from gradproof.derive.render.outline import PLAIN, Extras
from gradproof.derive.render.wording import arguments_title, is_typed, title_of
from gradproof.derive.steps import Derivation

PREAMBLE = r"""\documentclass[fleqn]{article}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath,amssymb}
\setlength{\parindent}{0pt}
\setlength{\mathindent}{1em}
\setlength{\fboxsep}{8pt}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
\begin{document}
"""
#: A box around results, and lines above and below those that are higher than so many points.
_BOX = r"""\fbox{{\begin{{minipage}}{{\dimexpr\linewidth-2\fboxsep-2\fboxrule}}
\setlength{{\abovedisplayskip}}{{4pt}}\setlength{{\belowdisplayskip}}{{4pt}}\vspace{{-\baselineskip}}\strut
{}
\end{{minipage}}}}
\medskip"""
_RULES = """\\hrule
{}
\\medskip
\\hrule
\\medskip"""
_HIGH = 330


def latex(derivation: Derivation, *, detail: int = 2, standalone: bool = True, extras: Extras = PLAIN) -> str:
    """Return the derivation in LaTeX; with `standalone` a whole document, else a fragment."""
    body = "\n\n".join(_parts(Document.of(derivation, detail, escaped, extras, beside=False))) + "\n"
    return f"{PREAMBLE}\n{body}\n\\end{{document}}\n" if standalone else body


def _parts(document: Document) -> list[str]:
    outline = document.outline
    parts = [rf"\section*{{{escaped(title_of(outline))}}}"]
    if outline.source:
        parts.append(rf"\texttt{{{escaped(outline.source)}}}" if is_typed(outline.source) else escaped(outline.source))
    parts += [r"\subsection*{Given}", *_sentence(document.say.shapes())]
    parts.append(_align(document.numbered(outline.given)))
    if outline.arguments:
        parts += [f"{arguments_title(outline)}:", _align(document.numbered(outline.arguments))]
    parts += document.say.assumptions()
    parts.append(document.say.claim())
    for section in outline.sections:
        parts.append(rf"\subsubsection*{{{document.heading(section)}}}")
        parts.append(_align(document.block(section.lines, [document.reason(x) for x in section.lines], chain=True)))
    title = "Result" if len(outline.results) + len(outline.updates) == 1 else "Results"
    parts += [rf"\subsection*{{{title}}}", _boxed(document), *_sentence(document.say.matrix_note())]
    if outline.derivation.path is not None:
        lines = document.bound()
        parts += [rf"\subsection*{{{BOUND_HEADING}}}", *([_align(lines)] if lines else []), *document.say.bound()]
    memory = document.say.memory()
    parts += [rf"\subsection*{{{HEADING}}}", *memory] if memory else []
    parts += document.say.brackets_note()
    parts += [rf"\textsuperscript{{{letter(k)}}}~{document.say.note(n)}" for k, n in enumerate(outline.notes)]
    return parts


def _align(parts: Sequence[Part], matrix: Sequence[Part | None] = ()) -> str:
    """Return aligned equations with their reasons at the margin; pages may end between them."""
    rows = []
    for k, part in enumerate(parts):
        beside = beside_of(matrix[k]) if matrix else ""
        rows += equation_rows(part, beside + _tag(part.margin))
        if part.because:
            rows.append(f"   &{_tag(part.because)}")
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def _tag(text: str) -> str:
    return rf" \tag*{{${text}$}}" if text else ""


def _boxed(document: Document) -> str:
    """Return the results in a box, or between two lines where a page may end within; matrix notation beside or below.

    A box that is higher than half a page would leave the page before it empty.
    """
    index, matrix = document.results(), document.matrices()
    there = [m for m in matrix if m]
    body = _align(index, matrix) if side_by_side(index, matrix) else _align(index)
    if there and not side_by_side(index, matrix):
        body += f"\n\\medskip\n\nin matrix notation\n{_align(there)}"
    return (_BOX if sum(map(_height, (*index, *there))) <= _HIGH else _RULES).format(body)


def _height(part: Part) -> int:
    """Return about how high an equation is, in points."""
    return sum(35 if r"\sum" in x or r"\prod" in x else 28 if r"\frac" in x else 16 for x in part.lines)


def _sentence(text: str) -> list[str]:
    return [text] if text else []
