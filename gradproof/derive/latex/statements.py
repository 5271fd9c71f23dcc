r"""A display -> its statements: equations, updates and declarations; several rows or several in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.reader import expression
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.symbols import starts_symbol
from gradproof.derive.latex.tokens import WIDE, Token, tokenize
from gradproof.derive.latex.tree import At, Member, Sym, Tree
from gradproof.errors import InputError, NotYet

ALIGNED = (
    "aligned", "align", "align*", "split", "gathered", "gather", "gather*", "equation", "equation*", "eqnarray",
    "eqnarray*", "array", "multline", "multline*", "alignedat",
)  # fmt: skip
_ASSIGN = {"=": "=", ":=": ":=", "\\leftarrow": ":="}
_WORDS = ("where", "with", "and", "so", "then", "hence", "thus", "i.e.")
#: Words before a range, or before a condition, which is not read.
_FOR = ("for", "for all", "for each", "for every", "if", "when", "whenever", "unless", "or", "otherwise")
_TAG = re.compile(r"\(\d+(?:\.\d+)*[a-z]?\)")
_ENDS = (",", ";", ".", *WIDE)


@dataclass(frozen=True, slots=True)
class Statement:
    """`left = right` (op "="), `left := right` (op ":="), or a declaration (op "in", left is a Member)."""

    op: str
    left: Tree
    right: Tree
    at: At


def statements(source: Source, start: int, end: int) -> tuple[Statement, ...]:
    """Return the statements of a display.

    Raises:
        InputError: what cannot be read, with its place.
    """
    return read_tokens(source, tokenize(source, start, end))


def read_tokens(source: Source, tokens: tuple[Token, ...]) -> tuple[Statement, ...]:
    """Return the statements that the tokens of a display make."""
    out: list[Statement] = []
    for row in _rows(source, tokens):
        cursor = Cursor(source, row)
        while _skip(cursor):
            if _range(cursor):
                continue
            out.append(_statement(cursor))
    if not out:
        where = source.span(tokens[0].start, tokens[-1].end)
        raise InputError("an empty display", where=where, expected="an equation")
    return tuple(out)


def _rows(source: Source, tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    r"""Split at `\\` outside inner environments; a row without a relation goes on with the row before it."""
    rows: list[list[Token]] = [[]]
    inner, at = 0, 0
    while at < len(tokens):
        token = tokens[at]
        if token.text in ("\\begin", "\\end"):
            name, at_after = _environment(source, tokens, at)
            if name in ALIGNED:
                at = at_after
                rows.append([])
                continue
            inner += 1 if token.text == "\\begin" else -1
        if inner == 0 and token.kind == "newline":
            rows.append([])
        elif not (inner == 0 and token.text == "&") and token.kind != "end":
            rows[-1].append(token)
        at += 1
    return [(*row, _end(row, tokens[-1])) for row in _joined([r for r in rows if r])]


def _end(row: list[Token], last: Token) -> Token:
    return Token("end", "", row[-1].end, row[-1].end) if row else last


def _joined(rows: list[list[Token]]) -> list[list[Token]]:
    out: list[list[Token]] = []
    for row in rows:
        relation = any(t.text in (*_ASSIGN, "\\in") for t in row)
        if out and (not relation or row[0].text in _ASSIGN):
            out[-1] = [*out[-1], *row]
        else:
            out.append(row)
    return out


def _environment(source: Source, tokens: tuple[Token, ...], at: int) -> tuple[str, int]:
    r"""Return the name of `\begin{name}` and the place after it (and after a column specification)."""
    cursor = Cursor(source, tokens)
    cursor.at = at + 1
    name = cursor.braced()
    if tokens[at].text == "\\begin" and name in ("array", "alignedat") and cursor.text == "{":
        cursor.braced()
    return name, cursor.at


def _skip(cursor: Cursor) -> bool:
    """Pass over punctuation and the words between statements; is anything left?"""
    while cursor.token.kind != "end":
        if cursor.text in _ENDS:
            cursor.next()
        elif cursor.text == "\\text" and _word(cursor) in _WORDS:
            cursor.next()
            cursor.braced()
        elif cursor.text == "\\text" and _word(cursor) in _FOR:
            _clause(cursor)
        elif not _tag(cursor):
            return True
    return False


def _clause(cursor: Cursor) -> None:
    r"""Take `\text{for }` before a range `i = 1, \dots, m`.

    Raises:
        InputError: a condition, under which alone the equation holds.
    """
    start, word = cursor.token.start, _word(cursor)
    cursor.next()
    cursor.braced()
    place = cursor.at
    if word.startswith("for") and _range(cursor):
        cursor.at = place
        return
    raise cursor.error(
        rf"a condition after the equation, \text{{{word}}} ..., is not read",
        at=(start, cursor.tokens[-1].end),
        expected=r"\begin{cases} ... \end{cases}, an indicator [x > 0], or a range, \text{for } i = 1, \dots, m",
        hint="if it only says what the sentence around it says, move it out of the formula",
    )


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


def _range(cursor: Cursor) -> bool:
    r"""Pass over `i = 1, \dots, m`, which says again what the axes say."""
    if cursor.accept("\\forall"):
        while cursor.token.kind != "end" and cursor.text not in _ENDS:
            cursor.next()
        return True
    t = [cursor.ahead(j) if j else cursor.text for j in range(6)]
    if cursor.token.kind != "letter" or t[1] != "=" or t[2] not in ("0", "1") or t[3:6] != [",", "\\dots", ","]:
        return False
    cursor.at += 6
    while cursor.token.kind != "end" and cursor.text not in _ENDS:
        cursor.next()
    return True


def _word(cursor: Cursor) -> str:
    r"""Return the words of `\text{...}` in lower case, without punctuation."""
    if cursor.ahead() != "{":
        return ""
    start = cursor.tokens[cursor.at + 1].end
    stop = cursor.source.text.find("}", start)
    words = cursor.source.text[start:stop].strip().lower()
    return words if words == "i.e." else words.rstrip(",.:").strip()


def _statement(cursor: Cursor) -> Statement:
    member = _member(cursor)
    if member is not None:
        return Statement("in", member, member, member.at)
    start = cursor.token.start
    run = _letters_before_relation(cursor)
    if run:
        raise cursor.error(
            f"`{run}` reads as a product of {len(run)} letters",
            at=(start, start + len(run)),
            expected=rf"\text{{{run}}}, if it is one name",
        )
    left = expression(cursor)
    if cursor.token.kind == "end" or cursor.text not in _ASSIGN:
        raise _no_relation(cursor, left)
    op = _ASSIGN[cursor.next().text]
    right = expression(cursor)
    if cursor.token.kind != "end" and cursor.text in _ASSIGN:
        raise NotYet(
            "a chain of equalities a = b = c is not read yet",
            where=cursor.source.span(cursor.token.start, cursor.token.end),
            expected="one equals sign in an equation",
            hint="write it as two equations, or leave out the middle",
        )
    _finished(cursor)
    return Statement(op, left, right, (start, cursor.last_end))


def _finished(cursor: Cursor) -> None:
    if cursor.token.kind == "end" or cursor.text in _ENDS or (cursor.text == "\\text" and _word(cursor) in _WORDS):
        return
    raise cursor.error(
        f"{cursor.found()} is not understood here", expected="the end of the equation, an operator or a factor"
    )


def _no_relation(cursor: Cursor, left: Tree) -> InputError:
    if cursor.token.kind == "end":
        return cursor.error("no equals sign", at=left.at, expected="an equation: name = expression")
    return cursor.error(
        f"{cursor.found()} is not understood here", expected="an equals sign, `:=`, an operator or a factor"
    )


def _letters_before_relation(cursor: Cursor) -> str:
    """Return a run of adjacent letters such as MSE that makes up the left side (before any argument)."""
    run, by = "", 0
    while cursor.tokens[cursor.at + by].kind == "letter" and (by == 0 or _adjacent(cursor, by)):
        run += cursor.ahead(by) if by else cursor.text
        by += 1
    return run if len(run) > 1 and cursor.ahead(by) in (*_ASSIGN, "(") else ""


def _adjacent(cursor: Cursor, by: int) -> bool:
    return cursor.tokens[cursor.at + by].start == cursor.tokens[cursor.at + by - 1].end


def _member(cursor: Cursor) -> Member | None:
    r"""Read `w, v \in \mathbb{R}^{d \times C}`; take nothing and return None where it is something else."""
    from gradproof.derive.latex import postfix

    place, start, names = cursor.at, cursor.token.start, list[Sym]()
    while starts_symbol(cursor):
        try:
            names.append(postfix.symbol(cursor))
        except InputError:
            break
        if cursor.text == "\\in" and cursor.token.kind != "end":
            cursor.next()
            return Member(tuple(names), _real_space(cursor), (start, cursor.last_end))
        if not cursor.accept(","):
            break
    cursor.at = place
    return None


def _real_space(cursor: Cursor) -> tuple[Tree, ...]:
    if cursor.text == "\\mathbb{R}":
        cursor.next()
    elif cursor.accept("\\mathbb"):
        letter = cursor.braced() if cursor.text == "{" else cursor.next().text
        if letter.strip() != "R":
            raise cursor.error(f"the set `{letter.strip()}` is not read", expected=r"\mathbb{R}^{m \times n}")
    elif not cursor.accept("R"):
        raise cursor.error(f"the set {cursor.found()} is not read", expected=r"\mathbb{R}^{m \times n}")
    if not cursor.accept("^"):
        return ()
    return sizes(cursor)


def sizes(cursor: Cursor) -> tuple[Tree, ...]:
    r"""Read the sizes after `\mathbb{R}^`: `n`, `{d \times C}`, `{2n}`."""
    from gradproof.derive.latex.special import argument
    from gradproof.derive.latex.tree import Mul

    inside = argument(cursor)
    if not isinstance(inside, Mul):
        return (inside,)
    groups: list[list[tuple[str, Tree]]] = [[]]
    for op, f in inside.factors:
        if op == "times" or (isinstance(f, Sym) and f.name == "x" and op == ""):
            groups.append([])
            if op == "times":
                groups[-1].append(("", f))
        else:
            groups[-1].append((op if groups[-1] else "", f))
    if any(not g for g in groups):
        raise cursor.error("a size is missing", at=inside.at, expected=r"\mathbb{R}^{m \times n}")
    return tuple(g[0][1] if len(g) == 1 else Mul(tuple(g), inside.at) for g in groups)
