r"""How wide LaTeX sets mathematics, in points, estimated from the widths of Computer Modern at 10 points.

The estimate serves to break lines before they reach the margin. It knows the commands that the writers of this
package emit and the rules that matter: scripts are smaller, limits stand below a sum in a display and beside it in a
fraction, binary signs and relations have room around them. Source: D. Knuth, "The TeXbook" (1984), appendix G.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from math import ceil
from types import MappingProxyType

from gradproof.derive.render.latex_metrics import (
    ACCENTS,
    BIG,
    BINARY,
    COMMANDS,
    FENCES,
    GROWN,
    ITALIC,
    LEAN,
    MEDIUM,
    RELATION,
    ROMAN,
    SIGNS,
    SPACE,
    THICK,
    THIN,
    WORDS,
)

DISPLAY, TEXT, SCRIPT, TINY = range(4)
#: How much smaller the letters of a style are.
_SIZE = (1.0, 1.0, 0.8, 0.7)

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}_^]|\s+|.", re.DOTALL)


@lru_cache(maxsize=65536)
def width(text: str) -> int:
    r"""Return about how many points wide a piece of mathematics is set in a display, rounded up.

    Spaces alone are points, one each: so wide a line is moved to the right.

    >>> width(r"\frac{1}{N}"), width(r"\sum_{i=1}^{N} x_i"), width("   ")
    (12, 26, 3)
    """
    if text.isspace() and len(text) > 1:
        return len(text)
    return ceil(_Reader(_TOKEN.findall(text)).row(DISPLAY) / 100)


class _Reader:
    """Reads tokens from left to right and adds up widths in hundredths of a point."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def row(self, style: int, end: str = "") -> float:
        """Return the width up to `end`, which is read too."""
        total = 0.0
        while self.peek() and self.peek() != end:
            total += self.atom(style)
        self.next()
        return total

    def group(self, style: int) -> float:
        """Return the width of a group in braces, or of the one atom that stands for it."""
        while self.peek().isspace():
            self.next()
        return self.nucleus(self.next(), style)

    def atom(self, style: int) -> float:
        """Return the width of an atom with its scripts and the room around it."""
        head = self.next()
        big = BIG.get(head)
        own = big[style != DISPLAY] * _SIZE[style] if big else self.nucleus(head, style)
        below, above = self.scripts(min(max(style, TEXT) + 1, TINY))
        if style == DISPLAY and (big or head in (r"\max", r"\min")):
            return max(own, below, above) + THIN
        lean = 0 if below else LEAN.get(head, 0) * _SIZE[style]
        return own + lean + (max(below, above) + 50 if below or above else 0) + (THIN if big else 0)

    def scripts(self, style: int) -> tuple[float, float]:
        below = above = 0.0
        while self.peek() in ("_", "^"):
            if self.next() == "_":
                below = self.group(style)
            else:
                above = self.group(style)
        return below, above

    def nucleus(self, head: str, style: int) -> float:
        if head.startswith("{"):
            return self.row(style, "}")
        if head.startswith("\\"):
            return self.command(head[1:], style)
        if head.isspace() or head in ("&", "}"):
            return 0
        if head in SIGNS:
            own, around = SIGNS[head]
            return own * _SIZE[style] + (around if style < SCRIPT else 0)
        return ITALIC.get(head, 500) * _SIZE[style]

    def command(self, name: str, style: int) -> float:
        """Return the width of a command with its arguments."""
        if name in _FORMS:
            return _FORMS[name](self, style)
        if name in SPACE:
            return SPACE[name]
        size = _SIZE[style]
        if name in WORDS:
            return sum(ROMAN[c] for c in name) * size + 2 * THIN
        if name in BINARY or name in RELATION:
            around = MEDIUM if name in BINARY else THICK
            return BINARY.get(name, 778) * size + (around if style < SCRIPT else 0)
        return self.group(style) if name in ACCENTS else COMMANDS.get(name, 600) * size

    # ------------------------------------------------------------ commands with arguments

    def fraction(self, style: int) -> float:
        inner = min(style + 1, TINY)
        return max(self.group(inner), self.group(inner)) + 240

    def fenced(self, style: int) -> float:
        r"""Return the width of `\left( ... \right)`, whose fences grow with what is inside."""
        self.next()
        start = self.at
        inside = self.row(style, r"\right")
        self.next()
        within = (*self.tokens[start : self.at], "")
        fence = next(size for sign, size in GROWN if sign in within)
        return inside + 2 * fence * _SIZE[style] + THIN

    def sized(self, style: int) -> float:
        """Return the width of a fence of a given size."""
        size = FENCES[self.tokens[self.at - 1][1:]]
        self.next()
        return size * _SIZE[style]

    def root(self, style: int) -> float:
        return self.group(style) + 950 * _SIZE[style]

    def stack(self, style: int) -> float:
        """Return the width of the widest row of a stack."""
        self.next()
        rows = [0.0]
        while self.peek() and self.peek() != "}":
            if self.peek() == r"\\":
                self.next()
                rows.append(0.0)
            rows[-1] += self.atom(style)
        self.next()
        return max(rows)

    def operator(self, style: int) -> float:
        return self.upright(style) + 2 * THIN

    def upright(self, style: int) -> float:
        """Return the width of a group of upright letters."""
        total, depth = 0.0, 0
        while part := self.next():
            depth += {"{": 1, "}": -1}.get(part, 0)
            if not depth:
                break
            total += 333 * len(part) if part.isspace() else sum(ROMAN.get(c, 500) for c in part.lstrip("\\{}"))
        return total * _SIZE[style]


_FORMS: MappingProxyType[str, Callable[[_Reader, int], float]] = MappingProxyType(
    dict.fromkeys(("frac", "tfrac", "dfrac"), _Reader.fraction)
    | dict.fromkeys(("text", "mathbb", "mathbf", "mathrm", "texttt"), _Reader.upright)
    | dict.fromkeys(FENCES, _Reader.sized)
    | {"left": _Reader.fenced, "sqrt": _Reader.root, "substack": _Reader.stack, "operatorname": _Reader.operator}
)
