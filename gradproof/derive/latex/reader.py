"""LaTeX mathematics -> the LaTeX tree: expressions, by recursive descent with bounded depth and width."""

from __future__ import annotations

from gradproof.derive.latex import postfix
from gradproof.derive.latex.big import BIG, big, cases
from gradproof.derive.latex.cursor import MAX_WIDTH, Cursor
from gradproof.derive.latex.symbols import starts_symbol
from gradproof.derive.latex.tree import (
    Add,
    Applied,
    Derivative,
    Frac,
    Func,
    Indicator,
    Mul,
    Norm,
    Num,
    Paren,
    Power,
    Relation,
    Sym,
    Tree,
)

#: commands that are functions, and their names in the notation
FUNCTIONS = {
    "\\log": "log", "\\exp": "exp", "\\sin": "sin", "\\cos": "cos", "\\tan": "tan", "\\tanh": "tanh", "\\sinh": "sinh",
    "\\cosh": "cosh", "\\arctan": "arctan",
}  # fmt: skip
#: words in \text or \operatorname that name a function of the notation, unless the page defines them
WORDS = {
    "relu": "relu", "ReLU": "relu", "sigmoid": "sigmoid", "softplus": "softplus", "sign": "sign", "sgn": "sign", "erf": "erf",
    "log1p": "log1p", "expm1": "expm1", "floor": "floor", "abs": "abs", "exp": "exp", "log": "log", "tanh": "tanh", "sqrt": "sqrt",
}  # fmt: skip
_RELATIONS = {"<": "<", ">": ">", "=": "==", "\\leq": "<=", "\\geq": ">=", "\\neq": "!="}
_TIMES = {"\\cdot": "cdot", "*": "cdot", "\\times": "times", "\\odot": "odot", "\\circ": "odot", "/": "/"}
_GROUPS = {"(": ")", "[": "]", "\\{": "\\}"}
_STARTS = ("\\frac", "\\sqrt", "\\mathbb", "\\mathbb{R}", "\\nabla", "\\lvert", "\\lVert", "\\|", "\\begin", "\\lfloor", "{", *_GROUPS)


def expression(cursor: Cursor) -> Tree:
    """Read a sum of products."""
    start, terms = cursor.token.start, []
    sign = "-" if cursor.accept("-") else "+"
    if sign == "+":
        cursor.accept("+")
    while True:
        terms.append((sign, product(cursor)))
        if len(terms) > MAX_WIDTH:
            raise cursor.error(f"a sum of more than {MAX_WIDTH} terms", expected="an equation of a page")
        if cursor.text not in ("+", "-") or cursor.token.kind == "end":
            break
        sign = cursor.next().text
    return terms[0][1] if terms == [("+", terms[0][1])] else Add(tuple(terms), (start, cursor.last_end))


def product(cursor: Cursor) -> Tree:
    """Read factors side by side or with a sign between them. `a/b c` is two things, and so an error."""
    start = cursor.token.start
    factors: list[tuple[str, Tree]] = [("", factor(cursor))]
    while True:
        op = _TIMES.get(cursor.text) if cursor.token.kind != "end" else None
        if op is None and not starts_factor(cursor):
            break
        if op is not None:
            cursor.next()
        elif factors[-1][0] == "/":
            raise cursor.error(
                "what is divided by what is not clear: a / b c may mean (a/b) c or a/(b c)", expected=r"\frac{}{} or parentheses"
            )
        factors.append((op or "", factor(cursor)))
        if len(factors) > MAX_WIDTH:
            raise cursor.error(f"a product of more than {MAX_WIDTH} factors", expected="an equation of a page")
    return factors[0][1] if len(factors) == 1 else Mul(tuple(factors), (start, cursor.last_end))


def starts_factor(cursor: Cursor) -> bool:
    text = cursor.text
    if cursor.token.kind == "end":
        return False
    if text in ("|", "\\|"):
        return cursor.bars == 0
    return cursor.token.kind == "number" or text in _STARTS or text in FUNCTIONS or text in BIG or starts_symbol(cursor)


def factor(cursor: Cursor) -> Tree:
    """Read an atom with its subscripts and superscripts."""
    with cursor.nested(delimiters=False):
        if cursor.text in BIG:
            return big(cursor)
        if cursor.text in FUNCTIONS:
            return _function(cursor)
        return postfix.powers(cursor, _atom(cursor))


def _atom(cursor: Cursor) -> Tree:
    token, text = cursor.token, cursor.text
    if token.kind == "number":
        cursor.next()
        return Num(text, (token.start, token.end))
    if starts_symbol(cursor):
        return _symbol(cursor)
    if text == "{":
        return _brace(cursor)
    if text in _GROUPS:
        return group(cursor)
    if text in ("|", "\\lvert", "\\lVert", "\\|"):
        return _bars(cursor)
    special = {"\\frac": _fraction, "\\sqrt": _root, "\\mathbb": _blackboard, "\\nabla": _nabla, "\\begin": cases, "\\lfloor": _floor}
    if text in special and token.kind == "command":
        return special[text](cursor)
    raise cursor.error(f"{cursor.found()} is not understood here", expected="a symbol, a number, a function or a group")


