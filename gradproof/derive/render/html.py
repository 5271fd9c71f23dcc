"""A derivation as HTML with MathML: one file that needs nothing else, for screens light and dark, and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib import resources

from gradproof.derive.notation.printer import format_expr
from gradproof.derive.render.bound_words import HEADING as BOUND_HEADING
from gradproof.derive.render.bound_words import UNICODE, Pen, bound_lines
from gradproof.derive.render.document import letter
from gradproof.derive.render.mathml_hand import MathHand
from gradproof.derive.render.memory_words import HEADING
from gradproof.derive.render.outline import PLAIN, Extras, Line, Outline, Section, outline
from gradproof.derive.render.sentences import Sentences
from gradproof.derive.render.wording import ARGUMENTS, heading_of, is_typed, title_of
from gradproof.derive.steps import Derivation

OPEN = ' open="open"'


def html(derivation: Derivation, *, detail: int = 2, extras: Extras = PLAIN) -> str:
    """Return the derivation as a page of its own; steps beyond the level of detail are there, but folded."""
    return page([article(derivation, detail=detail, extras=extras)], title_of(outline(derivation, 1)))


def page(parts: Sequence[str], title: str) -> str:
    """Return a whole HTML file."""
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n<main>\n"
    )
    return head + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"


def failure(text: str) -> str:
    """Return what stands in the place of a derivation that there is not."""
    return f'<article><p class="failed">{escape(text)}</p></article>'


def article(derivation: Derivation, *, detail: int = 2, extras: Extras = PLAIN, prefix: str = "") -> str:
    """Return the part of a page for one derivation; the prefix sets its anchors apart from those of others."""
    content, hand = outline(derivation, max(detail, 2), extras), MathHand.of(derivation)
    full = outline(derivation, 3, extras)
    writer = _Article(content, hand, Sentences(content, hand, escape, inline), prefix)
    parts = [*writer.header(), *writer.given()]
    parts += [writer.adjoint(a, b, detail) for a, b in zip(content.sections, full.sections, strict=True)]
    return "<article>\n" + "\n".join([*parts, *writer.results(), *writer.after()]) + "\n</article>"


def inline(mathematics: str) -> str:
    """Return mathematics in a sentence."""
    return f"<math>{mathematics}</math>"


def display(mathematics: str) -> str:
    """Return mathematics with its big signs at full size."""
    return f'<math displaystyle="true">{mathematics}</math>'


@lru_cache(None)
def _style() -> str:
    return resources.files("gradproof.derive.render").joinpath("html.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Article:
    outline: Outline
    hand: MathHand
    say: Sentences
    prefix: str

    # ------------------------------------------------------------ parts

    def header(self) -> list[str]:
        content = self.outline
        parts = [f"<h1>{escape(title_of(content))}</h1>"]
        if content.source:
            source = escape(content.source)
            parts.append(f'<p class="source">{f"<code>{source}</code>" if is_typed(content.source) else source}</p>')
        return parts

    def given(self) -> list[str]:
        content = self.outline
        parts = ["<h2>Given</h2>", *_paragraphs([self.say.shapes()]), self.numbered(content.given)]
        if content.arguments:
            parts += [*_paragraphs([f"{ARGUMENTS[:1].upper()}{ARGUMENTS[1:]}:"]), self.numbered(content.arguments)]
        return [*parts, *_paragraphs([*self.say.assumptions(), self.say.claim()])]

    def adjoint(self, main: Section, full: Section, detail: int) -> str:
        """Return the steps for one adjoint, folded at level 1; the steps between the main ones are folded apart."""
        before, name = heading_of(main.heading, main.of)
        title = escape(before) + (inline(self.hand.name(name)) if name else "") + self._shape(main.name)
        body = self.chain(main.lines)
        if len(full.lines) > len(main.lines):
            every = f"<summary>all {len(full.lines)} steps</summary>{self.chain(full.lines)}"
            body += f'<details class="every">{every}</details>'
        return f'<details class="adjoint"{OPEN * (detail > 1)}><summary>{title}</summary>{body}</details>'

    def results(self) -> list[str]:
        """Return the results: index notation, and matrix notation below it."""
        lines = (*self.outline.results, *self.outline.updates)
        index = "".join(self._row(x, self._margin(x, self.reason(x) if x.uses else "")) for x in lines)
        forms = [m for m in (self.hand.matrix(x.equation) for x in lines) if m is not None]
        matrix = "".join(_cells(left, sign, [right]) for left, sign, right in forms)
        below = f'<h3>in matrix notation</h3><div class="eqs">{matrix}</div>' if forms else ""
        title = "Result" if len(lines) == 1 else "Results"
        box = f'<div class="result"><div class="eqs">{index}</div>{below}</div>'
        return [f"<h2>{title}</h2>", box, *_paragraphs([self.say.matrix_note()], "aside")]

    def after(self) -> list[str]:
        parts = [*self._bound(), *self._memory()]
        parts += _paragraphs(self.say.brackets_note(), "aside")
        notes = [f"<sup>{letter(k)}</sup> {self.say.note(n)}" for k, n in enumerate(self.outline.notes)]
        return [*parts, *_paragraphs(notes, "notes")]

    def _bound(self) -> list[str]:
        """Return the lines that bound a product of steps, and what follows."""
        derivation = self.outline.derivation
        if derivation.path is None:
            return []
        symbols = self.hand.symbols
        lines = bound_lines(derivation, Pen(UNICODE, symbols.plain, symbols.function, format_expr))
        rows = "".join(_cells(_text(x.left), _text(x.sign), [_text(x.right)], escape(x.rule)) for x in lines)
        block = [f'<div class="eqs">{rows}</div>'] if rows else []
        return [f"<h2>{escape(BOUND_HEADING)}</h2>", *block, *_paragraphs(self.say.bound())]

    def _memory(self) -> list[str]:
        memory = self.say.memory()
        return [f"<h2>{escape(HEADING)}</h2>", *_paragraphs([" ".join(memory)])] if memory else []

    # ------------------------------------------------------------ equations

    def numbered(self, lines: Sequence[Line]) -> str:
        """Return equations with their numbers in the margin."""
        rows = []
        for x in lines:
            number = f"({x.equation.number}){self.mark(x.marks)}"
            rows.append(self._row(x, self._margin(x, number), f' id="{self._anchor(x.equation.number)}"'))
        return f'<div class="eqs">{"".join(rows)}</div>'

    def chain(self, lines: Sequence[Line]) -> str:
        """Return steps; the left side stands once as long as it is the same."""
        rows, above = [], ""
        for x in lines:
            left, sign, right = self.hand.sides(x.equation)
            because = self.hand.words(x.because, inline) if x.because else ""
            rows.append(_cells("" if left == above else left, sign, right, self.reason(x), because=because))
            above = left
        return f'<div class="eqs">{"".join(rows)}</div>'

    def reason(self, line: Line) -> str:
        """Return the margin of a step: the rule, links to the equations that it used, marks of footnotes."""
        uses = ", ".join(f'<a href="#{self._anchor(n)}">({n})</a>' for n in line.uses)
        return " ".join(t for t in (self.hand.words(line.reason, inline), uses) if t) + self.mark(line.marks)

    def mark(self, positions: Sequence[int]) -> str:
        return f" <sup>{', '.join(letter(p) for p in positions)}</sup>" if positions else ""

    def _row(self, line: Line, margin: str, attributes: str = "") -> str:
        return _cells(*self.hand.sides(line.equation), margin, attributes)

    def _margin(self, line: Line, rest: str) -> str:
        return self._shape(line.equation.name) + rest

    def _shape(self, name: str) -> str:
        shape = self.say.shape(name)
        return f'<span class="shape">{inline(shape)}</span>' if shape else ""

    def _anchor(self, number: int) -> str:
        return f"{self.prefix}eq{number}"


def _cells(
    left: str, sign: str, right: Sequence[str], margin: str = "", attributes: str = "", *, because: str = ""
) -> str:
    """Return one equation as the cells of a grid; a line may end between the pieces of its right side."""
    cells = f'<div class="left">{display(left) if left else ""}</div><div class="sign">{inline(sign)}</div>'
    cells += f'<div class="right">{" ".join(display(piece) for piece in right)}</div>'
    cells += f'<div class="margin">{margin}</div>' if margin else ""
    cells += f'<div class="because">{because}</div>' if because else ""
    return f'<div class="{"anchor" if attributes else "step"}"{attributes}>{cells}</div>'


def _text(text: str) -> str:
    return f"<mtext>{escape(text)}</mtext>" if text else ""


def _paragraphs(texts: Sequence[str], kind: str = "") -> list[str]:
    attribute = f' class="{kind}"' if kind else ""
    return [f"<p{attribute}>{text}</p>" for text in texts if text]
