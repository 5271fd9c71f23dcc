r"""Derivatives as pages write them: `\frac{\partial L}{\partial w}`, `\frac{d}{dx} ...`, `\nabla_w J`, `dL/dw`."""

from __future__ import annotations

from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.symbols import starts_symbol
from gradproof.derive.latex.tree import Applied, Derivative, Mul, Num, Paren, Power, Sym, Transpose, Tree
from gradproof.errors import InputError

_LIKE = r"\frac{\partial L}{\partial w}"
#: A derivative of a higher order is not on any page.
MAX_ORDER = 4


def fraction(cursor: Cursor, start: int) -> Tree | None:
    r"""Read the derivative after `\frac`; take nothing and return None where it is a quotient."""
    if cursor.text == "{" and cursor.ahead() == "\\partial":
        return _fraction(cursor, start, "partial")
    if cursor.text != "{" or not _differential(cursor, 1):
        return None
    place = cursor.at
    try:
        return _fraction(cursor, start, "d")
    except InputError:
        cursor.at = place
        return None


def _differential(cursor: Cursor, by: int = 0) -> int:
    r"""Return how many tokens the d of a differential takes: `d` and `\partial` 1, `\mathrm{d}` 4, none 0."""
    if cursor.ahead(by) in ("d", "\\partial"):
        return 1
    upright = [cursor.ahead(by + j) for j in range(4)] == ["\\text", "{", "d", "}"]
    return 4 if upright else 0


def _take(cursor: Cursor) -> None:
    width = _differential(cursor)
    if not width:
        raise cursor.error(rf"expected `\partial`, found {cursor.found()}", expected=_LIKE)
    cursor.at += width


def _order(cursor: Cursor) -> int:
    """Read the order `^2` after a d, 1 if none stands there."""
    from gradproof.derive.latex.special import argument

    if not cursor.accept("^"):
        return 1
    order = argument(cursor)
    if not isinstance(order, Num) or not order.text.isdigit() or not 1 <= int(order.text) <= MAX_ORDER:
        raise cursor.error("the order of a derivative", at=order.at, expected=rf"a number, 1 to {MAX_ORDER}")
    return int(order.text)


def _fraction(cursor: Cursor, start: int, sign: str) -> Tree:
    from gradproof.derive.latex.reader import expression, factor

    cursor.expect("{")
    _take(cursor)
    order, of = _order(cursor), None
    if cursor.text != "}":
        of = expression(cursor) if sign == "partial" else factor(cursor)
    cursor.expect("}")
    cursor.expect("{")
    by: list[Tree] = []
    while cursor.text != "}":
        _take(cursor)
        by += _variable(cursor)
    cursor.expect("}")
    if len(by) != order:
        raise cursor.error(
            f"a derivative of order {order}, but {len(by)} variables below",
            at=(start, cursor.last_end),
            expected=r"\frac{\partial^2 L}{\partial w^2} or \frac{\partial^2 L}{\partial u \partial v}",
        )
    return nested(of if of is not None else operand(cursor), by, (start, cursor.last_end), sign)


def _variable(cursor: Cursor) -> list[Tree]:
    r"""Read `w_j`, `w^2` (twice the same), `\mathbf{w}^\top`."""
    from gradproof.derive.latex.postfix import powers, symbol

    if not starts_symbol(cursor):
        raise cursor.error("a derivative with respect to what?", expected=_LIKE)
    found = powers(cursor, symbol(cursor))
    if isinstance(found, Power) and isinstance(found.exponent, Num) and found.exponent.text in ("2", "3", "4"):
        return [found.base] * int(found.exponent.text)
    return [found.base if isinstance(found, Transpose) else found]


def nested(of: Tree, by: list[Tree], at: tuple[int, int], sign: str) -> Tree:
    r"""Return the derivatives of one another: the variable that stands last is the first to be taken."""
    for variable in reversed(by):
        of = Derivative(of, variable, at, sign)
    return of


def operand(cursor: Cursor) -> Tree:
    r"""Read what `\frac{d}{dx}` or `\nabla_x` is applied to: a group, or the factors up to the next plus or minus.

    Raises:
        InputError: how far it reaches is not clear.
    """
    from gradproof.derive.latex.reader import factor, starts_factor

    if not starts_factor(cursor):
        raise cursor.error("a derivative of what?", expected=_LIKE)
    start = cursor.token.start
    factors: list[tuple[str, Tree]] = [("", factor(cursor))]
    if isinstance(factors[0][1], Paren | Applied):
        return factors[0][1]
    while starts_factor(cursor):
        factors.append(("", factor(cursor)))
    if len(factors) == 1:
        return factors[0][1]
    if cursor.token.kind != "end" and cursor.text in ("\\cdot", "\\times", "\\odot", "*", "/"):
        raise cursor.error(
            "how far the derivative reaches is not clear: to this sign, or beyond it?",
            expected=r"\frac{d}{dx} \left( ... \right)",
        )
    return Mul(tuple(factors), (start, cursor.last_end))


def nabla(cursor: Cursor) -> Tree:
    r"""Read `\nabla_w L`, `\nabla_{\mathbf{w}} L(w)`, `\nabla L(w)`, `\nabla^2_w L`."""
    from gradproof.derive.latex.postfix import unwrap
    from gradproof.derive.latex.special import argument

    start = cursor.next().start
    order = _order(cursor)
    by: Tree | None = None
    if cursor.accept("_"):
        by = unwrap(argument(cursor) if cursor.text != "{" else _braced(cursor))
        order = _order(cursor) if order == 1 else order
    of = operand(cursor)
    by = by if by is not None else _only_argument(of)
    if by is None:
        raise cursor.error("the gradient with respect to what?", at=(start, cursor.last_end), expected=r"\nabla_w L")
    return nested(of, [by] * order, (start, cursor.last_end), "nabla")


def _braced(cursor: Cursor) -> Tree:
    from gradproof.derive.latex.reader import brace

    return brace(cursor)


def _only_argument(of: Tree) -> Tree | None:
    """Return x of f(x)."""
    items = of.group.items if isinstance(of, Applied) else ()
    return items[0] if len(items) == 1 and isinstance(items[0], Sym) else None


def slashed(cursor: Cursor) -> Tree:
    r"""Read `\partial L / \partial w_j`."""
    from gradproof.derive.latex.reader import factor

    start, sign = cursor.token.start, "partial" if cursor.text == "\\partial" else "d"
    _take(cursor)
    order = _order(cursor)
    of = factor(cursor)
    cursor.expect("/", " in a derivative on one line")
    _take(cursor)
    by = _variable(cursor)
    if len(by) != order:
        raise cursor.error(
            f"a derivative of order {order}, but {len(by)} variables", at=(start, cursor.last_end), expected=_LIKE
        )
    return nested(of, by, (start, cursor.last_end), sign)


def differential_quotient(cursor: Cursor) -> Tree | None:
    r"""Read `dL/dw`, letters side by side; take nothing and return None where it is something else."""
    if cursor.text != "d" or not _touching(cursor):
        return None
    place = cursor.at
    try:
        found = slashed(cursor)
    except InputError:
        found = None
    written = found is not None and "/d" in cursor.source.text[found.at[0] : found.at[1]].replace(" ", "")
    if not written:
        cursor.at = place
    return found if written else None


def _touching(cursor: Cursor) -> bool:
    after = cursor.tokens[min(cursor.at + 1, len(cursor.tokens) - 1)]
    return after.kind in ("letter", "command") and after.start == cursor.token.end and after.text != "\\partial"
