r"""What stands beside an equation: a range `i = 1, \dots, m`, a condition, the number of the equation."""

from __future__ import annotations

import re

from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.tokens import WIDE
from gradproof.errors import InputError

Counts = tuple[tuple[str, int], ...]
"""Index letters, each with the number that it counts from."""

WORDS = ("where", "with", "and", "so", "then", "hence", "thus", "i.e.")
#: Words before a range, or before a condition, which is not read.
_FOR = ("for", "for all", "for each", "for every", "if", "when", "whenever", "unless", "or", "otherwise")
_EACH = ("for all", "for each", "for every")
_TAG = re.compile(r"\(\d+(?:\.\d+)*[a-z]?\)")
ENDS = (",", ";", ".", *WIDE)
COMPARISONS = ("<", ">", "\\leq", "\\geq", "\\neq")


def word(cursor: Cursor) -> str:
    r"""Return the words of `\text{...}` in lower case, without punctuation."""
    if cursor.ahead() != "{":
        return ""
    start = cursor.tokens[cursor.at + 1].end
    stop = cursor.source.text.find("}", start)
    words = cursor.source.text[start:stop].strip().lower()
    return words if words == "i.e." else words.rstrip(",.:").strip()


def skip(cursor: Cursor) -> bool:
    """Pass over punctuation and the words between statements; is anything left?"""
    while cursor.token.kind != "end":
        if cursor.text in ENDS:
            cursor.next()
        elif cursor.text == "\\text" and word(cursor) in WORDS:
            cursor.next()
            cursor.braced()
        elif cursor.text == "\\text" and word(cursor) in _FOR:
            _clause(cursor)
        elif not _tag(cursor):
            return True
    return False


def ends_here(cursor: Cursor) -> bool:
    """Can an equation end here: at punctuation, before `where`, before the range of an index?"""
    if cursor.token.kind == "end" or cursor.text in ENDS:
        return True
    return cursor.text == "\\text" and (word(cursor) in WORDS or range_ahead(cursor))


def range_ahead(cursor: Cursor) -> bool:
    r"""Does `\text{for}` stand here, before the range of an index?"""
    if cursor.text != "\\text" or not word(cursor).startswith("for") or word(cursor) not in _FOR:
        return False
    place = cursor.at
    cursor.next()
    cursor.braced()
    try:
        return cursor.text != "\\forall" and bool(index_range(cursor))
    except InputError:
        return False
    finally:
        cursor.at = place


def condition_error(cursor: Cursor, shown: str, at: tuple[int, int]) -> InputError:
    """Return the error for a condition, under which alone the equation holds."""
    return cursor.error(
        f"a condition after the equation, {shown}, is not read",
        at=at,
        expected=r"\begin{cases} ... \end{cases}, an indicator [x > 0], or a range, \text{for } i = 1, \dots, m",
        hint="if it only says what the sentence around it says, move it out of the formula",
    )


def _clause(cursor: Cursor) -> None:
    r"""Take `\text{for }` before a range `i = 1, \dots, m`.

    Raises:
        InputError: a condition.
    """
    start, words = cursor.token.start, word(cursor)
    cursor.next()
    cursor.braced()
    place = cursor.at
    each = words in _EACH and _letters(cursor) and cursor.token.kind == "end"
    cursor.at = place
    if words.startswith("for") and index_range(cursor) is not None:
        cursor.at = place
        return
    if each:
        _letters(cursor)
        return
    raise condition_error(cursor, rf"\text{{{words}}} ...", (start, cursor.tokens[-1].end))


def _tag(cursor: Cursor) -> bool:
    r"""Take `(2)` or `(2.1a)` after a wide space at the end of a row: the number of the equation."""
    if cursor.at == 0 or cursor.tokens[cursor.at - 1].text not in WIDE:
        return False
    found = _TAG.match(cursor.source.text, cursor.token.start)
    place = cursor.at
    while found and cursor.token.kind != "end" and cursor.token.start < found.end():
        cursor.next()
    while found and cursor.accept(".", ","):
        pass
    if found is None or cursor.token.kind != "end":
        cursor.at = place
        return False
    return True


