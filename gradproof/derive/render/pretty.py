"""Break a document of words into lines of at most a given width, at the outermost places first.

A document is a tree of words, places where a line may end, and groups. A group stays on one line if it fits;
else all of its own places end lines, and the groups inside it are tried again. Source: P. Wadler, "A prettier
printer" (2003); `Align` is from the printers that grew out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import category, east_asian_width


@dataclass(frozen=True, slots=True)
class Word:
    """Text that is never broken, with the part that it plays (an operator, an index, ...)."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may end; `text` stands there if it does not."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Documents one after another."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """All on one line, or a line end at each of its own breaks."""

    body: Doc


@dataclass(frozen=True, slots=True)
class Align:
    """Lines of the body begin where the body begins."""

    body: Doc


@dataclass(frozen=True, slots=True)
class Lead:
    """A break and a sign before a body.

    The line ends there if the next word has no room, or if the body fits on the next line but not on this one, of which
    something more than its beginning is used. Where lines would else begin too far right, also if the body does not
    fit on the rest of the line.
    """

    sign: Doc
    body: Doc


@dataclass(frozen=True, slots=True)
class Late:
    """A place where a line ends only if nothing else helps; `text` stands there if it does not."""

    text: str


Doc = Word | Break | Join | Group | Align | Lead | Late


@dataclass(frozen=True, slots=True)
class Placed:
    """A word on a line: its text, its role, and its number among the words of the document."""

    text: str
    role: str = ""
    number: int = -1


Row = tuple[Placed, ...]


def join(*parts: Doc) -> Join:
    """Return the documents one after another."""
    return Join(parts)


def _parts(doc: Join | Lead) -> tuple[Doc, ...]:
    return doc.parts if isinstance(doc, Join) else (Group(doc.sign), doc.body)


def width_of(text: str) -> int:
    """Return how many columns of a terminal the text takes: none for a combining mark, two for a wide letter.

    >>> width_of("Σ[i] ŷ"), width_of("線")
    (6, 2)
    """
    if text.isascii():
        return len(text)
    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


#: How wide a text is, in columns or in points; so many spaces are so wide.
Measure = Callable[[str], int]


def row_width(row: Row, measure: Measure = width_of) -> int:
    """Return how many columns the row takes."""
    return sum(measure(p.text) for p in row)


def row_text(row: Row) -> str:
    """Return the row as text, without spaces at its end."""
    return "".join(p.text for p in row).rstrip()


def words(doc: Doc) -> tuple[Word, ...]:
    """Return the words of the document in order; their positions here are the numbers in `Placed`."""
    out: list[Word] = []
    stack = [doc]
    while stack:
        top = stack.pop()
        if isinstance(top, Word):
            out.append(top)
        elif isinstance(top, Join | Lead):
            stack += reversed(_parts(top))
        elif isinstance(top, Group | Align):
            stack.append(top.body)
    return tuple(out)


def break_lines(doc: Doc, width: int, *, late: bool = False, measure: Measure = width_of) -> tuple[Row, ...]:
    """Return the rows of the document, at most `width` columns wide if that can be.

    Where an `Align` would leave too little room at its right, lines end before it; if that does not help, all of them
    are moved to the left, step by step. With `late` lines may end at every place where they can.
    """
    rows: tuple[Row, ...] = ()
    doc = _loosened(doc) if late else doc
    eager = _eager(doc)
    for form, most in ((doc, width), *((eager, m) for m in (width, width // 2, width // 4, 4, 2))):
        rows = _rows(form, width, most, measure)
        if fits(rows, width, measure):
            break
    return rows


def fits(rows: Sequence[Row], width: int, measure: Measure = width_of) -> bool:
    """Is no row wider than this?"""
    return all(row_width(row, measure) <= width for row in rows)


def _loosened(doc: Doc) -> Doc:
    """Return the document with its late breaks as breaks like any other."""
    match doc:
        case Join(parts):
            return Join(tuple(_loosened(p) for p in parts))
        case Group(body):
            return Group(_loosened(body))
        case Align(body):
            return Align(_loosened(body))
        case Lead(sign, body):
            return Lead(sign, _loosened(body))
        case Late(text):
            return Group(Break(text))
    return doc


def _eager(doc: Doc) -> Doc:
    """Return the document with each lead as a group of sign and body."""
    match doc:
        case Join(parts):
            return Join(tuple(_eager(p) for p in parts))
        case Group(body):
            return Group(_eager(body))
        case Align(body):
            return Align(_eager(body))
        case Lead(sign, body):
            return Group(Join((sign, _eager(body))))
    return doc


def _rows(doc: Doc, width: int, most: int, measure: Measure) -> tuple[Row, ...]:
    """Return the rows with no line beginning further right than column `most`."""
    rows: list[list[Placed]] = [[]]
    column, number = 0, 0
    stack: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while stack:
        indent, flat, top = stack.pop()
        if isinstance(top, Word):
            rows[-1].append(Placed(top.text, top.role, number))
            column, number = column + measure(top.text), number + 1
        elif isinstance(top, Lead) and not flat and _fits_below(top, stack, width - column, width - indent, measure):
            stack += [(indent, True, top.body), (indent, False, top.sign)]
        elif isinstance(top, Join | Lead):
            stack += [(indent, flat, part) for part in reversed(_parts(top))]
        elif isinstance(top, Align):
            stack.append((min(column, most), flat, top.body))
        elif isinstance(top, Group):
            fits = flat or _fits(top.body, stack, width - column, measure)
            stack.append((indent, fits, top.body))
        elif flat or isinstance(top, Late):
            rows[-1].append(Placed(top.text))
            column += measure(top.text)
        else:
            rows.append([Placed(" " * indent)])
            column = indent
    return tuple(tuple(row) for row in rows)


def _fits_below(lead: Lead, rest: list[tuple[int, bool, Doc]], here: int, below: int, measure: Measure) -> bool:
    """Does the body fit on the next line, but not on this one, of which a good part is used?"""
    flat = Join((lead.sign, lead.body))
    return (below - here) * 4 > below and not _fits(flat, rest, here, measure) and _fits(flat, rest, below, measure)


def _fits(body: Doc, rest: list[tuple[int, bool, Doc]], room: int, measure: Measure) -> bool:
    """Does the body, written flat, fit into `room` columns together with what follows up to the next line end?"""
    todo: list[tuple[bool, Doc]] = [(flat, doc) for _, flat, doc in rest] + [(True, body)]
    while todo and room >= 0:
        flat, top = todo.pop()
        if isinstance(top, Word):
            room -= measure(top.text)
        elif isinstance(top, Join | Lead):
            todo += [(flat, part) for part in reversed(_parts(top))]
        elif isinstance(top, Group | Align):
            todo.append((flat, top.body))
        elif not flat and not isinstance(top, Late):
            return True
        else:
            room -= measure(top.text)
    return room >= 0
