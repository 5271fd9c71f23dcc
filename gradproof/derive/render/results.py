"""The results in a box: index notation, and beside it (or below, where the width asks) matrix notation."""

from __future__ import annotations

from gradproof.derive.model import Kind
from gradproof.derive.render.boxed import boxed
from gradproof.derive.render.matrix_nodes import Matrix
from gradproof.derive.render.matrix_text import hand_of, matrix_doc
from gradproof.derive.render.matrix_time import form_of, held_in
from gradproof.derive.render.outline import Line
from gradproof.derive.render.page import EDGE, GAP, Page, at_right, beside, flat, flat_width, hung
from gradproof.derive.render.pretty import Doc, Placed, Row, join, row_width, width_of
from gradproof.derive.render.wording import matrix_note

#: Columns between the box and what stands in it.
PAD = 2
Pair = tuple[Doc, str, Doc]


def result_rows(page: Page) -> list[Row]:
    """Return the box with the results, and the layout of the matrix notation if it is used."""
    content = page.outline
    lines = (*content.results, *content.updates)
    held = held_in(content.derivation)
    forms = [form_of(x.equation, held) for x in lines]
    index = [_index_pair(page, x) for x in lines]
    matrix = [None if f is None else _matrix_pair(page, x, f) for x, f in zip(lines, forms, strict=True)]
    margins = [beside(page.shape(x.equation.name), page.reason(x)) for x in lines]
    around = 2 * EDGE + 2 + 2 * PAD
    inner = max(page.width - around, min(page.most - around, _table_width(index, matrix, margins)))
    rows = _side_by_side(index, matrix, margins, inner)
    if not rows:
        inner = page.width - around
        rows = _stacked(index, matrix, margins, inner)
    shown = [(Placed(" " * PAD), *row) if row else row for row in rows]
    title = "Result" if len(lines) == 1 else "Results"
    box = boxed(shown, title, EDGE, inner + 2 * PAD + 2, ascii=page.ascii)
    used = [m for f in forms if f is not None for m in f]
    return [*box, *(page.text(matrix_note(used, page.writer), "note") if used else [])]


def _index_pair(page: Page, line: Line) -> Pair:
    writer = page.writer
    return writer.left(line.equation), writer.sign(line.equation), writer.right(line.equation)


def _matrix_pair(page: Page, line: Line, form: tuple[Matrix, Matrix]) -> Pair:
    hand = hand_of(page.writer)
    return matrix_doc(form[0], hand), ":=" if line.equation.kind is Kind.UPDATE else "=", matrix_doc(form[1], hand)


def _side_by_side(index: list[Pair], matrix: list[Pair | None], margins: list[str], inner: int) -> list[Row]:
    """Return one row a result: index notation, matrix notation, reason; no rows if that is too wide."""
    there = [m for m in matrix if m is not None]
    if not there or _table_width(index, matrix, margins) > inner:
        return []
    left = _aligned_width(index)
    gap = GAP + (inner - _table_width(index, matrix, margins)) // 2
    rows = []
    first, second = _lead(index), _lead(there)
    for a, b, margin in zip(index, matrix, margins, strict=True):
        row = _one_row(a, first)
        if b is not None:
            row = (*row, _space(left + gap - row_width(row)), *_one_row(b, second))
        rows.append((*row, _space(inner - row_width(row) - width_of(margin)), Placed(margin, "reason")))
    return rows


def _table_width(index: list[Pair], matrix: list[Pair | None], margins: list[str]) -> int:
    """Return the columns that both notations and the reasons need side by side; 0 without matrix notation."""
    there = [m for m in matrix if m is not None]
    widths = _aligned_width(index) + _aligned_width(there) + max(map(width_of, margins), default=0)
    return widths + 2 * GAP if there else 0


def _stacked(index: list[Pair], matrix: list[Pair | None], margins: list[str], inner: int) -> list[Row]:
    """Return the index notation and, after an empty row, the matrix notation; reasons stand where there is room."""
    there = [m for m in matrix if m is not None]
    none = [""] * len(margins)
    room = inner - GAP - max(map(width_of, margins), default=0)
    below = len(there) == len(index) and _aligned_width(index) > room >= _aligned_width(there)
    rows = _aligned(index, none if below else margins, inner)
    if there:
        rows += [(), (Placed("in matrix notation", "aside"),), ()]
        rows += _aligned(there, margins if below else none[: len(there)], inner)
    return rows


def _aligned(pairs: list[Pair], margins: list[str], inner: int) -> list[Row]:
    """Return equations aligned at their signs, each with its reason."""
    lead = _lead(pairs)
    rows: list[Row] = []
    for (left, sign, right), margin in zip(pairs, margins, strict=True):
        block = hung((_one_row((left, sign, join()), lead), ()), right, (lead + 2, 2), inner)
        free = inner - row_width(block[-1]) - width_of(margin)
        if margin and free >= GAP:
            block[-1] = (*block[-1], _space(free), Placed(margin, "reason"))
        elif margin:
            block += at_right(margin, "reason", 0, inner)
        rows += block
    return rows


def _space(columns: int) -> Placed:
    return Placed(" " * columns)


def _one_row(pair: Pair, lead: int) -> Row:
    left, sign, right = pair
    pad = Placed(" " * (lead - flat_width(left) - len(sign)))
    return (pad, *flat(left), Placed(f" {sign} ", "sign"), *flat(right))


def _lead(pairs: list[Pair]) -> int:
    return max((flat_width(left) + len(sign) for left, sign, _ in pairs), default=0)


def _aligned_width(pairs: list[Pair]) -> int:
    return _lead(pairs) + 2 + max((flat_width(right) for _, _, right in pairs), default=0)
