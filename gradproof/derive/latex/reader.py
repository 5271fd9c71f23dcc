"""LaTeX mathematics -> the LaTeX tree: expressions, by recursive descent with bounded depth and width."""

from __future__ import annotations

from gradproof.derive.latex import postfix, refusals
from gradproof.derive.latex.big import BIG, big
from gradproof.derive.latex.clauses import range_ahead
from gradproof.derive.latex.cursor import MAX_WIDTH, Cursor
from gradproof.derive.latex.derivatives import differential_quotient
from gradproof.derive.latex.special import BARS, SPECIAL, bars, indicator
from gradproof.derive.latex.symbols import bold_sign, starts_symbol
from gradproof.derive.latex.tree import Add, Applied, Func, Indicator, Mul, Num, Paren, Power, Relation, Sym, Tree

#: commands that are functions, and their names in the notation
FUNCTIONS = {
    "\\log": "log", "\\exp": "exp", "\\sin": "sin", "\\cos": "cos", "\\tan": "tan", "\\tanh": "tanh", "\\sinh": "sinh",
    "\\cosh": "cosh", "\\arctan": "arctan",
}  # fmt: skip
#: words in \text or \operatorname that name a function of the notation, unless the page defines them
WORDS = {
    "relu": "relu", "ReLU": "relu", "sigmoid": "sigmoid", "softplus": "softplus", "sign": "sign", "sgn": "sign",
    "erf": "erf", "log1p": "log1p", "expm1": "expm1", "floor": "floor", "abs": "abs", "exp": "exp", "log": "log",
    "tanh": "tanh", "sqrt": "sqrt", "clip": "clip", "clamp": "clip", "stop": "stop", "sg": "stop", "stopgrad": "stop",
}  # fmt: skip
_RELATIONS = {"<": "<", ">": ">", "=": "==", "\\leq": "<=", "\\geq": ">=", "\\neq": "!="}
_TIMES = {"\\cdot": "cdot", "*": "star", "\\times": "times", "\\odot": "odot", "\\circ": "circ", "/": "/"}
GROUPS = {"(": ")", "[": "]", "\\{": "\\}"}
UNREAD = tuple(f"\\{name}" for name in refusals.UNREAD if name != "vec")
_STARTS = (
    "\\frac",
    "\\sqrt",
    "\\mathbb",
    "\\mathbb{R}",
    "\\nabla",
    "\\partial",
    "\\lvert",
    "\\lVert",
    "\\|",
    "\\begin",
    "\\lfloor",
    "\\langle",
    "{",
    *GROUPS,
    *UNREAD,
)


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
            refusals.check_reach(cursor, factors[-1][1])
            op = "ast" if cursor.source.text.startswith("\\ast", cursor.next().start) else op
        elif factors[-1][0] == "/":
            raise cursor.error(
                "what is divided by what is not clear: a / b c may mean (a/b) c or a/(b c)",
                expected=r"\frac{}{} or parentheses",
            )
        else:
            refusals.check_neighbours(cursor, factors[-1][1])
        factors.append((op or "", _signed(cursor) if op else factor(cursor)))
        if op is None:
            refusals.check_tag(cursor, factors[-1][1])
        if len(factors) > MAX_WIDTH:
            raise cursor.error(f"a product of more than {MAX_WIDTH} factors", expected="an equation of a page")
    return factors[0][1] if len(factors) == 1 else Mul(tuple(factors), (start, cursor.last_end))


def _signed(cursor: Cursor) -> Tree:
    r"""Read the factor after a sign of multiplication; `a \cdot -b` has a sign of its own."""
    start = cursor.token.start
    if not cursor.accept("-"):
        return factor(cursor)
    return Add((("-", factor(cursor)),), (start, cursor.last_end))


def starts_factor(cursor: Cursor) -> bool:
    """Can a factor begin here?"""
    text = cursor.text
    if cursor.token.kind == "end":
        return False
    if text in ("|", "\\|"):
        return cursor.bars == 0
    if text == "\\text" and range_ahead(cursor):
        return False
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
        refusals.check_number(cursor)
        cursor.next()
        return Num(text, (token.start, token.end))
    if starts_symbol(cursor):
        found = differential_quotient(cursor)
        return _symbol(cursor) if found is None else found
    if text == "{":
        return brace(cursor)
    if text in GROUPS:
        return group(cursor)
    if text in BARS:
        return bars(cursor)
    if text in SPECIAL and token.kind == "command":
        return SPECIAL[text](cursor)
    if text in UNREAD:
        raise refusals.unread(cursor)
    raise cursor.error(f"{cursor.found()} is not understood here", expected="a symbol, a number, a function or a group")


