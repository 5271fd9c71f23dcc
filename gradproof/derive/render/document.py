r"""The parts that a LaTeX document and Markdown share: blocks of aligned equations, and sentences with mathematics."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.model import Assumption, Role
from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.matrix import matrix_form
from gradproof.derive.render.matrix_nodes import Matrix, Ones, Over, Times, Turned, parts_of
from gradproof.derive.render.outline import Line, Outline, outline
from gradproof.derive.render.wording import BRACKETS, NOTHING_TO_DERIVE, listed
from gradproof.derive.steps import Derivation, MetKink

#: The size of side remarks; \small is not allowed in mathematics, but inside \text it is.
SMALL = r"\small "
#: About how many letters of mathematics a page is wide.
PAGE = 75


@dataclass(frozen=True)
class Document:
    """A derivation's outline with the hand that writes its mathematics, and how plain text is written in the format."""

    outline: Outline
    hand: LatexHand
    plain: Callable[[str], str]

    @classmethod
    def of(cls, derivation: Derivation, detail: int, plain: Callable[[str], str]) -> Document:
        """Return the document of a derivation at a level of detail."""
        return cls(outline(derivation, detail), LatexHand.of(derivation), plain)

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
        reasons = [self.reason(x) if x.uses else "" for x in lines]
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
        return self.block(lines, [rf"\text{{({x.equation.number})}}{self.mark(x.marks)}" for x in lines])

    def reason(self, line: Line) -> str:
        """Return the margin of a step."""
        numbers = ", ".join(f"({n})" for n in line.uses)
        return self.hand.words(" ".join(t for t in (line.reason, numbers) if t)) + self.mark(line.marks)

    def mark(self, positions: Sequence[int]) -> str:
        return f"^{{{','.join(letter(p) for p in positions)}}}" if positions else ""

    # ------------------------------------------------------------ sentences; mathematics between dollar signs

    def claim(self) -> str:
        """Return what is derived, and what the bar means where the output is an array."""
        derivation, hand = self.outline.derivation, self.hand
        if not derivation.of:
            return NOTHING_TO_DERIVE
        of, wrt = (listed([f"${hand.name(n)}$" for n in names]) for names in (derivation.of, derivation.wrt))
        text = f"The derivative of {of} with respect to {wrt}."
        if hand.symbols.scalar:
            return text
        adjoint = {t: a for a, t in hand.symbols.adjoints.items() if a not in hand.symbols.totals}
        first, seeds = derivation.wrt[0], [f"${hand.name(adjoint[n])}$" for n in derivation.of if n in adjoint]
        meaning = rf"$\partial \ell / \partial {hand.name(first)}$"
        given = f", and {listed(seeds)} {'is' if len(seeds) == 1 else 'are'} given" if seeds else ""
        shown = hand.name(adjoint.get(first, f"d_{first}"))
        return rf"{text} For any scalar $\ell$ computed from {of}: ${shown}$ stands for {meaning}{given}."

    def shapes(self) -> str:
        """Return the shapes of what comes in."""
        out = []
        for t in self.outline.derivation.system.tensors:
            if t.role in (Role.GIVEN, Role.PARAM):
                shape = r" \times ".join(self.hand.expression(n) for n in t.shape)
                power = f"^{{{shape}}}" if shape else ""
                out.append(rf"${self.hand.name(t.name)} \in {self._values(t.bound)}{power}$")
        return "With " + listed(out) + "." if out else ""

    def _values(self, bound: Expr | None) -> str:
        return r"\mathbb{R}" if bound is None else rf"\{{0, \dots, {self.hand.expression(bound - 1)}\}}"

    def assumptions(self) -> list[str]:
        """Return a sentence for each assumption that was stated."""
        used = [f"Assuming {self.assumption(a)}." for a in self.outline.assumptions]
        return [*used, *(f"Not used: {self.assumption(a)}." for a in self.outline.unused)]

    def assumption(self, a: Assumption) -> str:
        return f"${self.hand.expression(a.left)} = {self.hand.expression(a.right)}$"

    def note(self, note: Assumption | MetKink) -> str:
        """Return a footnote's text."""
        if isinstance(note, Assumption):
            return f"Assumed: {self.assumption(note)}."
        source = f", {note.source}" if note.source else ""
        text = f" has no derivative where {note.where}; {note.taken} is taken{source}."
        return f"${self.hand.function(note.function)}$" + self.plain(text)

    def brackets_note(self) -> list[str]:
        """Return what a condition in brackets means, if there is one."""
        return [BRACKETS] if self.outline.has_brackets(deltas=False) else []

    def matrix_note(self) -> str:
        """Return the layout of the matrix notation; "" where none is used."""
        lines = (*self.outline.results, *self.outline.updates)
        forms: list[Matrix] = [m for x in lines for m in matrix_form(x.equation) or ()]
        inside = {type(p) for m in forms for p in parts_of(m)}
        pieces = ["each gradient has the shape of its tensor"]
        pieces += ["vectors are columns"] if Turned in inside else []
        pieces += [r"$\mathbf{1}$ is a column of ones"] if Ones in inside else []
        pieces += [rf"${s}$ works elementwise" for s, k in ((r"\odot", Times), (r"\oslash", Over)) if k in inside]
        return f"Matrix notation: {', '.join(pieces)}." if forms else ""


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