def _symbol(cursor: Cursor) -> Tree:
    start = cursor.token.start
    upright = cursor.text == "\\text"
    symbol = postfix.symbol(cursor)
    if upright and symbol.name in ("max", "min") and cursor.text in _GROUPS:
        return Func(symbol.name, group(cursor).items, (start, cursor.last_end))
    if isinstance(symbol, Sym) and cursor.text in ("(", "[") and not _iverson_ahead(cursor):
        arguments = group(cursor)
        if isinstance(arguments, Paren):
            power, subs = postfix.after_call(cursor)
            return Applied(symbol, arguments, power, subs, (start, cursor.last_end))
    return symbol


def _iverson_ahead(cursor: Cursor) -> bool:
    """Does `[` open a bracket with a comparison in it?"""
    if cursor.text != "[":
        return False
    depth = 0
    for token in cursor.tokens[cursor.at :]:
        depth += (token.text in ("[", "(", "{")) - (token.text in ("]", ")", "}"))
        if depth == 0:
            return False
        if depth == 1 and token.text in _RELATIONS:
            return True
    return False


def group(cursor: Cursor) -> Paren | Indicator:
    """Read `( a, b )`, `[ a ]`, `\\{ a \\}`; brackets with a comparison in them are an indicator."""
    opening = cursor.next()
    closing = _GROUPS[opening.text]
    with cursor.nested():
        items = [condition(cursor)]
        while cursor.accept(","):
            items.append(condition(cursor))
        # a half-open pair of delimiters is no group of this language
        if cursor.text != closing or cursor.token.kind == "end":
            raise cursor.error(f"`{opening.text}` is not closed: expected `{closing}`, found {cursor.found()}", at=(opening.start, opening.end))
        cursor.next()
    place = (opening.start, cursor.last_end)
    relations = [isinstance(i, Relation) for i in items]
    if not any(relations):
        return Paren(tuple(items), place)
    if opening.text == "(" or not all(relations):
        raise cursor.error("a comparison inside a group", at=place, expected="an indicator in brackets, [z > 0]")
    return Indicator(tuple(items), place)


def condition(cursor: Cursor) -> Tree:
    """Read an expression, or a chain of comparisons."""
    start = cursor.token.start
    operands, ops = [expression(cursor)], []
    while cursor.text in _RELATIONS and cursor.token.kind != "end":
        ops.append(_RELATIONS[cursor.next().text])
        operands.append(expression(cursor))
    return Relation(tuple(operands), tuple(ops), (start, cursor.last_end)) if ops else operands[0]


def _brace(cursor: Cursor) -> Tree:
    opening = cursor.next()
    with cursor.nested():
        inside = expression(cursor)
        if cursor.text != "}" or cursor.token.kind == "end":
            raise cursor.error(f"expected `}}`, found {cursor.found()}")
        cursor.next()
    return Paren((inside,), (opening.start, cursor.last_end))


def argument(cursor: Cursor) -> Tree:
    r"""Read the argument of `\frac` or `\sqrt`: a brace, or one digit or symbol."""
    if cursor.text == "{" and cursor.token.kind != "end":
        inside = _brace(cursor)
        return inside.items[0] if isinstance(inside, Paren) else inside
    token = cursor.token
    if token.kind == "number":
        if len(token.text) > 1:
            raise cursor.error(rf"`{token.text}` without braces: \frac12 means 1/2", expected=r"\frac{...}{...}")
        cursor.next()
        return Num(token.text, (token.start, token.end))
    name_start = token.start
    from gradproof.derive.latex.symbols import head

    name, bold = head(cursor)
    return Sym(name, bold, (), "", 0, (name_start, cursor.last_end))


def _fraction(cursor: Cursor) -> Tree:
    start = cursor.next().start
    both = cursor.token
    if both.kind == "number" and len(both.text) == 2 and both.text.isdigit():
        cursor.next()
        digits = [Num(d, (both.start + j, both.start + j + 1)) for j, d in enumerate(both.text)]
        return Frac(digits[0], digits[1], (start, both.end))
    if _is_derivative(cursor):
        return _derivative(cursor, start)
    num = argument(cursor)
    den = argument(cursor)
    return Frac(num, den, (start, cursor.last_end))


def _is_derivative(cursor: Cursor) -> bool:
    r"""Is it `\frac{\partial ...}{\partial ...}`, or `\frac{dy}{dx}` with single letters?"""
    if cursor.text == "{" and cursor.ahead() == "\\partial":
        return True
    t = [cursor.ahead(j) for j in range(8)]
    return t[:2] == ["{", "d"] and t[3:6] == ["}", "{", "d"] and t[7] == "}"


def _derivative(cursor: Cursor, start: int) -> Tree:
    parts = []
    for _ in range(2):
        cursor.expect("{")
        if not cursor.accept("\\partial", "d"):
            raise cursor.error(rf"expected `\partial`, found {cursor.found()}")
        if cursor.text == "^":
            raise cursor.error("second derivatives are not read yet", expected=r"\frac{\partial L}{\partial w}")
        if cursor.text == "}":
            raise cursor.error("a derivative of what?", expected=r"\frac{\partial L}{\partial w}")
        parts.append(expression(cursor))
        cursor.expect("}")
    return Derivative(parts[0], parts[1], (start, cursor.last_end))


