"""The parts of a page in order: title, what was read, the steps, the results in a box, the footnotes."""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive.render.bound_words import ASCII, UNICODE, Pen, bound_lines, bound_sentences
from gradproof.derive.render.bound_words import HEADING as BOUND_HEADING
from gradproof.derive.render.mathtext import Writer
from gradproof.derive.render.memory_words import HEADING, Spelling, memory_sentences
from gradproof.derive.render.outline import PLAIN, Extras, Line, outline, with_substituted
from gradproof.derive.render.page import COMFORTABLE, EDGE, GAP, INDENT, Page, beside, flat_width
from gradproof.derive.render.pretty import Placed, Row, width_of
from gradproof.derive.render.results import result_rows
from gradproof.derive.render.symbols import symbols_for
from gradproof.derive.render.wording import (
    BRACKETS,
    arguments_title,
    assumption_text,
    claim,
    convention,
    divided_by,
    heading_of,
    held,
    note_text,
    shape_text,
    shapes,
    title_of,
)
from gradproof.derive.steps import Derivation

BLANK: Row = ()
#: A page is never laid out narrower than this; in a narrower window the terminal wraps.
LEAST_WIDTH = 40


def page_rows(
    derivation: Derivation,
    *,
    width: int,
    detail: int,
    ascii: bool,  # noqa: A002
    extras: Extras = PLAIN,
) -> list[Row]:
    """Return the rows of a derivation's page, none wider than `width` unless a single word is."""
    page = _page(derivation, width, detail, ascii, extras)
    return [
        BLANK,
        *_header(page),
        *_given(page),
        *_sections(page),
        *result_rows(page),
        *_bound(page),
        *_memory(page),
        *_brackets(page),
        *_notes(page),
        BLANK,
    ]


def step_rows(
    derivation: Derivation,
    name: str,
    *,
    width: int,
    detail: int,
    ascii: bool,  # noqa: A002
) -> list[Row]:
    """Return the rows of one adjoint's steps, with those of the adjoints that were substituted into it."""
    page = _page(derivation, width, detail, ascii, PLAIN)
    wanted = with_substituted(derivation, name)
    chosen = tuple(s for s in page.outline.sections if s.name in wanted)
    return _sections(replace(page, outline=replace(page.outline, sections=chosen)))


def _page(derivation: Derivation, width: int, detail: int, ascii: bool, extras: Extras) -> Page:  # noqa: A002
    content = outline(derivation, detail, extras)
    writer = Writer(symbols_for(derivation, ascii=ascii), derivation.system)
    most = max(width, LEAST_WIDTH)
    page = Page(content, writer, most, most)
    if width > COMFORTABLE:
        page = Page(content, writer, min(width, max(COMFORTABLE, _natural_width(page))), most)
    return page


def _natural_width(page: Page) -> int:
    """Return the width at which no equation of the steps has to be broken."""
    content, writer = page.outline, page.writer
    widest = 0
    for lines in (content.given, content.arguments, content.results, *(s.lines for s in content.sections)):
        left = max((flat_width(writer.left(x.equation)) for x in lines), default=0)
        rights = [flat_width(writer.right(x.equation)) + GAP + width_of(page.reason(x)) for x in lines]
        widest = max([widest, *(left + 3 + r for r in rights)])
    return widest + 2 * EDGE + INDENT


def _header(page: Page) -> list[Row]:
    content = page.outline
    rows = page.text(title_of(content), "title") + (page.text(content.source, "source") if content.source else [])
    return [*rows, page.rule(), BLANK]


def _heading(name: str, rest: str = "") -> Row:
    tail = (Placed("   "), Placed(rest, "aside")) if rest else ()
    return (Placed(" " * EDGE), Placed(name, "heading"), *tail)


def _given(page: Page) -> list[Row]:
    content, writer = page.outline, page.writer
    rows = [_heading("Given")]
    rows += page.text(shapes(content.derivation.system, writer), "aside", INDENT)
    rows.append(BLANK)
    rows += _numbered(page, content.given)
    if content.arguments:
        rows += [
            BLANK,
            *page.text(arguments_title(content), "aside", INDENT),
            BLANK,
            *_numbered(page, content.arguments),
        ]
    for a in content.assumptions:
        used = [k for k, note in enumerate(content.notes) if note == a]
        text = f"assuming {assumption_text(a, writer)}"
        rows += [BLANK, *page.with_margin(page.text(text, "aside", INDENT), page.mark(used))]
    for a in content.unused:
        rows += [BLANK, *page.text(f"not used: {assumption_text(a, writer)}", "aside", INDENT)]
    return [*rows, BLANK, *_claim(page), BLANK]


def _numbered(page: Page, lines: tuple[Line, ...]) -> list[Row]:
    margins = [beside(page.shape(x.equation.name), page.mark(x.marks), f"({x.equation.number})") for x in lines]
    return page.equations(lines, margins, role="number")


def _claim(page: Page) -> list[Row]:
    derivation = page.outline.derivation
    sentences = [claim(derivation, page.writer), held(derivation), convention(derivation, page.writer)]
    return [row for s in sentences if s for row in page.text(s, "claim")]


def _sections(page: Page) -> list[Row]:
    rows: list[Row] = []
    for section in page.outline.sections:
        before, name = heading_of(section.heading, section.of)
        rows.append(_heading(before + page.writer.symbols.tensor(name), page.shape(section.name)))
        rows += [*page.equations(section.lines, [page.reason(x) for x in section.lines], chain=True), BLANK]
    return rows


def _memory(page: Page) -> list[Row]:
    """Return what has to be saved, where that is asked for."""
    found, writer = page.outline.saved, page.writer
    if found is None:
        return []
    spell = Spelling(writer.symbols.short, writer.text, lambda shape: shape_text(shape, writer))
    rows = [row for s in memory_sentences(found, spell) for row in page.text(s, "", INDENT)]
    return [BLANK, _heading(HEADING), *rows, BLANK]


def _bound(page: Page) -> list[Row]:
    """Return the lines that bound a product of steps, and what follows."""
    derivation, symbols = page.outline.derivation, page.writer.symbols
    if derivation.path is None:
        return []
    lines = bound_lines(
        derivation, Pen(ASCII if page.ascii else UNICODE, symbols.plain, symbols.function, page.writer.text)
    )
    lead = max((width_of(x.left) for x in lines), default=0)
    rows = [BLANK, _heading(BOUND_HEADING)]
    for x in lines:
        text = (Placed(" " * (EDGE + INDENT) + x.left.rjust(lead)), Placed(f" {x.sign} ", "sign"), Placed(x.right))
        rows += page.with_margin([text], x.rule)
    sentences = [row for s in bound_sentences(derivation) for row in page.text(s, "", INDENT)]
    return [*rows, *([BLANK] if lines else []), *sentences, BLANK]


def _brackets(page: Page) -> list[Row]:
    rows = page.text(BRACKETS, "note") if page.outline.has_brackets(deltas=True) else []
    sizes = [s.name for s in page.outline.divisors]
    return [*rows, *(page.text(divided_by(sizes), "note") if sizes else [])]


def _notes(page: Page) -> list[Row]:
    rows: list[Row] = []
    for k, note in enumerate(page.outline.notes):
        mark = page.mark([k])
        lines = page.text(note_text(note, page.writer), "note", width_of(mark) + 1)
        first = (Placed(" " * EDGE), Placed(f"{mark} ", "note"), *lines[0][1:])
        rows += [first, *lines[1:]]
    return [BLANK, *rows] if rows else rows
