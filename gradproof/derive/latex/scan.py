"""A Markdown page -> its mathematics: display equations, inline mathematics, notation blocks; code is passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradproof.derive.latex.source import Source
from gradproof.errors import InputError

NOTATION_FENCES = ("gradproof", "eqs")
MATH_FENCES = ("math", "latex", "tex")
#: More is no page of notes.
MAX_BLOCKS = 20_000
ENVIRONMENTS = ("equation", "align", "gather", "multline", "eqnarray", "flalign")

_OPEN = re.compile(
    r"(?P<fence>^[ \t>]*(?P<ticks>`{3,}|~{3,})[ \t]*\{?\.?(?P<tag>[\w+-]*)[^\n`]*$)"
    r"|(?P<code>`+)"
    # Jekyll and Hugo want the backslash doubled; `\\[2pt]` is a line break
    r"|(?P<doubled>\\\\(?:\[(?!-?[\d.]+\s*[a-z]{2}\])|\())"
    r"|(?P<escaped>\\[\\$`]\[?)"
    r"|(?P<dollars>\$\$)"
    r"|(?P<bracket>\\\[)"
    r"|(?P<paren>\\\()"
    rf"|(?P<env>\\begin\{{(?P<envname>(?:{'|'.join(ENVIRONMENTS)})\*?)\}})"
    r"|(?P<dollar>\$)"
    r"|(?P<comment><!--)",
    re.MULTILINE,
)
_BLANK = "\n\n"
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the page: text[start:end] is its body, without the delimiters, which begin at `opened`.

    kind: "display", "inline", "notation", "code" or "unclosed".
    """

    kind: str
    start: int
    end: int
    opened: int
    after: int


def scan(source: Source) -> tuple[Block, ...]:
    """Return the blocks of a page, in order. Time grows linearly with the text.

    Raises:
        InputError: far more blocks than a page has.
    """
    scanner, at, blocks = _Scanner(source.text), 0, list[Block]()
    while found := _OPEN.search(source.text, at):
        block = scanner.block(found)
        if block is not None:
            blocks.append(block)
        if len(blocks) > MAX_BLOCKS:
            raise InputError(
                f"{source.name} has more than {MAX_BLOCKS:,} formulas",
                expected="a page of notes",
                hint="split it into pages",
            )
        at = max(block.after if block else found.end(), found.end())
    return tuple(blocks)


class _Scanner:
    """Finds where blocks end; the next place of each delimiter is remembered: nothing is searched twice."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.next: dict[str, int] = {}

    def find(self, what: str, start: int) -> int:
        """Return the place of the next `what` at or after start, the text's length if there is none."""
        if self.next.get(what, -1) < start:
            if what == _BLANK:
                found = _BLANK_LINE.search(self.text, start)
                self.next[what] = found.start() if found else len(self.text)
            else:
                at = self.text.find(what, start)
                self.next[what] = at if at >= 0 else len(self.text)
        return self.next[what]

    def block(self, found: re.Match[str]) -> Block | None:
        """Return the block that an opening delimiter begins, None where it begins none."""
        if found["fence"]:
            return self._fence(found)
        if found["env"]:
            return self._until(found, rf"\end{{{found['envname']}}}", "display")
        kind = str(found.lastgroup)
        if kind == "code":
            return self._until(found, found["code"], "code", quiet=True)
        if kind == "comment":
            end = self.find("-->", found.end())
            return Block("code", found.end(), end, found.start(), min(end + 3, len(self.text)))
        if kind == "doubled":
            display = found["doubled"].endswith("[")
            return self._until(
                found, r"\\]" if display else r"\\)", "display" if display else "inline", quiet=not display
            )
        if kind in ("dollars", "bracket"):
            return self._until(found, "$$" if kind == "dollars" else r"\]", "display")
        if kind == "paren":
            return self._until(found, r"\)", "inline", quiet=True)
        return self._dollar(found) if kind == "dollar" else None

    def _until(self, found: re.Match[str], close: str, kind: str, *, quiet: bool = False) -> Block | None:
        """Return the block up to the closing delimiter; a blank line ends it, lest one open `$$` eat the page."""
        start = found.end()
        inside = start
        while inside < len(self.text) and self.text[inside].isspace():
            inside += 1
        end, blank = self.find(close, start), self.find(_BLANK, inside)
        if end < len(self.text) and (end <= blank or self._closes_late(found, close, blank, end)):
            return Block(kind, start, end, found.start(), end + len(close))
        return None if quiet else Block("unclosed", start, blank, found.start(), blank)

    def _closes_late(self, found: re.Match[str], close: str, blank: int, end: int) -> bool:
        """Does the delimiter after a blank line close? `$$` opens as well: both must stand alone on their lines."""
        if self.text[blank:end].strip():
            return False
        if close != "$$":
            return True
        alone = self.text[found.end() : self.find("\n", found.end())].strip() == ""
        after = self.find("\n", end)
        following = self.text[after + 1 : self.find("\n", after + 1)]
        return alone and self.text[end + 2 : after].strip() == "" and following.strip() == ""

    def _fence(self, found: re.Match[str]) -> Block:
        close = re.compile(rf"^[ \t>]*{re.escape(found['ticks'])}[`~]*[ \t]*$", re.MULTILINE).search(
            self.text, found.end()
        )
        end, after = (close.start(), close.end()) if close else (len(self.text), len(self.text))
        tag = found["tag"].lower()
        kind = "notation" if tag in NOTATION_FENCES else "display" if tag in MATH_FENCES else "code"
        opened = found.start("ticks")
        if close is None and kind != "code":
            return Block("unclosed", found.end(), end, opened, after)
        return Block(kind, min(found.end() + 1, end), end, opened, after)

    def _dollar(self, found: re.Match[str]) -> Block | None:
        """Return inline mathematics: no space inside the dollars, no digit after (`$5 and $6` is money)."""
        text, start = self.text, found.end()
        if start >= len(text) or text[start].isspace():
            return None
        limit = min(self.find(_BLANK, start), start + 5_000)
        end = text.find("$", start, limit)
        while end >= 0 and text[end - 1] == "\\":
            end = text.find("$", end + 1, limit)
        if end < 0 or text[end - 1].isspace() or text[end + 1 : end + 2].isdigit() or text[end + 1 : end + 2] == "$":
            return None
        return None if "`" in text[start:end] else Block("inline", start, end, found.start(), end + 1)