def _nabla(cursor: Cursor) -> Tree:
    start = cursor.next().start
    if not cursor.accept("_"):
        raise cursor.error("the gradient with respect to what?", expected=r"\nabla_w L")
    by = argument(cursor) if cursor.text != "{" else _brace(cursor)
    by = by.items[0] if isinstance(by, Paren) else by
    of = factor(cursor)
    return Derivative(of, by, (start, cursor.last_end))


def _root(cursor: Cursor) -> Tree:
    start = cursor.next().start
    if cursor.text == "[":
        raise cursor.error("only square roots are read", expected=r"\sqrt{x}, or x^{1/3}")
    return Func("sqrt", (argument(cursor),), (start, cursor.last_end))


def _floor(cursor: Cursor) -> Tree:
    start = cursor.next().start
    with cursor.nested():
        body = expression(cursor)
    cursor.expect("\\rfloor")
    return Func("floor", (body,), (start, cursor.last_end))


def _blackboard(cursor: Cursor) -> Tree:
    start = cursor.next().start
    letter = cursor.braced() if cursor.text == "{" else cursor.next().text
    if letter.strip() not in ("1", "I"):
        raise cursor.error(
            rf"`\mathbb{{{letter.strip()}}}` is not understood here",
            at=(start, cursor.last_end),
            expected=r"\mathbb{1}[z > 0], or a declaration x \in \mathbb{R}^{n}",
        )
    if cursor.accept("_"):
        cursor.expect("{")
        conditions = [condition(cursor)]
        cursor.expect("}")
    elif cursor.text in _GROUPS:
        closing = _GROUPS[cursor.next().text]
        conditions = [condition(cursor)]
        while cursor.accept(","):
            conditions.append(condition(cursor))
        cursor.expect(closing)
    else:
        raise cursor.error("an indicator of what?", expected=r"\mathbb{1}[z > 0]")
    if not all(isinstance(c, Relation) for c in conditions):
        raise cursor.error("an indicator needs a comparison", at=(start, cursor.last_end), expected=r"\mathbb{1}[z > 0]")
    return Indicator(tuple(conditions), (start, cursor.last_end))


def _bars(cursor: Cursor) -> Tree:
    opening = cursor.next()
    closing = {"|": "|", "\\lvert": "\\rvert", "\\lVert": "\\rVert", "\\|": "\\|"}[opening.text]
    if opening.text == "|" and cursor.text == "|":
        cursor.next()
        return _norm(cursor, opening.start, "|", "|")
    if closing in ("\\rVert", "\\|"):
        return _norm(cursor, opening.start, closing)
    body = _until_bar(cursor, closing)
    cursor.expect(closing)
    return Func("abs", (body,), (opening.start, cursor.last_end))


def _until_bar(cursor: Cursor, closing: str) -> Tree:
    with cursor.nested():
        cursor.bars = 1 if closing in ("|", "\\|") else 0
        return expression(cursor)


def _norm(cursor: Cursor, start: int, *closing: str) -> Tree:
    body = _until_bar(cursor, closing[0])
    for c in closing:
        cursor.expect(c)
    order = None
    if cursor.accept("_"):
        order = argument(cursor)
    return Norm(body, order, (start, cursor.last_end))


def _function(cursor: Cursor) -> Tree:
    r"""Read `\log(x)`, `\log x`, `\tanh^2(z)`. Without parentheses the argument is one factor, and nothing may follow it."""
    token = cursor.next()
    name = FUNCTIONS[token.text]
    if cursor.text == "_":
        raise cursor.error(f"a subscript at {token.text}", expected=r"\log x, the natural logarithm; write \frac{\log x}{\log 2}")
    power = postfix.exponent(cursor) if cursor.text == "^" else None
    if cursor.text in _GROUPS or cursor.text == "{":
        inside = group(cursor) if cursor.text in _GROUPS else _brace(cursor)
        if isinstance(inside, Indicator):
            raise cursor.error(f"{token.text} of an indicator", at=inside.at, expected="parentheses")
        call: Tree = Func(name, inside.items, (token.start, cursor.last_end))  # type: ignore[union-attr]
        call = Power(call, power, call.at) if power is not None else call
        return postfix.powers(cursor, call)
    if not starts_factor(cursor):
        raise cursor.error(f"{token.text} of what? found {cursor.found()}", expected=f"{token.text}(x)")
    body = factor(cursor)
    if starts_factor(cursor) and cursor.text not in FUNCTIONS and cursor.text not in BIG:
        raise cursor.error(
            f"how far {token.text} reaches is not clear: {token.text}(a b) or {token.text}(a) b", expected=f"{token.text}(...)"
        )
    call = Func(name, (body,), (token.start, cursor.last_end))
    return Power(call, power, call.at) if power is not None else call
