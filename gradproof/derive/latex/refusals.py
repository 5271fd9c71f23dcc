r"""What may mean something else than it seems: refused, with the readings and how to write each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradproof.derive.latex.names import text_name
from gradproof.derive.latex.tree import Add, Func, Num, Paren, Power, Tree
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex.cursor import Cursor

#: Functions and operators with a name of their own that are not read, and what to write instead.
UNREAD = {
    "arcsin": "", "arccos": "", "arccot": "", "arcsinh": "", "arccosh": "", "arctanh": "", "asin": "", "acos": "",
    "atan": r"\arctan(x)", "sec": r"\frac{1}{\cos(x)}", "csc": r"\frac{1}{\sin(x)}", "cot": r"\frac{1}{\tan(x)}",
    "coth": r"\frac{1}{\tanh(x)}", "sech": r"\frac{1}{\cosh(x)}",
    "lg": r"\frac{\log(x)}{\log(10)} or \frac{\log(x)}{\log(2)}", "det": "", "diag": "", "rank": "", "dim": "",
    "tr": r"\sum_i A_{ii}", "Tr": r"\sum_i A_{ii}", "trace": r"\sum_i A_{ii}",
    "ker": "", "gcd": "", "deg": "", "hom": "", "Pr": "", "sup": "", "inf": "", "lim": "", "limsup": "", "liminf": "",
    "argmax": "", "argmin": "", "arg": "", "Var": "", "Cov": "", "std": "", "vec": "",
}  # fmt: skip
#: Functions of a whole array, by their names in lower case, and what to write instead.
OF_ARRAYS = {
    "softmax": r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}", "logsoftmax": r"l_i = z_i - \log \sum_j e^{z_j}",
    "log_softmax": r"l_i = z_i - \log \sum_j e^{z_j}", "logsumexp": r"\log \sum_j e^{z_j}",
    "lse": r"\log \sum_j e^{z_j}", "mean": r"\frac{1}{m} \sum_{i=1}^{m} x_i", "avg": r"\frac{1}{m} \sum_{i=1}^{m} x_i",
    "var": r"\frac{1}{m} \sum_{i=1}^{m} (x_i - \mu)^2", "std": r"\sqrt{\frac{1}{m} \sum_{i=1}^{m} (x_i - \mu)^2}",
    "sum": r"\sum_i x_i", "norm": r"\lVert \mathbf{x} \rVert", "tr": r"\sum_i A_{ii}", "trace": r"\sum_i A_{ii}",
    "mse": r"\frac{1}{m} \sum_{i=1}^{m} (y_i - t_i)^2", "ce": r"-\sum_i t_i \log(p_i)",
    "crossentropy": r"-\sum_i t_i \log(p_i)", "kl": r"\sum_i p_i \log \frac{p_i}{q_i}",
    "layernorm": r"its equations with indices", "batchnorm": r"its equations with indices",
}  # fmt: skip
#: Words that join formulas to sentences; none of them is a name.
PROSE = frozenset({
    "otherwise", "if", "else", "when", "where", "for", "all", "any", "each", "every", "with", "and", "or", "so", "then",
    "hence", "thus", "such", "that", "is", "are", "the", "since", "because", "iff", "unless", "while", "let", "note",
})  # fmt: skip
_EXPONENT = re.compile(r"(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+")


def unread(cursor: Cursor) -> InputError:
    r"""Return the error for `\arcsin` and the like."""
    name = cursor.text.lstrip("\\")
    return cursor.error(
        f"{name} is not in the table of functions that are read",
        expected=UNREAD[name]
        or "log, exp, sin, cos, tan, arctan, sinh, cosh, tanh, max, min and functions of the page",
        hint=rf"define it on the page, \text{{{name}}}(x) = ..., or keep it unknown: given function {name}, "
        "in a ```gradproof block",
    )


def check_reach(cursor: Cursor, before: Tree) -> None:
    r"""`\log p / q` is the logarithm of p/q in one book and a quotient in the next."""
    last = before.base if isinstance(before, Power) else before
    if isinstance(last, Func) and last.loose:
        name, sign = last.name, cursor.text
        raise cursor.error(
            f"how far {name} reaches is not clear: {name}(a {sign} b) or {name}(a) {sign} b",
            expected=rf"\{last.name}(...), or \frac{{}}{{}} for a quotient",
        )


def check_number(cursor: Cursor) -> None:
    """`1e-3` is 0.001 to a program, and e - 3 to a reader."""
    found = _EXPONENT.match(cursor.source.text, cursor.token.start)
    if found and found.end() <= cursor.tokens[-1].end:
        mantissa, exponent = re.split("[eE]", found.group())
        power = ("" if mantissa == "1" else rf"{mantissa} \cdot ") + f"10^{{{int(exponent)}}}"
        raise cursor.error(
            f"`{found.group()}`: a power of ten, or the number e and a sign?",
            at=(found.start(), found.end()),
            expected=rf"{power} for the power of ten, \exp(1) for the number e",
        )


def check_inverse(cursor: Cursor, name: str, power: Tree | None, at: tuple[int, int]) -> None:
    r"""`\tan^{-1} x` is the inverse function in one book and 1/tan in the next."""
    if power is None or not is_minus_one(power):
        return
    known = rf"\arc{name}(x)" if name == "tan" else f"an equation of its own for the inverse of {name}"
    raise cursor.error(
        rf"\{name}^{{-1}}: the inverse function, or 1/\{name}?",
        at=at,
        expected=rf"{known}, or \frac{{1}}{{\{name}(x)}} for the quotient",
    )


def is_minus_one(tree: Tree) -> bool:
    """Is it -1, as written?"""
    while isinstance(tree, Paren) and len(tree.items) == 1:
        tree = tree.items[0]
    if not isinstance(tree, Add) or len(tree.terms) != 1:
        return False
    sign, one = tree.terms[0]
    return sign == "-" and isinstance(one, Num) and one.text == "1"


def check_neighbours(cursor: Cursor, before: Tree) -> None:
    """`2 3`: a product, or a number with a space in it?"""
    number = before.base if isinstance(before, Power) else before
    if isinstance(number, Num) and cursor.token.kind == "number":
        raise cursor.error(
            f"{cursor.text} after a number: a product, or one number?",
            expected=r"\cdot between two numbers, no space inside one",
        )


def check_tag(cursor: Cursor, last: Tree) -> None:
    """`x^2 (2)` at the end: times 2, or equation 2?"""
    if isinstance(last, Paren) and len(last.items) == 1 and isinstance(last.items[0], Num) and _ends(cursor):
        shown = last.items[0].text
        raise cursor.error(
            f"({shown}) at the end: a factor, or the number of the equation?",
            at=last.at,
            expected=rf"\tag{{{shown}}} or \quad ({shown}) for its number, {shown} in front for a factor",
        )


def _ends(cursor: Cursor) -> bool:
    return cursor.token.kind == "end" or cursor.text in (".", ",", ";")


def check_operator(cursor: Cursor, name: str, at: tuple[int, int]) -> None:
    r"""`\operatorname{tr} A` is the trace, no product."""
    if cursor.source.text.startswith("\\operatorname", at[0]) and cursor.text not in ("(", "["):
        from gradproof.derive.latex.reader import starts_factor

        if starts_factor(cursor):
            raise cursor.error(
                rf"\operatorname{{{name}}} before {cursor.found()}: a function of it, or a factor?",
                at=at,
                expected=rf"\operatorname{{{name}}}(...) for a function, \text{{{name}}} \cdot ... for a factor",
            )


def check_prose(cursor: Cursor, raw: str, at: tuple[int, int]) -> None:
    r"""`\text{ for all }` is prose: it would become a factor."""
    edges = raw != raw.strip()
    odd = re.search(r"[^\w\s\\-]", raw) is not None
    if edges or odd or set(raw.lower().split(maxsplit=1)[:1]) & PROSE:
        name = text_name(raw)
        raise cursor.error(
            rf"\text{{{raw}}} reads as prose, not as a name",
            at=at,
            expected="a name of one word, without blanks at its edges, such as \\text{Loss}",
            hint="move words out of the formula"
            + (rf"; if it is a name, write \text{{{name}}}" if name.isalnum() and name.lower() not in PROSE else ""),
        )
