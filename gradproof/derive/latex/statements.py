r"""A display -> its statements: equations, updates and declarations; several rows or several in one line."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradproof.derive.latex.clauses import COMPARISONS, ENDS, Counts, condition_error, ends_here, index_range, skip
from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.reader import expression
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.symbols import starts_symbol
from gradproof.derive.latex.tokens import ALIGNED, WIDE, Token, tokenize
from gradproof.derive.latex.tree import At, Member, Sym, Tree
from gradproof.errors import InputError

_ASSIGN = {"=": "=", ":=": ":=", "\\leftarrow": ":="}
#: What a row of a display may begin or end with where an equation goes on over the break.
_JOINTS = (
    "+", "-", "*", "/", "\\cdot", "\\times", "\\odot", "\\circ", "\\left", ")", "]", "}", "\\}", "|", "\\rvert",
    "\\rVert", "\\rangle", *_ASSIGN, *ENDS, *COMPARISONS, "\\text",
)  # fmt: skip
_OPEN = ("(", "[", "{", "\\{", "\\lvert", "\\lVert", "\\langle")
_CLOSE = (")", "]", "}", "\\}", "\\rvert", "\\rVert", "\\rangle")


@dataclass(frozen=True, slots=True)
class Statement:
    """`left = right` (op "="), `left := right` (op ":="), or a declaration (op "in", left is a Member).

    `counts`: index letters whose first value is written beside the equation; `more`: what follows in a chain,
    `left = right = more[0] = ...`.
    """

    op: str
    left: Tree
    right: Tree
    at: At
    counts: Counts = ()
    more: tuple[Tree, ...] = ()


def statements(source: Source, *places: At) -> tuple[Statement, ...]:
    """Return the statements of a display, or of several of which each goes on with the one before.

    Raises:
        InputError: what cannot be read, with its place.
    """
    parts = [tokenize(source, start, end) for start, end in places]
    return read_tokens(source, (*(t for part in parts[:-1] for t in part[:-1]), *parts[-1]))


def read_tokens(source: Source, tokens: tuple[Token, ...]) -> tuple[Statement, ...]:
    """Return the statements that the tokens of a display make."""
    out: list[Statement] = []
    for row in _rows(source, tokens):
        cursor, first, ranges = Cursor(source, row), len(out), list[tuple[str, int]]()
        while skip(cursor):
            place = (cursor.token.start, cursor.token.end)
            found = index_range(cursor)
            if found is None:
                out.append(_statement(cursor))
            else:
                ranges += [r for r in found if r[1] >= 0]
                _check_ranges(cursor, ranges, place)
        # a range in a row of its own is about the whole display
        about = range(first if first < len(out) else 0, len(out))
        for j in about:
            out[j] = replace(out[j], counts=(*out[j].counts, *ranges))
    if not out:
        where = source.span(tokens[0].start, tokens[-1].end)
        raise InputError("an empty display", where=where, expected="an equation")
    return tuple(out)


def _check_ranges(cursor: Cursor, ranges: list[tuple[str, int]], at: At) -> None:
    for letter, base in ranges:
        if (letter, 1 - base) in ranges:
            raise cursor.error(f"{letter} counts from 0 and from 1 here", at=at, expected="one range for an index")


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
    return [(*row, _end(row, tokens[-1])) for row in _joined(source, [r for r in rows if r])]


def _end(row: list[Token], last: Token) -> Token:
    return Token("end", "", row[-1].end, row[-1].end) if row else last


def _joined(source: Source, rows: list[list[Token]]) -> list[list[Token]]:
    r"""Join a row to the one before that it goes on with; `\quad` at the break is only room."""
    out: list[list[Token]] = []
    for row in rows:
        body = _trimmed(row)
        relation = _has_relation(row)
        if not out or not body or (relation and body[0].text not in _ASSIGN):
            out.append(row)
            continue
        before = _trimmed(out[-1])
        if before:
            _check_break(source, before, body)
        out[-1] = [*before, *body]
    return out


def _has_relation(row: list[Token]) -> bool:
    """Does an equals sign stand in the row, other than below a sum?"""
    depth = 0
    for token in row:
        depth += (token.text == "{") - (token.text == "}")
        if depth <= 0 and token.text in (*_ASSIGN, "\\in"):
            return True
    return False


def _trimmed(row: list[Token]) -> list[Token]:
    kept = [j for j, t in enumerate(row) if t.text not in WIDE]
    return row[kept[0] : kept[-1] + 1] if kept else []


def _check_break(source: Source, before: list[Token], row: list[Token]) -> None:
    """`a` in one row and `b` in the next are no product, unless a group is open or an operator stands there."""
    depth = sum((t.text in _OPEN) - (t.text in _CLOSE) for t in before)
    if depth > 0 or before[-1].text in _JOINTS[:8] or before[-1].text in _ASSIGN or row[0].text in _JOINTS:
        return
    raise InputError(
        "does this row go on with the one before, as a factor?",
        where=source.span(row[0].start, row[-1].end),
        expected=r"an operator at the break (+, -, \cdot), or an equation of its own in each row",
    )


def _environment(source: Source, tokens: tuple[Token, ...], at: int) -> tuple[str, int]:
    r"""Return the name of `\begin{name}` and the place after it (and after a column specification)."""
    cursor = Cursor(source, tokens)
    cursor.at = at + 1
    name = cursor.braced()
    if tokens[at].text == "\\begin" and name in ("array", "alignedat") and cursor.text == "{":
        cursor.braced()
    return name, cursor.at


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
    more: list[Tree] = []
    while cursor.token.kind != "end" and cursor.text in _ASSIGN:
        if op != "=" or _ASSIGN[cursor.text] != "=":
            raise cursor.error("an update in a chain of equalities", expected="an update by itself, w := ...")
        cursor.next()
        more.append(expression(cursor))
    _finished(cursor)
    return Statement(op, left, right, (start, cursor.last_end), more=tuple(more))


def _finished(cursor: Cursor) -> None:
    if ends_here(cursor):
        return
    raise cursor.error(
        f"{cursor.found()} is not understood here", expected="the end of the equation, an operator or a factor"
    )


def _no_relation(cursor: Cursor, left: Tree) -> InputError:
    if cursor.text in COMPARISONS and cursor.token.kind != "end":
        place = (left.at[0], cursor.tokens[-1].end)
        return condition_error(cursor, cursor.source.text[place[0] : place[1]].strip(" .,"), place)
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
