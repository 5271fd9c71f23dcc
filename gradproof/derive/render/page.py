"""Rows of a page: what plain text and a terminal have in common. Roles say what a word is, not how it looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from gradproof.derive.render.diff import changed
from gradproof.derive.render.mathtext import Writer
from gradproof.derive.render.outline import Line, Outline
from gradproof.derive.render.pretty import Doc, Group, Placed, Row, break_lines, fits, row_width, width_of
from gradproof.derive.render.symbols import as_ascii
from gradproof.derive.render.wording import shape_text

#: Columns left free at both edges, between an equation and its margin, and before the equations of a section.
EDGE, GAP, INDENT = 2, 3, 2
#: A text column wider than this is hard to read: it grows only for equations that need it.
COMFORTABLE = 88


@dataclass(frozen=True)
class Page:
    """Rows for one derivation: text and steps within `width` columns, a table of results within `most`."""

    outline: Outline
    writer: Writer
    width: int
    most: int

    @property
    def ascii(self) -> bool:
        return self.writer.symbols.ascii

    # ------------------------------------------------------------ text

    def text(self, content: str, role: str = "", indent: int = 0) -> list[Row]:
        """Return a paragraph, wrapped."""
        room = self.width - EDGE - indent
        pad = Placed(" " * (EDGE + indent))
        content = (as_ascii(content) if self.ascii else content).replace(" × ", _SHAPE)
        lines = wrap(content, max(room - EDGE, 20), break_on_hyphens=False)
        return [(pad, Placed(line.replace(_SHAPE, " × "), role)) for line in lines]

    def rule(self) -> Row:
        return (Placed(" " * EDGE), Placed(("-" if self.ascii else "─") * (self.width - 2 * EDGE), "rule"))

    def mark(self, positions: Iterable[int]) -> str:
        """Return footnote marks: ᵃ ᵇ, in ASCII [a] [b]."""
        letters = [chr(ord("a") + p % 26) * (1 + p // 26) for p in positions]
        return " ".join(f"[{x}]" for x in letters) if self.ascii else "".join(x.translate(_RAISED) for x in letters)

    def shape(self, name: str) -> str:
        """Return a tensor's shape, `m × C`, where shapes are asked for; "" elsewhere."""
        shape = self.outline.shapes.get(name)
        return "" if shape is None else shape_text(shape, self.writer)

    def reason(self, line: Line) -> str:
        """Return the margin of a line: `fold a definition (1) ᵃ`."""
        numbers = ", ".join(f"({n})" for n in line.uses)
        return " ".join(part for part in (self.spelled(line.reason), numbers, self.mark(line.marks)) if part)

    def spelled(self, text: str) -> str:
        """Return a reason with the adjoints in it spelled as in the equations: `substitute ∂L/∂p`."""
        symbols = self.writer.symbols
        text = as_ascii(text) if self.ascii else text
        return " ".join(symbols.tensor(w) if w in symbols.adjoints or w in symbols.sums else w for w in text.split(" "))

    # ------------------------------------------------------------ equations

    def equations(
        self, lines: Sequence[Line], margins: Sequence[str], *, chain: bool = False, role: str = "reason"
    ) -> list[Row]:
        """Return equations aligned at their signs, each with its margin at the right edge.

        In a chain the left-hand side stands once as long as it is the same; what changed from line to line is marked.
        """
        lefts = [self.writer.left(line.equation) for line in lines]
        signs = [self.writer.sign(line.equation) for line in lines]
        column = max((flat_width(d) + len(s) for d, s in zip(lefts, signs, strict=True)), default=0)
        rows: list[Row] = []
        for k, (line, margin) in enumerate(zip(lines, margins, strict=True)):
            shown = not chain or k == 0 or flat(lefts[k]) != flat(lefts[k - 1])
            left = flat(lefts[k]) if shown else ()
            pad = column - (row_width(left) if shown else 0) - len(signs[k])
            head = (Placed(" " * (EDGE + INDENT + pad)), *left, Placed(f" {signs[k]} ", "sign"))
            right = self.writer.right(line.equation)
            before = None if line.before is None else self.writer.right(line.before)
            new = changed(before, right) if chain else frozenset()
            low = () if shown else (Placed(" " * (EDGE + INDENT)), Placed(f"{signs[k]} ", "sign"))
            beside, below = EDGE + INDENT + column + 2, max(row_width(low), EDGE + 2 * INDENT)
            block = hung((head, low), right, (beside, below), self.width - EDGE, new)
            rows += self.with_margin(block, margin, role)
            if line.because:
                rows += self.at_right(self.spelled(line.because), "because")
        return rows

    def with_margin(self, block: list[Row], margin: str, role: str = "reason") -> list[Row]:
        """Put the margin at the right edge of the last row, or on a row of its own if there is no room."""
        if not margin:
            return block
        free = self.width - EDGE - row_width(block[-1]) - width_of(margin)
        if free >= GAP:
            return [*block[:-1], (*block[-1], Placed(" " * free), Placed(margin, role))]
        return [*block, *self.at_right(margin, role)]

    def at_right(self, text: str, role: str) -> list[Row]:
        """Return rows that end at the right edge."""
        return at_right(text, role, EDGE + INDENT, self.width - EDGE)


def beside(shape: str, *margin: str) -> str:
    """Return a margin with the shape, if there is one, set off from the rest."""
    rest = " ".join(text for text in margin if text)
    return f"{shape}{' ' * GAP}{rest}".strip() if shape else rest


#: Between the sizes of a shape no line ends: spaces that do not break stand there while a text is wrapped.
_SHAPE = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"
_UNLIMITED = 10**9
_RAISED = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")


def at_right(text: str, role: str, left: int, right: int) -> list[Row]:
    """Return a text wrapped between two columns, its rows ending at the right one."""
    lines = wrap(text, right - left, break_on_hyphens=False)
    return [(Placed(" " * (right - width_of(line))), Placed(line, role)) for line in lines]


def hung(
    heads: tuple[Row, Row], doc: Doc, columns: tuple[int, int], end: int, new: frozenset[int] = frozenset()
) -> list[Row]:
    """Return the rows of a right-hand side up to column `end`: beside the head, or else below it, further left.

    Lines end at late places only where neither of the two gives enough room.

    Args:
        heads: what stands before the first row beside, and before the first row below; () for a row of its own above.
        doc: the right-hand side.
        columns: where its rows begin beside and below.
        end: the column up to which they may reach.
        new: numbers of the words that are marked.
    """
    beside, below = columns
    for column, late in ((beside, False), (below, False), (beside, True), (below, True)):
        rows = broken(doc, end - column, new, late=late)
        if fits(rows, end - column) or (column, late) == (below, True):
            break
    hang = Placed(" " * column)
    head, low = heads
    above = [] if column == beside or low else [head]
    lead = head if column == beside else low or (hang,)
    return [*above, lead + rows[0], *((hang, *row) for row in rows[1:])]


def broken(doc: Doc, room: int, new: frozenset[int] = frozenset(), *, late: bool = False) -> list[Row]:
    """Return the rows of a document, its new words marked."""
    rows = break_lines(doc, max(room, 24), late=late)
    return [tuple(replace(p, role=f"{p.role} changed") if p.number in new else p for p in row) for row in rows]


def flat(doc: Doc) -> Row:
    """Return the document on one row."""
    return break_lines(Group(doc), _UNLIMITED)[0]


def flat_width(doc: Doc) -> int:
    """Return how wide the document is on one row."""
    return row_width(flat(doc))
