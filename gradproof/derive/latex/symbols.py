r"""The head of a symbol: a letter, a Greek command, `\mathbf{x}`, `\hat{y}`, `\text{Loss}`; without subscripts."""

from __future__ import annotations

from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.names import ACCENTS, GREEK, accented, text_name
from gradproof.derive.latex.refusals import check_prose

_BOLD = ("\\mathbf", "\\boldsymbol", "\\vec")
_PLAIN = ("\\mathcal", "\\mathnormal")
STARTS = (*_BOLD, *_PLAIN, "\\text", *(f"\\{a}" for a in ACCENTS))


def starts_symbol(cursor: Cursor) -> bool:
    """Can a symbol begin here?"""
    token = cursor.token
    return token.kind == "letter" or token.text in STARTS or (token.text[:1] == "\\" and token.text[1:] in GREEK)


def head(cursor: Cursor) -> tuple[str, bool]:
    """Return the name and whether it is bold.

    Raises:
        InputError: no symbol stands here.
    """
    with cursor.nested():
        token = cursor.token
        if token.kind == "letter":
            return cursor.next().text, False
        if token.text in _BOLD:
            return _ones(cursor) or _inside(cursor)[0], True
        if token.text in _PLAIN:
            return _inside(cursor)
        if token.text == "\\text":
            return _upright(cursor)
        if token.text[1:] in ACCENTS:
            accent = token.text[1:]
            base, bold = _inside(cursor)
            return accented(base, accent), bold
        if token.text[:1] == "\\" and token.text[1:] in GREEK:
            return GREEK[cursor.next().text[1:]], False
        raise cursor.error(f"expected a symbol, found {cursor.found()}")


def _inside(cursor: Cursor) -> tuple[str, bool]:
    r"""Read the symbol inside `\hat{...}` or after `\hat`."""
    cursor.next()
    if not cursor.accept("{"):
        return head(cursor)
    if cursor.token.kind == "letter" and len(_run(cursor)) > 1:
        letters = _run(cursor)
        for _ in letters:
            cursor.next()
        name, bold = letters, False
    else:
        name, bold = head(cursor)
    cursor.expect("}", " after a single symbol")
    return name, bold


def _ones(cursor: Cursor) -> str:
    r"""Take `\mathbf{1}`, the vector of ones."""
    if [cursor.ahead(j) for j in (1, 2, 3)] == ["{", "1", "}"]:
        cursor.at += 4
        return "1"
    return ""


def bold_sign(cursor: Cursor) -> str:
    r"""Return "1" or "I" where `\mathbf{1}` or `\mathbf{I}` stands; nothing is taken."""
    inside = [cursor.ahead(j) for j in (1, 2, 3)]
    bold = cursor.token.kind == "command" and cursor.text in _BOLD
    return inside[1] if bold and inside[0] == "{" and inside[1] in ("1", "I") and inside[2] == "}" else ""


def _run(cursor: Cursor) -> str:
    r"""Return the letters up to a closing brace: `\mathbf{out}`, but nothing else may stand there."""
    run, by = "", 0
    while cursor.tokens[cursor.at + by].kind == "letter":
        run += cursor.ahead(by)
        by += 1
    return run if cursor.ahead(by) == "}" else ""


def _upright(cursor: Cursor) -> tuple[str, bool]:
    token = cursor.next()
    raw = cursor.braced() if cursor.text == "{" else cursor.next().text
    if raw.strip().startswith("\\") and raw.strip()[1:] in GREEK:
        return GREEK[raw.strip()[1:]], False
    check_prose(cursor, raw, (token.start, cursor.last_end))
    name = text_name(raw)
    if not name or name[0].isdigit():
        raise cursor.error(
            f"{raw.strip()!r} is no name", at=(token.start, cursor.last_end), expected="letters, such as \\text{Loss}"
        )
    return name, False
