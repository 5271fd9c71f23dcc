r"""The parts that a LaTeX document and Markdown share: blocks of aligned equations, headings, margins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradproof.derive.render.bound_words import LATEX, Pen, bound_lines
from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.latex_width import width
from gradproof.derive.render.outline import PLAIN, Extras, Line, Outline, Section, outline
from gradproof.derive.render.sentences import Sentences
from gradproof.derive.render.wording import heading_of
from gradproof.derive.steps import Derivation

#: The size of side remarks; \small is not allowed in mathematics, but inside \text it is.
SMALL = r"\small "
#: How wide the equations of a page may be, and a sign with the room around it, in points.
PAGE, SIGN = 432, 14
#: Room between an equation and what stands beside it.
GAP = 20
#: Reasons beside an equation never take it more room than this.
LEAST = 220


@dataclass(frozen=True, slots=True)
class Part:
    """An equation as it is set: its sides, the right one in lines, its margin, and a remark below it."""

    left: str
    sign: str
    lines: tuple[str, ...]
    margin: str = ""
    because: str = ""

    @property
    def width(self) -> int:
        """About how wide it is, in points."""
        return width(self.left) + SIGN + max(map(width, self.lines), default=0)


@dataclass(frozen=True)
class Document:
    """A derivation's outline, the hand that writes its mathematics, and the sentences in the format.

    `beside`: reasons take their room beside the equations; else they stand at the margin, or below it.
    """

    outline: Outline
    hand: LatexHand
    say: Sentences
    beside: bool

    @classmethod
    def of(
        cls, derivation: Derivation, detail: int, plain: Callable[[str], str], extras: Extras = PLAIN, *, beside: bool
    ) -> Document:
        """Return the document of a derivation at a level of detail."""
        content, hand = outline(derivation, detail, extras), LatexHand.of(derivation)
        return cls(content, hand, Sentences(content, hand, plain), beside)

    # ------------------------------------------------------------ blocks of equations

    def block(self, lines: Sequence[Line], margins: Sequence[str], *, chain: bool = False) -> list[Part]:
        """Return equations with their margins; in a chain the left side stands once as long as it is the same."""
        sides = [self.hand.sides(x.equation) for x in lines]
        room = self._room([left for left, _, _ in sides], margins)
        parts = []
        for k, (line, margin, (left, sign, _)) in enumerate(zip(lines, margins, sides, strict=True)):
            because = self.hand.words(line.because, size=SMALL) if line.because else ""
            right = tuple(self.hand.lines(line.equation, room))
            again = chain and k > 0 and left == sides[k - 1][0]
            parts.append(Part("" if again else left, sign, right, margin, because))
        return parts

    def _room(self, lefts: Sequence[str], margins: Sequence[str] = ()) -> int:
        """Return how much of the page the left sides, and the margins that stand beside, leave for the right ones."""
        room = PAGE - SIGN - max(map(width, lefts), default=0)
        beside = max((width(m) + GAP for m in margins if m), default=0) if self.beside else 0
        return max(room - beside, LEAST)

    def results(self) -> list[Part]:
        """Return the results in index notation."""
        lines = (*self.outline.results, *self.outline.updates)
        return self.block(lines, [self._with_shape(x, self.reason(x) if x.uses else "") for x in lines])

    def matrices(self) -> list[Part | None]:
        """Return the results in matrix notation; None in the place of one that has no such form."""
        lines = (*self.outline.results, *self.outline.updates)
        forms = [self.hand.matrix(x.equation) for x in lines]
        room = self._room([form[0] for form in forms if form])
        return [
            Part(form[0], form[1], tuple(self.hand.matrix_lines(x.equation, room))) if form else None
            for x, form in zip(lines, forms, strict=True)
        ]

    def bound(self) -> list[Part]:
        """Return the lines that bound a product of steps; nothing where there is no bound."""
        hand = self.hand
        lines = bound_lines(self.outline.derivation, Pen(LATEX, hand.name, hand.function, hand.expression))
        return [Part(x.left, x.sign, (x.right,), hand.words(x.rule)) for x in lines]

    def numbered(self, lines: Sequence[Line]) -> list[Part]:
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


def side_by_side(index: Sequence[Part], matrix: Sequence[Part | None]) -> bool:
    """Do both notations fit beside one another, with their margins?"""
    there = [m for m in matrix if m]
    one_line = all(len(p.lines) == 1 for p in (*index, *there))
    margin = max((width(p.margin) + GAP for p in index if p.margin), default=0)
    widths = [max(p.width for p in parts) for parts in (index, there) if parts]
    return bool(there) and one_line and sum(widths) + GAP + margin <= PAGE


def equation_rows(part: Part, end: str) -> list[str]:
    """Return the rows of an aligned equation; `end` stands at the end of the last one."""
    first, *rest = part.lines
    rows = [f"  {part.left} &{part.sign} {first}", *(f"   &{line}" for line in rest)]
    return [*rows[:-1], rows[-1] + end]


def beside_of(part: Part | None) -> str:
    """Return the columns for an equation beside another, empty where there is none."""
    return rf" & \qquad {part.left} &{part.sign} {part.lines[0]}" if part else " & &"


def letter(position: int) -> str:
    """Return the letter of a footnote."""
    return chr(ord("a") + position % 26) * (1 + position // 26)