# ---------------------------------------------------------------- ranges


def index_range(cursor: Cursor) -> Counts | None:
    r"""Take `i = 1, \dots, m`, `1 \leq i \leq m` or `\forall i`: axes tell the length, this tells the first index.

    Returns None, and takes nothing, where something else stands.

    Raises:
        InputError: a range that does not start at 0 or 1, or `\forall` before something else.
    """
    place, start = cursor.at, cursor.token.start
    every = cursor.accept("\\forall")
    opened = not every and cursor.accept("(")
    found = _listed(cursor, every=every) or _compared(cursor)
    if found is not None and opened:
        found = found if cursor.accept(")") else None
    if found is not None and (cursor.token.kind == "end" or cursor.text in ENDS):
        return found
    if every:
        raise cursor.error(
            r"this \forall is not read: an equation that holds for some indices only",
            at=(start, cursor.tokens[-1].end),
            expected=r"\forall i, or \forall i = 1, \dots, m",
            hint="where it holds for some indices only, write an indicator, [i > 1], or cases",
        )
    cursor.at = place
    return None


def _letters(cursor: Cursor) -> list[str]:
    """Take `i` or `i, j`."""
    out: list[str] = []
    while cursor.token.kind == "letter":
        out.append(cursor.next().text)
        if cursor.text != "," or cursor.tokens[cursor.at + 1].kind != "letter":
            break
        cursor.next()
    return out


def _listed(cursor: Cursor, *, every: bool) -> Counts | None:
    r"""Take `i = 1, 2, \dots, m`, `i \in \{1, \dots, m\}`; after `\forall`, the letters alone."""
    place, start = cursor.at, cursor.token.start
    letters = _letters(cursor)
    if every and letters and (cursor.token.kind == "end" or cursor.text in ENDS):
        return tuple((x, -1) for x in letters)
    inside = cursor.text == "\\in" and cursor.ahead() == "\\{"
    first = cursor.tokens[cursor.at + 2 if inside else min(cursor.at + 1, len(cursor.tokens) - 1)]
    if letters and first.kind == "number" and (inside or cursor.text == "="):
        cursor.at += 3 if inside else 2
        while cursor.text == "," and cursor.ahead() != "\\dots" and cursor.tokens[cursor.at + 1].kind == "number":
            cursor.at += 2
        cursor.accept(",")
        if cursor.accept("\\dots"):
            cursor.accept(",")
            if first.text not in ("0", "1"):
                raise cursor.error(
                    f"a range that starts at {first.text} is not read",
                    at=(start, cursor.last_end),
                    expected=rf"{letters[0]} = 1, \dots, or {letters[0]} = 0, \dots",
                    hint=f"where the equation holds for some indices only, write an indicator: "
                    f"[{letters[0]} \\geq {first.text}]",
                )
            if _upper(cursor) and (not inside or cursor.accept("\\}")):
                return tuple((x, int(first.text)) for x in letters)
    cursor.at = place
    return None


def _compared(cursor: Cursor) -> Counts | None:
    r"""Take `1 \leq i \leq m`, `0 \leq i < m`, `1 \leq i, j \leq m`."""
    place, first = cursor.at, cursor.text
    if first in ("0", "1") and cursor.ahead() == "\\leq":
        cursor.at += 2
        letters = _letters(cursor)
        if letters and cursor.accept("\\leq", "<") and _upper(cursor):
            return tuple((x, int(first)) for x in letters)
    cursor.at = place
    return None


def _upper(cursor: Cursor) -> bool:
    """Take where a range ends: m, n - 1."""
    from gradproof.derive.latex.reader import expression

    if cursor.token.kind == "end" or cursor.text in ENDS:
        return False
    expression(cursor)
    return True
