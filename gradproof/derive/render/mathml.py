"""MathML elements as text. What comes from a user passes through `mi`, `mn`, `mo` or `mtext`, which escape it."""

from __future__ import annotations

import re
from html import escape

from gradproof.derive.latex.names import GREEK

#: Between factors that stand side by side, and a thin space.
TIMES = "<mo>\u2062</mo>"
THIN = '<mspace width="0.1667em"></mspace>'
_ACCENTS = {"hat": "^", "tilde": "~", "bar": "\u00af", "check": "\u02c7", "dot": "\u02d9"}
_HEAD = re.compile(r"\\(\w+)\{(.*)\}", re.DOTALL)
#: What brackets grow with.
TALL = re.compile("<mfrac|<munder|<msqrt|[∑∏]")
_LABEL = re.compile(r"[^\W\d_]+|\d+|.")


def mi(text: str) -> str:
    """Return a name: a single letter is slanted, a word upright."""
    return f"<mi>{escape(text)}</mi>"


def mn(text: str) -> str:
    """Return a number."""
    return f"<mn>{escape(text)}</mn>"


def mo(text: str, attributes: str = "") -> str:
    """Return an operator; the attributes are our own."""
    return f"<mo{' ' * bool(attributes)}{attributes}>{escape(text)}</mo>"


def mtext(text: str) -> str:
    """Return words among mathematics."""
    return f"<mtext>{escape(text)}</mtext>"


def row(*parts: str) -> str:
    """Return the parts as one."""
    return f"<mrow>{''.join(parts)}</mrow>"


def frac(num: str, den: str) -> str:
    """Return num over den."""
    return f"<mfrac>{row(num)}{row(den)}</mfrac>"


def scripts(base: str, below: str, above: str) -> str:
    """Return the base with what stands below and above it at its right; either may be empty."""
    if below and above:
        return f"<msubsup>{row(base)}{row(below)}{row(above)}</msubsup>"
    if below or above:
        name = "msub" if below else "msup"
        return f"<{name}>{row(base)}{row(below or above)}</{name}>"
    return base


def limits(sign: str, below: str, above: str = "") -> str:
    """Return a big sign with its limits below and above."""
    if above:
        return f"<munderover>{sign}{row(below)}{row(above)}</munderover>"
    return f"<munder>{sign}{row(below)}</munder>"


def fenced(inside: str, opening: str = "(", closing: str = ")") -> str:
    """Return something in brackets, which grow with it where something tall stands inside."""
    grow = "" if TALL.search(inside) else ' stretchy="false"'
    return row(mo(opening, f'form="prefix"{grow}'), inside, mo(closing, f'form="postfix"{grow}'))


def listed(parts: list[str]) -> str:
    """Return the parts with commas between them."""
    return mo(",").join(parts)


def indices(parts: list[str]) -> str:
    """Return the parts with close commas between them, as below a name."""
    return mo(",", 'lspace="0" rspace="0.06em"').join(parts)


def head(latex: str) -> str:
    r"""Return the head of a name, as `latex_name` gives it: `x`, `\alpha`, `\hat{y}`, `\dot{\bar{h}}`, `\text{loss}`.

    >>> head(r"\bar{W}")
    '<mover><mi>W</mi><mo stretchy="false" scriptlevel="0">¯</mo></mover>'
    """
    found = _HEAD.fullmatch(latex)
    if found is None:
        return mi(GREEK.get(latex.removeprefix("\\"), latex) if latex.startswith("\\") else latex)
    command, inside = found.groups()
    if command == "text":
        return mi(inside.replace("\\_", "_"))
    # a bar or a dot that is an accent would meet the stem of an h
    above = command in ("bar", "dot")
    sign = mo(_ACCENTS[command], 'stretchy="false"' + above * ' scriptlevel="0"')
    kind = "" if above else ' accent="true"'
    return f"<mover{kind}>{head(inside)}{sign}</mover>"


def label(latex: str) -> str:
    r"""Return a label above a name: `(1)`, `(l-1)`, `(\text{pre})`, `*`."""
    text = re.sub(r"\\text\{([^{}]*)\}", r"\1", latex)
    return "".join(_label_part(p) for p in _LABEL.findall(text))


def _label_part(part: str) -> str:
    if part.isdigit():
        return mn(part)
    return mi(part) if part.isalpha() else mo(part.replace("-", "\u2212"), 'stretchy="false" lspace="0" rspace="0"')
