"""A right-hand side in pieces between which a line may end: browsers do not break mathematics by themselves."""

from __future__ import annotations

import re
from html import unescape

from gradproof.derive.latex.writer import OPEN, SUM
from gradproof.derive.notation.boxes import Big, Box, Prod, Sum
from gradproof.derive.render.mathml import TALL, mo
from gradproof.derive.render.mathml_writer import MINUS, MathWriter, between

#: Signs, indices among them, up to which a term is left whole. About as many fit a line of a narrow window.
LONG = 30
_TALL_BRACKET = 'stretchy="true" minsize="1.8em" maxsize="1.8em"'


def pieces(box: Box, writer: MathWriter) -> list[str]:
    """Return the terms of a sum, each with its sign; a long term that ends in a sum in brackets is taken apart."""
    if isinstance(box, Sum) and not box.tight:
        return [piece for k, (sign, term) in enumerate(box.terms) for piece in _signed(k, sign, term, writer)]
    whole = writer.write(box)
    return [whole] if _length(whole) <= LONG else _apart(box, writer) or [whole]


def _signed(k: int, sign: int, term: Box, writer: MathWriter) -> list[str]:
    whole = writer.write(term, OPEN)
    parts = [whole] if _length(whole) <= LONG else _apart(term, writer) or [whole]
    if k == 0:
        lead = mo(MINUS, 'form="prefix"') if sign < 0 else ""
    else:
        lead = mo("+" if sign > 0 else MINUS, 'lspace="0" rspace="0.25em"')
    return [lead + parts[0], *parts[1:]]


def _apart(box: Box, writer: MathWriter) -> list[str]:
    """Return the pieces of a product or a sum sign before a sum in brackets; none where nothing can be taken apart."""
    if isinstance(box, Prod):
        *first, last = box.factors
        inner = _bracketed(last, writer) if isinstance(last, Sum) else _apart(last, writer)
        if not inner:
            return []
        head = writer.write(Prod(tuple(first)) if len(first) > 1 else first[0], SUM if len(first) > 1 else OPEN)
        return [head + between(first[-1], last, inner[0]) + inner[0], *inner[1:]]
    if isinstance(box, Big):
        inner = _bracketed(box.body, writer) if isinstance(box.body, Sum) else _apart(box.body, writer)
        return [writer.big_sign(box) + inner[0], *inner[1:]] if inner else []
    return []


def _bracketed(box: Sum, writer: MathWriter) -> list[str]:
    parts = pieces(box, writer)
    if box.tight or len(parts) < 2:
        return []
    size = _TALL_BRACKET if any(TALL.search(p) for p in parts) else 'stretchy="false"'
    first = mo("(", f'form="prefix" {size}') + parts[0]
    return [first, *parts[1:-1], parts[-1] + mo(")", f'form="postfix" {size}')]


def _length(mathematics: str) -> int:
    """Return how many signs are shown."""
    return len(unescape(re.sub(r"<[^>]*>", "", mathematics)))
