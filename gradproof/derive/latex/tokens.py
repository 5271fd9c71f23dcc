"""LaTeX mathematics -> tokens with their places in the document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradproof.derive.latex.source import Source
from gradproof.errors import InputError

#: Longer equations are refused: nobody has read one.
MAX_TOKENS = 5_000

_TOKEN = re.compile(
    r"(?P<skip>[ \t\n~]+|%[^\n]*|\\[ ,;:!>]|(?<=[=&])\{\}"
    r"|\\(?:displaystyle|textstyle|limits|nolimits|nonumber|notag|thinspace)(?![A-Za-z])"
    r"|\\(?!(?:left|right)\s*(?:\||\\[|vV]))(?:[bB]igg?[lrm]?|left|right|middle)(?![A-Za-z])\s*\.?)"
    r"|(?P<bar>\\(?:left|right)\s*(?:\|\||\\\||\||\\[vV]ert(?![A-Za-z])))"
    r"|(?P<tag>\\(?:tag\*?|label)\s*\{[^{}]*\})"
    r"|(?P<newline>\\\\(?:\*|\[-?[\d.]+\s*[a-z]{2}\])?)"
    r"|(?P<command>\\[A-Za-z]+\*?|\\[{}|_%&#$])"
    r"|(?P<number>\d+\.\d+|\d+|\.\d+)"
    r"|(?P<assign>:=|\^\s*\{\s*\\prime\s*\})"
    r"|(?P<letter>[^\W\d_])"
    r"|(?P<op>[-+*/=<>()\[\]|,;.:!'^_{}&])"
)

#: Characters that have a command of the same meaning.
_SAME = {
    "\N{MIDDLE DOT}": "\\cdot", "\N{MULTIPLICATION SIGN}": "\\times", "\N{MINUS SIGN}": "-", "\N{EN DASH}": "-",
    "\N{LESS-THAN OR EQUAL TO}": "\\leq", "\N{GREATER-THAN OR EQUAL TO}": "\\geq", "\N{NOT EQUAL TO}": "\\neq",
    "\N{N-ARY SUMMATION}": "\\sum", "\N{N-ARY PRODUCT}": "\\prod", "\N{PARTIAL DIFFERENTIAL}": "\\partial",
    "\N{NABLA}": "\\nabla", "\N{ELEMENT OF}": "\\in", "\N{CIRCLED DOT OPERATOR}": "\\odot", "\N{INFINITY}": "\\infty",
    "\N{LEFTWARDS ARROW}": "\\leftarrow", "\N{PRIME}": "'", "\N{DOUBLE-STRUCK CAPITAL R}": "\\mathbb{R}",
    "\N{MATHEMATICAL LEFT ANGLE BRACKET}": "\\langle", "\N{MATHEMATICAL RIGHT ANGLE BRACKET}": "\\rangle",
    "\N{DOT OPERATOR}": "\\cdot", "\N{HORIZONTAL ELLIPSIS}": "\\dots",
}  # fmt: skip

#: Two spellings of one thing.
_SYNONYM = {
    "\\le": "\\leq", "\\ge": "\\geq", "\\ne": "\\neq", "\\leqslant": "\\leq", "\\geqslant": "\\geq", "\\lt": "<",
    "\\gt": ">", "\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\cfrac": "\\frac", "\\ast": "*",
    "\\gets": "\\leftarrow", "\\coloneqq": ":=", "\\triangleq": "=", "\\equiv": "=", "\\lbrack": "[",
    "\\rbrack": "]", "\\lbrace": "\\{", "\\rbrace": "\\}", "\\vert": "|", "\\Vert": "\\|", "\\widehat": "\\hat",
    "\\widetilde": "\\tilde", "\\overline": "\\bar", "\\bm": "\\boldsymbol", "\\pmb": "\\boldsymbol",
    "\\mathbfit": "\\boldsymbol", "\\textbf": "\\mathbf", "\\ldots": "\\dots", "\\cdots": "\\dots",
    "\\intercal": "\\top", "\\varphi": "\\phi", "\\varepsilon": "\\epsilon", "\\vartheta": "\\theta",
    "\\textrm": "\\text", "\\mathrm": "\\text", "\\textit": "\\text", "\\mathit": "\\text",
    "\\operatorname": "\\text", "\\operatorname*": "\\text", "\\mathsf": "\\text", "\\textsf": "\\text",
    "\\mbox": "\\text", "\\texttt": "\\text", "\\mathtt": "\\text", "\\mathscr": "\\mathcal", "\\ln": "\\log",
    "\\colon": ":", "\\mid": "|",
}  # fmt: skip

#: Environments whose rows are equations.
ALIGNED = (
    "aligned", "align", "align*", "split", "gathered", "gather", "gather*", "equation", "equation*", "eqnarray",
    "eqnarray*", "array", "multline", "multline*", "alignedat",
)  # fmt: skip
_ALIGNED = re.compile(rf"\\(?:begin|end)\s*\{{(?:{'|'.join(re.escape(a) for a in ALIGNED)})\}}")

WIDE = ("\\quad", "\\qquad")
_OPENING = ("{", "(", "[", "\\{", "\\langle", "\\begin")
_CLOSING = ("}", ")", "]", "\\}", "\\rangle", "\\end")


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `text` in its canonical spelling, and its place in the document."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(source: Source, start: int, end: int) -> tuple[Token, ...]:
    """Return the tokens of text[start:end]; the last one has kind "end".

    Raises:
        InputError: a character that no LaTeX formula has, or too many tokens.
    """
    out: list[Token] = []
    at, text, depth = start, source.text, 0
    while at < end:
        found = _TOKEN.match(text, at, end)
        if found is None and text[at] in _SAME:
            out.append(_token("op", _SAME[text[at]], at, at + 1))
            at += 1
            continue
        if found is None:
            raise InputError(
                f"the character {text[at]!r} is not understood here",
                where=source.span(at, at + 1),
                expected="LaTeX mathematics",
            )
        kind = str(found.lastgroup)
        if kind not in ("skip", "tag"):
            token = _token(kind, found.group(), at, found.end())
            if not _ALIGNED.match(text, at):
                depth += (token.text in _OPENING) - (token.text in _CLOSING)
            # A wide space separates two equations, but only outside every group.
            if token.text not in WIDE or depth == 0:
                out.append(token)
        at = found.end()
        if len(out) > MAX_TOKENS:
            raise InputError(
                f"this equation has more than {MAX_TOKENS} tokens",
                where=source.span(start, start + 1),
                expected="an equation of a page",
            )
    return (*out, Token("end", "", end, end))


def _token(kind: str, text: str, start: int, end: int) -> Token:
    if kind == "bar":
        double = text.endswith(("||", r"\|", "Vert"))
        side = "l" if text[1] == "l" else "r"
        text = f"\\{side}{'V' if double else 'v'}ert"
    if kind == "assign" and text != ":=":
        kind, text = "op", "'"
    text = _SYNONYM.get(_SAME.get(text, text), _SAME.get(text, text))
    if text.startswith("\\"):
        kind = "command" if kind != "newline" else kind
    elif kind in ("command", "assign"):
        kind = "op"
    return Token(kind, "\\\\" if kind == "newline" else text, start, end)
