r"""Long right-hand sides in LaTeX, broken into lines: at signs between terms, before factors, inside parentheses.

    r_t \biggl(\bar{N}_{t,d} - \frac{N_{t,d}}{D} \sum_k \bar{N}_{t,k} N_{t,k}
    \hspace{31pt}{} - \frac{1}{D} \sum_k \bar{N}_{t,k}\biggr)

A fraction whose numerator is too long for its place becomes a factor in front of it. Where a line ends is decided by
the breaker of the terminal's pages, with points instead of columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradproof.derive.latex.writer import FACTOR, OPEN, PRODUCT, SUM, Writer
from gradproof.derive.notation import boxes as bx
from gradproof.derive.notation.boxes import Box
from gradproof.derive.render.latex_width import width
from gradproof.derive.render.pretty import (
    Align,
    Break,
    Doc,
    Group,
    Join,
    Lead,
    Placed,
    Row,
    Word,
    break_lines,
    fits,
    join,
)

#: The fences that a line may end between, and what they become where it does: beside tall things, and elsewhere.
_OPEN, _CLOSE = r"\left(", r"\right)"
_SIZED = {_OPEN: (r"\biggl(", r"\bigl("), _CLOSE: (r"\biggr)", r"\bigr)")}
_FLAT = {_OPEN: (_OPEN, "("), _CLOSE: (_CLOSE, ")")}
_TALL = (r"\frac", r"\sum", r"\prod")
#: A fraction wider than this part of the line is opened.
_WIDE = 0.55
_ONE = bx.Num("1")
#: How far a line is moved to the right to stand below what follows the equals sign.
_SIGN = 13
#: What stands below a sum is stacked from this width on, in points.
_BELOW = 90


def broken(doc: Doc, room: int) -> list[str]:
    """Return the lines of a document of LaTeX words, each at most about `room` points wide if that can be."""
    for late in (False, True):
        rows = break_lines(doc, room, late=late, measure=width)
        if fits(rows, room, width):
            break
    return [_text(row, k) for k, row in enumerate(_fenced(rows))]


def stacked(parts: Sequence[str]) -> str:
    r"""Return indices and conditions for below a sum, one above the other where side by side they are too wide."""
    rows = [""]
    for part in parts:
        longer = f"{rows[-1]}, {part}" if rows[-1] else part
        if rows[-1] and width(f"_{{{longer}}}") > _BELOW:
            rows.append(part)
        else:
            rows[-1] = longer
    return rows[0] if len(rows) == 1 else rf"\substack{{{(',' + chr(92) * 2 + ' ').join(rows)}}}"


@dataclass(frozen=True)
class Lines:
    """Breaks display trees into lines of at most `room` points."""

    writer: Writer
    room: int

    def of(self, box: Box) -> list[str]:
        """Return the lines of a right-hand side."""
        flat = self.writer.write(box)
        return [flat] if width(flat) <= self.room else broken(self.doc(box), self.room)

    def doc(self, box: Box, least: int = SUM) -> Doc:
        """Return the words of a display tree, in parentheses where it binds less tightly than `least`."""
        match box:
            case bx.Sum() if not box.tight:
                body, binding = self._sum(box), SUM
            case bx.Prod():
                body, binding = self._product(box)
            case bx.Big() if box.op in ("sum", "prod"):
                body, binding = self._reduction(box), OPEN
            case bx.Frac() if box.num != _ONE and not box.exact and width(self.writer.write(box)) > _WIDE * self.room:
                return self.doc(_opened(box), least)
            case _:
                return Word(self.writer.write(box, least))
        return body if binding >= least else join(Word(_OPEN), Align(body), Word(_CLOSE))

    def _sum(self, box: bx.Sum) -> Doc:
        parts: list[Doc] = []
        for sign, term in box.terms:
            shown = Group(self.doc(term, OPEN))
            if parts:
                parts.append(Group(join(Break(" "), Word("+ " if sign > 0 else "- "), shown)))
            else:
                parts.append(join(Word("-"), shown) if sign < 0 else shown)
        return Align(Join(tuple(parts)))

    def _product(self, box: bx.Prod) -> tuple[Doc, int]:
        *first, last = box.factors
        open_end = isinstance(last, bx.Big)
        least = [FACTOR] * len(first) + [OPEN if open_end else FACTOR]
        texts = [self.writer.write(f, n) for f, n in zip(box.factors, least, strict=True)]
        parts: list[Doc] = [self.doc(box.factors[0], least[0])]
        for k, factor in enumerate(box.factors[1:], 1):
            between = self.writer.between(texts[k - 1], texts[k])
            parts.append(Lead(join(Break(" "), Word(between)), self.doc(factor, least[k])))
        return Group(Align(Join(tuple(parts)))), OPEN if open_end else PRODUCT

    def _reduction(self, box: bx.Big) -> Doc:
        sign = self.writer.write(replace(box, body=bx.Num("0"))).removesuffix("0")
        nested = isinstance(box.body, bx.Big) and box.body.op == box.op and not box.fixed
        return Align(join(Word(sign), Align(self.doc(box.body, PRODUCT if nested else OPEN))))


def _opened(box: bx.Frac) -> Box:
    """Return a fraction as 1/den times the numerator's factors."""
    factors = box.num.factors if isinstance(box.num, bx.Prod) else (box.num,)
    return bx.Prod((bx.Frac(bx.Num("1"), box.den), *factors))


def _fenced(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with fences of a given size where a pair is on different rows, plain ones around low things."""
    out = [list(row) for row in rows]
    opened: list[tuple[int, int]] = []
    for r, row in enumerate(out):
        for c, word in enumerate(row):
            if word.text == _OPEN:
                opened.append((r, c))
            elif word.text == _CLOSE and opened:
                start, end = opened.pop(), (r, c)
                small = not _tall(out, start, end)
                if start[0] != r or small:
                    for i, j in (start, end):
                        fences = _SIZED[out[i][j].text] if start[0] != r else _FLAT[out[i][j].text]
                        out[i][j] = replace(out[i][j], text=fences[small])
    return [tuple(row) for row in out]


def _tall(rows: Sequence[Sequence[Placed]], start: tuple[int, int], end: tuple[int, int]) -> bool:
    (r, c), (s, d) = start, end
    within = [p.text for k in range(r, s + 1) for p in rows[k][c if k == r else 0 : d if k == s else None]]
    return any(sign in text for text in within for sign in _TALL)


def _text(row: Row, k: int) -> str:
    """Return a row as LaTeX; rows after the first begin with their room, and a sign there stands between operands."""
    if not k:
        return "".join(p.text for p in row).strip()
    indent, *rest = row
    text = "".join(p.text for p in rest).strip()
    room = rf"\hspace{{{_SIGN + width(indent.text)}pt}}"
    return f"{room}{{}} {text}" if text.startswith(("+", "-", r"\cdot", r"\odot", r"\oslash")) else f"{room}{text}"
