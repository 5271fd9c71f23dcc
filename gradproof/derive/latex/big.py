r"""Big operators `\sum_{i=1}^{m}`, `\max_k`, `\max(a, b)`, and `\begin{cases}`."""

from __future__ import annotations

from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.tree import Big, Cases, Func, Indicator, Mul, Num, Relation, Sym, Tree

BIG = {"\\sum": "sum", "\\prod": "prod", "\\max": "max", "\\min": "min"}
_OTHERWISE = ("otherwise", "else", "otherwise_", "default")


def big(cursor: Cursor) -> Tree:
    r"""Read a big operator; its body reaches as far as a product does. `\max(a, b)` is a function."""
    from gradproof.derive.latex.reader import group

    token = cursor.next()
    op = BIG[token.text]
    if op in ("max", "min") and cursor.text in ("(", "\\{", "["):
        inside = group(cursor)
        if isinstance(inside, Indicator) or len(inside.items) < 2:
            raise cursor.error(
                f"{token.text} over what?", at=(token.start, cursor.last_end), expected=rf"\{op}(a, b) or \{op}_k z_k"
            )
        from gradproof.derive.latex import postfix

        return postfix.powers(cursor, Func(op, inside.items, (token.start, cursor.last_end)))
    lower, upper = _limits(cursor)
    if not lower:
        raise cursor.error(
            f"{token.text} over which index?",
            at=(token.start, token.end),
            expected=rf"{token.text}_{{i=1}}^{{m}} or {token.text}_i",
        )
    return Big(op, lower, upper, _body(cursor), (token.start, cursor.last_end))


def _body(cursor: Cursor) -> Tree:
    from gradproof.derive.latex.reader import product
    from gradproof.derive.latex.tree import Add

    start = cursor.token.start
    negative = cursor.accept("-")
    body = product(cursor)
    return Add((("-", body),), (start, cursor.last_end)) if negative else body


def _limits(cursor: Cursor) -> tuple[tuple[Tree, ...], Tree | None]:
    from gradproof.derive.latex.special import argument

    lower: tuple[Tree, ...] = ()
    upper: Tree | None = None
    while cursor.text in ("_", "^") and cursor.token.kind != "end":
        if cursor.next().text == "_":
            lower = _lower(cursor)
        else:
            upper = argument(cursor)
    return lower, upper


def _lower(cursor: Cursor) -> tuple[Tree, ...]:
    from gradproof.derive.latex.reader import condition
    from gradproof.derive.latex.special import argument

    if not cursor.accept("{"):
        return (argument(cursor),)
    items = []
    with cursor.nested():
        while True:
            items.append(condition(cursor))
            if cursor.text == "\\in":
                raise cursor.error("a sum over a set is not read", expected=r"\sum_{i=1}^{m} or \sum_i")
            if not cursor.accept(",", ":"):
                break
    cursor.expect("}")
    return _shared(tuple(x for item in items for x in _apart(item)))


def _apart(item: Tree) -> tuple[Tree, ...]:
    r"""Take `\sum_{ij}` apart: letters side by side are indices, as they are below a symbol."""
    if isinstance(item, Mul) and all(op == "" and isinstance(f, Sym) and not f.subs for op, f in item.factors):
        return tuple(f for _, f in item.factors)
    return (item,)


def _shared(items: tuple[Tree, ...]) -> tuple[Tree, ...]:
    r"""Give each of `1 \leq i, j \leq n` both limits, which are written once."""
    first, last = items[0], items[-1]
    if len(items) < 2 or not isinstance(first, Relation) or not isinstance(last, Relation):
        return items
    letters = (first.operands[-1], *items[1:-1], last.operands[0])
    plain = all(isinstance(x, Sym) and not x.subs for x in letters)
    if not (plain and isinstance(first.operands[0], Num) and len(first.ops) == len(last.ops) == 1):
        return items
    if first.ops != ("<=",) or last.ops[0] not in ("<", "<="):
        return items
    return tuple(
        Relation((first.operands[0], x, last.operands[1]), (*first.ops, *last.ops), (first.at[0], last.at[1]))
        for x in letters
    )


def cases(cursor: Cursor) -> Tree:
    r"""Read `\begin{cases} a & c \\ b & \text{otherwise} \end{cases}`."""
    start = cursor.next().start
    name = cursor.braced()
    if name not in ("cases", "dcases"):
        raise cursor.error(
            rf"`\begin{{{name}}}` is not understood here",
            at=(start, cursor.last_end),
            expected=r"\begin{cases} or \begin{aligned}",
        )
    rows: list[tuple[Tree, Tree | None]] = []
    with cursor.nested():
        while cursor.text != "\\end":
            rows.append(_row(cursor))
            if not cursor.accept("\\\\"):
                break
    cursor.expect("\\end")
    cursor.braced()
    return Cases(tuple(rows), (start, cursor.last_end))


def _row(cursor: Cursor) -> tuple[Tree, Tree | None]:
    from gradproof.derive.latex.reader import condition, expression

    value = expression(cursor)
    cursor.accept(",")
    cursor.expect("&", " before the condition")
    if cursor.text == "\\text":
        place = cursor.at
        cursor.next()
        word = cursor.braced().strip().rstrip(",.").lower()
        if word in _OTHERWISE:
            return value, None
        if word not in ("if", "for", "when", "where"):
            cursor.at = place
    test = condition(cursor)
    cursor.accept(",", ".", ";")
    if not isinstance(test, Relation):
        raise cursor.error("expected a condition such as z > 0", at=test.at, expected=r"z > 0, or \text{otherwise}")
    return value, test
