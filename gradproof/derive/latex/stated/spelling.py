r"""How a page writes its names: `\mathbf{w}`, `a^{(1)}`, `\hat{y}`, so that a correct line is in its author's hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from gradproof.derive.latex.knowledge import Knowledge
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.tree import Sym
from gradproof.derive.latex.walk import symbols

_BELOW = re.compile(r"(?P<head>.*?)_(?:\{(?P<group>[^{}]*)\}|\w)", re.DOTALL)


def spellings(know: Knowledge, text: str, trees: Iterable[object]) -> dict[str, Callable[[list[str]], str]]:
    """Return for each name that the page writes otherwise than this package what writes it over its indices."""
    heads: dict[str, str] = {}
    joined = False
    for tree in trees:
        for s in symbols(tree):
            head, below = _apart(s, text[s.at[0] : s.at[1]])
            joined = joined or (len(s.subs) == 2 and "," not in below and len(below) == 2)
            if head and not s.primes:
                heads.setdefault(know.name(base_name(know, s)), head)
    mark = "" if joined else ","
    return {name: _writer(head, mark) for name, head in heads.items() if len(head) > 1 or joined}


def _apart(symbol: Sym, written: str) -> tuple[str, str]:
    """Return a symbol's text without its indices, "" where the two are not told apart, and its indices."""
    if not symbol.subs:
        return ("", "") if symbol.numbered or symbol.paren else (written, "")
    found = _BELOW.fullmatch(written)
    if found is None or found["head"].count("{") != found["head"].count("}") or symbol.paren:
        return "", ""
    return found["head"], found["group"] or ""


def _writer(head: str, mark: str) -> Callable[[list[str]], str]:
    def write(indices: list[str]) -> str:
        below = mark.join(indices)
        return head if not below else f"{head}_{below}" if len(below) == 1 else f"{head}_{{{below}}}"

    return write
