r"""Commands with arguments of their own: fractions, derivatives, roots, indicators, bars."""

from __future__ import annotations

from gradproof.derive.latex import derivatives
from gradproof.derive.latex.big import cases
from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.symbols import head
from gradproof.derive.latex.tree import Frac, Func, Indicator, Inner, Norm, Num, Paren, Relation, Sym, Tree

BARS = ("|", "\\lvert", "\\lVert", "\\|")


def argument(cursor: Cursor) -> Tree:
    r"""Read the argument of `\frac` or `\sqrt`: a brace, or one digit or symbol."""
    from gradproof.derive.latex.reader import brace

    if cursor.text == "{" and cursor.token.kind != "end":
        inside = brace(cursor)
        return inside.items[0] if isinstance(inside, Paren) else inside
    token = cursor.token
    if token.kind == "number":
        if len(token.text) > 1:
            raise cursor.error(rf"`{token.text}` without braces: \frac12 means 1/2", expected=r"\frac{...}{...}")
        cursor.next()
        return Num(token.text, (token.start, token.end))
    name_start = token.start
    name, bold = head(cursor)
    return Sym(name, bold, (), "", 0, (name_start, cursor.last_end))


def _fraction(cursor: Cursor) -> Tree:
    start = cursor.next().start
    both = cursor.token
    if both.kind == "number" and len(both.text) == 2 and both.text.isdigit():
        cursor.next()
        digits = [Num(d, (both.start + j, both.start + j + 1)) for j, d in enumerate(both.text)]
        return Frac(digits[0], digits[1], (start, both.end))
    found = derivatives.fraction(cursor, start)
    if found is not None:
        return found
    num = argument(cursor)
    den = argument(cursor)
    return Frac(num, den, (start, cursor.last_end))


def _root(cursor: Cursor) -> Tree:
    start = cursor.next().start
    if cursor.text == "[":
        raise cursor.error("only square roots are read", expected=r"\sqrt{x}, or x^{1/3}")
    return Func("sqrt", (argument(cursor),), (start, cursor.last_end))


def _floor(cursor: Cursor) -> Tree:
    from gradproof.derive.latex.reader import expression

    start = cursor.next().start
    with cursor.nested():
        body = expression(cursor)
    cursor.expect("\\rfloor")
    return Func("floor", (body,), (start, cursor.last_end))


def _blackboard(cursor: Cursor) -> Tree:
    start = cursor.next().start
    letter = cursor.braced() if cursor.text == "{" else cursor.next().text
    if letter.strip() in ("E", "V", "P"):
        raise cursor.error(
            rf"`\mathbb{{{letter.strip()}}}` is not understood here: expectations and probabilities are not read",
            at=(start, cursor.last_end),
            expected=r"the mean of a sample, \frac{1}{m} \sum_{i=1}^{m} x_i",
        )
    if letter.strip() not in ("1", "I"):
        raise cursor.error(
            rf"`\mathbb{{{letter.strip()}}}` is not understood here",
            at=(start, cursor.last_end),
            expected=r"\mathbb{1}[z > 0], or a declaration x \in \mathbb{R}^{n}",
        )
    return indicator(cursor, start)


def indicator(cursor: Cursor, start: int) -> Tree:
    r"""Read what follows the sign of an indicator: `[z > 0]`, `\{z > 0\}`, `_{z > 0}`, `_{\{z > 0\}}`."""
    from gradproof.derive.latex.reader import GROUPS, condition

    below = cursor.accept("_")
    closing = {**GROUPS, "{": "}"}.get(cursor.text, "") if cursor.token.kind != "end" else ""
    if not closing or (below and closing != "}") or (not below and closing == "}"):
        raise cursor.error("an indicator of what?", expected=r"\mathbb{1}[z > 0]")
    cursor.next()
    found = [condition(cursor)]
    while cursor.accept(","):
        found.append(condition(cursor))
    if cursor.text == "\\in":
        raise cursor.error("an indicator of a set is not read", expected=r"a comparison, \mathbb{1}[z > 0]")
    cursor.expect(closing)
    if below and len(found) == 1 and isinstance(found[0], Indicator):
        found = list(found[0].conditions)
    if not all(isinstance(c, Relation) for c in found):
        raise cursor.error(
            "an indicator needs a comparison", at=(start, cursor.last_end), expected=r"\mathbb{1}[z > 0]"
        )
    return Indicator(tuple(found), (start, cursor.last_end))


def bars(cursor: Cursor) -> Tree:
    """Read |a|, or a norm between double bars."""
    opening = cursor.next()
    closing = {"|": "|", "\\lvert": "\\rvert", "\\lVert": "\\rVert", "\\|": "\\|"}[opening.text]
    if opening.text == "|" and cursor.text == "|":
        cursor.next()
        return _norm(cursor, opening.start, "|", "|")
    if closing in ("\\rVert", "\\|"):
        return _norm(cursor, opening.start, closing)
    body = _until_bar(cursor, closing)
    if cursor.text != closing and cursor.text in (")", "]"):
        raise cursor.error(
            f"this bar is not closed: expected `{closing}`, found {cursor.found()}",
            at=(opening.start, opening.end),
            expected="|x| for the absolute value",
            hint="conditions after a bar, p(y | x), are not read: give the probability a name, p_i",
        )
    cursor.expect(closing)
    return Func("abs", (body,), (opening.start, cursor.last_end))


def _until_bar(cursor: Cursor, closing: str) -> Tree:
    from gradproof.derive.latex.reader import expression

    with cursor.nested():
        cursor.bars = 1 if closing in ("|", "\\|") else 0
        return expression(cursor)


def _norm(cursor: Cursor, start: int, *closing: str) -> Tree:
    body = _until_bar(cursor, closing[0])
    for c in closing:
        cursor.expect(c)
    order = None
    if cursor.accept("_"):
        if cursor.text == "\\infty" or (cursor.text == "{" and cursor.ahead() == "\\infty"):
            raise cursor.error(
                "the norm of order infinity is not read", at=(start, cursor.last_end), expected=r"\max_i |x_i|"
            )
        order = argument(cursor)
    return Norm(body, order, (start, cursor.last_end))


def _inner(cursor: Cursor) -> Tree:
    r"""Read `\langle a, b \rangle`, the inner product; between matrices `_F` may stand below it."""
    from gradproof.derive.latex.reader import expression

    start = cursor.next().start
    with cursor.nested():
        left = expression(cursor)
        if cursor.text == "\\rangle":
            raise cursor.error(
                "an average in angle brackets is not read",
                at=(start, cursor.token.end),
                expected=r"\langle u, x \rangle for the inner product, \frac{1}{m} \sum_{i=1}^{m} x_i for the mean",
            )
        cursor.expect(",")
        right = expression(cursor)
    cursor.expect("\\rangle")
    if cursor.accept("_") and not (isinstance(below := argument(cursor), Sym) and below.name == "F"):
        raise cursor.error(
            "an inner product with a weight is not read", at=(start, cursor.last_end), expected=r"x^\top M y"
        )
    return Inner(left, right, (start, cursor.last_end))


SPECIAL = {
    "\\frac": _fraction,
    "\\sqrt": _root,
    "\\mathbb": _blackboard,
    "\\nabla": derivatives.nabla,
    "\\partial": derivatives.slashed,
    "\\begin": cases,
    "\\lfloor": _floor,
    "\\langle": _inner,
}
