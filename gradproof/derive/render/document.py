r"""The parts that a LaTeX document and Markdown share: blocks of aligned equations, headings, margins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.outline import PLAIN, Extras, Line, Outline, Section, outline
from gradproof.derive.render.sentences import Sentences
from gradproof.derive.render.wording import heading_of
from gradproof.derive.steps import Derivation

#: The size of side remarks; \small is not allowed in mathematics, but inside \text it is.
SMALL = r"\small "
#: About how many letters of mathematics a page is wide.
PAGE = 75


@dataclass(frozen=True)
class Document:
    """A derivation's outline, the hand that writes its mathematics, and the sentences in the format."""

    outline: Outline
    hand: LatexHand
    say: Sentences

    @classmethod
    def of(cls, derivation: Derivation, detail: int, plain: Callable[[str], str], extras: Extras = PLAIN) -> Document:
        """Return the document of a derivation at a level of detail."""
        content, hand = outline(derivation, detail, extras), LatexHand.of(derivation)
        return cls(content, hand, Sentences(content, hand, plain))

    # ------------------------------------------------------------ blocks of equations

    def block(self, lines: Sequence[Line], margins: Sequence[str], *, chain: bool = False) -> str:
        """Return `aligned` equations with their margins; in a chain the left side stands once."""
        rows = []
        for k, (line, margin) in enumerate(zip(lines, margins, strict=True)):
            left, sign, right = self.hand.sides(line.equation)
            rows.append(self._row("" if chain and k else left, sign, right, margin))
            if line.because:
                rows.append(rf"  &\qquad {self.hand.words(line.because, size=SMALL)}")
        return aligned(rows)

    def results(self) -> str:
        """Return the results in a box, index notation and matrix notation beside it (below it, if that is too wide)."""
        lines = (*self.outline.results, *self.outline.updates)
        index = [self.hand.sides(x.equation) for x in lines]
        matrix = [self.hand.matrix(x.equation) for x in lines]
        there = [m for m in matrix if m is not None]
        reasons = [self._with_shape(x, self.reason(x) if x.uses else "") for x in lines]
        if _longest(index) + _longest(there) <= PAGE or not there:
            rows = [self._row(*i, "") + self._beside(m) for i, m in zip(index, matrix, strict=True)]
            return rf"\boxed{{{aligned([_at_margin(*pair) for pair in zip(rows, reasons, strict=True)])}}}"
        above = aligned([self._row(*sides, reason) for sides, reason in zip(index, reasons, strict=True)])
        below = aligned([self._row(*sides, "") for sides in there])
        return f"\\boxed{{\\begin{{gathered}}\n{above} \\\\[2ex]\n{below}\n\\end{{gathered}}}}"

    def _beside(self, m: tuple[str, str, str] | None) -> str:
        return rf" & \qquad {m[0]} &{m[1]} {m[2]}" if m else " & &"

    def _row(self, left: str, sign: str, right: str, margin: str) -> str:
        return _at_margin(f"  {left} &{sign} {right}", margin)

    def numbered(self, lines: Sequence[Line]) -> str:
        """Return equations that were read or named, with their numbers and the marks of footnotes in the margin."""
        margins = [rf"\text{{({x.equation.number})}}{self.mark(x.marks)}" for x in lines]
        return self.block(lines, [self._with_shape(x, m) for x, m in zip(lines, margins, strict=True)])

    def heading(self, section: Section) -> str:
        """Return `Adjoint of $p$`, with the shape where shapes are asked for."""
        before, name = heading_of(section.heading, section.of)
        shape = self.say.shape(section.name)
        return (
            self.say.plain(before) + (f"${self.hand.name(name)}$" if name else "") + (f" (${shape}$)" if shape else "")
        )

    def _with_shape(self, line: Line, margin: str) -> str:
        """Return a margin with the shape of the equation's tensor before it, where shapes are asked for."""
        return r" \quad ".join(text for text in (self.say.shape(line.equation.name), margin) if text)

    def reason(self, line: Line) -> str:
        """Return the margin of a step."""
        numbers = ", ".join(f"({n})" for n in line.uses)
        return self.hand.words(" ".join(t for t in (line.reason, numbers) if t)) + self.mark(line.marks)

    def mark(self, positions: Sequence[int]) -> str:
        return f"^{{{','.join(letter(p) for p in positions)}}}" if positions else ""


def _at_margin(row: str, margin: str) -> str:
    return rf"{row} && {margin}" if margin else row


def _longest(rows: Sequence[tuple[str, str, str]]) -> int:
    """Return about how many letters wide the widest row is set: commands count as one, braces not at all."""
    texts = (re.sub(r"\\[a-z]+", "x", "".join(row)) for row in rows)
    return max((len(re.sub(r"[{}_^\s]", "", t)) for t in texts), default=0)


def aligned(rows: Sequence[str]) -> str:
    """Return rows as an `aligned` environment."""
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def letter(position: int) -> str:
    """Return the letter of a footnote."""
    return chr(ord("a") + position % 26) * (1 + position // 26)