def _symbol(cursor: Cursor) -> Tree:
    start = cursor.token.start
    if (sign := bold_sign(cursor)) and _comparison_at(cursor, cursor.at + 4):
        if sign == "I":
            raise cursor.error(
                r"\mathbf{I} before a comparison: an indicator, or a matrix times a bracket?",
                at=(start, cursor.tokens[cursor.at + 3].end),
                expected=r"\mathbb{1}[z > 0] for an indicator, \mathbf{I} \cdot [z > 0] for the product",
            )
        cursor.at += 4
        return postfix.powers(cursor, indicator(cursor, start))
    upright = cursor.text == "\\text"
    symbol = postfix.symbol(cursor)
    if upright:
        refusals.check_operator(cursor, symbol.name, (start, cursor.last_end))
    if upright and symbol.name in ("max", "min") and cursor.text in GROUPS:
        inside = group(cursor)
        items = inside.items if isinstance(inside, Paren) else (inside,)
        return Func(symbol.name, items, (start, cursor.last_end))
    if isinstance(symbol, Sym) and cursor.text in ("(", "[") and not _iverson_ahead(cursor):
        arguments = group(cursor)
        if isinstance(arguments, Paren):
            power, subs = postfix.after_call(cursor)
            return Applied(symbol, arguments, power, subs, (start, cursor.last_end))
    return symbol


def _primed(cursor: Cursor, name: str, start: int) -> Tree:
    r"""Read `\tanh'(z)`, the derivative of a function of the notation."""
    primes = 0
    while cursor.token.kind != "end" and cursor.accept("'"):
        primes += 1
    arguments = group(cursor) if cursor.text in ("(", "[") else None
    if not isinstance(arguments, Paren):
        raise cursor.error(f"the derivative of {name} where?", expected=rf"\{name}'(z)")
    head = Sym(name, False, (), "", primes, (start, arguments.at[0]))
    return Applied(head, arguments, None, (), (start, cursor.last_end))


def _comparison_at(cursor: Cursor, at: int) -> bool:
    """Does a group with a comparison in it, or a subscript with one, begin at a token?"""
    texts = [t.text for t in cursor.tokens[at:]]
    texts = texts[1:] if texts[:1] == ["_"] else texts
    depth = 0
    for text in texts:
        depth += (text in ("(", "[", "{", "\\{")) - (text in (")", "]", "}", "\\}"))
        if depth == 0:
            return False
        if text in (*_RELATIONS, "\\in"):
            return True
    return False


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
    r"""Read `( a, b )`, `[ a ]`, `\{ a \}`; brackets with a comparison in them are an indicator."""
    opening = cursor.next()
    closing = GROUPS[opening.text]
    with cursor.nested():
        items = [condition(cursor)]
        while cursor.accept(","):
            items.append(condition(cursor))
        # a half-open pair of delimiters is no group of this language
        if cursor.text != closing or cursor.token.kind == "end":
            raise cursor.error(
                f"`{opening.text}` is not closed: expected `{closing}`, found {cursor.found()}",
                at=(opening.start, opening.end),
                expected=f"`{closing}`",
            )
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


def brace(cursor: Cursor) -> Tree:
    """Read `{...}`, which groups."""
    opening = cursor.next()
    with cursor.nested():
        inside = expression(cursor)
        if cursor.text != "}" or cursor.token.kind == "end":
            raise cursor.error(f"expected `}}`, found {cursor.found()}", expected="a closing brace")
        cursor.next()
    return Paren((inside,), (opening.start, cursor.last_end))


def _function(cursor: Cursor) -> Tree:
    r"""Read `\log(x)`, `\log x`, `\tanh^2(z)`. Without parentheses it takes one factor, and nothing may follow."""
    token = cursor.next()
    name = FUNCTIONS[token.text]
    if cursor.text == "'" and cursor.token.kind != "end":
        return _primed(cursor, name, token.start)
    if cursor.text == "_":
        raise cursor.error(
            f"a subscript at {token.text}", expected=r"\log x, the natural logarithm; write \frac{\log x}{\log 2}"
        )
    power = postfix.exponent(cursor) if cursor.text == "^" else None
    refusals.check_inverse(cursor, name, power, (token.start, cursor.last_end))
    if cursor.text in GROUPS or cursor.text == "{":
        inside = group(cursor) if cursor.text in GROUPS else brace(cursor)
        if isinstance(inside, Indicator):
            raise cursor.error(f"{token.text} of an indicator", at=inside.at, expected="parentheses")
        items = inside.items if isinstance(inside, Paren) else (inside,)
        call: Tree = Func(name, items, (token.start, cursor.last_end))
        call = Power(call, power, call.at) if power is not None else call
        return postfix.powers(cursor, call)
    if not starts_factor(cursor):
        raise cursor.error(f"{token.text} of what? found {cursor.found()}", expected=f"{token.text}(x)")
    body = factor(cursor)
    if starts_factor(cursor) and cursor.text not in FUNCTIONS and cursor.text not in BIG:
        raise cursor.error(
            f"how far {token.text} reaches is not clear: {token.text}(a b) or {token.text}(a) b",
            expected=f"{token.text}(...)",
        )
    call = Func(name, (body,), (token.start, cursor.last_end), loose=True)
    return Power(call, power, call.at) if power is not None else call
