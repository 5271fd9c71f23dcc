"""A Markdown page -> its mathematics: display equations, inline mathematics, notation blocks; code is passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradproof.derive.latex.source import Source

NOTATION_FENCES = ("gradproof", "eqs")
MATH_FENCES = ("math", "latex", "tex")
ENVIRONMENTS = ("equation", "align", "gather", "multline", "eqnarray", "flalign")

_OPEN = re.compile(
    r"(?P<fence>^[ \t>]*(?P<ticks>`{3,}|~{3,})[ \t]*\{?\.?(?P<tag>[\w+-]*)[^\n`]*$)"
    r"|(?P<code>`+)"
    r"|(?P<escaped>\\[\\$`]\[?)"
    r"|(?P<dollars>\$\$)"
    r"|(?P<bracket>\\\[)"
    r"|(?P<paren>\\\()"
    rf"|(?P<env>\\begin\{{(?P<envname>(?:{'|'.join(ENVIRONMENTS)})\*?)\}})"
    r"|(?P<dollar>\$)"
    r"|(?P<comment><!--)",
    re.MULTILINE,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the page: text[start:end] is its body, without the delimiters; `opened` is where the opening one stands.

    kind: "display", "inline", "notation", "code" or "unclosed".
    """

    kind: str
    start: int
    end: int
    opened: int
    after: int


def scan(source: Source) -> tuple[Block, ...]:
    """Return the blocks of a page, in order. Time grows linearly with the text."""
    text, at, blocks = source.text, 0, []
    while found := _OPEN.search(text, at):
        block = _block(text, found)
        if block is not None:
            blocks.append(block)
        at = max(block.after if block else found.end(), found.end())
    return tuple(blocks)


def _block(text: str, found: re.Match[str]) -> Block | None:
    kind = found.lastgroup if found.lastgroup not in ("ticks", "tag", "envname") else _outer(found)
    start = found.end()
    if kind == "fence":
        return _fence(text, found)
    if kind == "code":
        return _until(text, found, found["code"], "code", quiet=True)
    if kind == "comment":
        return _until(text, found, "-->", "code", quiet=True, blank_lines=True)
    if kind == "dollars":
        return _until(text, found, "$$", "display")
    if kind == "bracket":
        return _until(text, found, r"\]", "display")
    if kind == "env":
        return _until(text, found, rf"\end{{{found['envname']}}}", "display")
    if kind == "paren":
        return _until(text, found, r"\)", "inline", quiet=True)
    if kind == "dollar" and start < len(text) and not text[start].isspace():
        return _dollar(text, found)
    return None


def _outer(found: re.Match[str]) -> str:
    return "fence" if found["fence"] else "env"


def _until(text: str, found: re.Match[str], close: str, kind: str, *, quiet: bool = False, blank_lines: bool = False) -> Block | None:
    """Return the block up to the closing delimiter; no blank line may stand inside, so that one open `$$` does not eat the page."""
    start = found.end()
    end = text.find(close, start)
    body_start = start + len(text[start : start + 200]) - len(text[start : start + 200].lstrip())
    blank = None if blank_lines else _BLANK_LINE.search(text, body_start, end if end >= 0 else min(len(text), body_start + 20_000))
    if end >= 0 and (blank is None or not text[blank.end() : end].strip()):
        return Block(kind, start, end, found.start(), end + len(close))
    if quiet:
        return None
    stop = blank.start() if blank else len(text)
    return Block("unclosed", start, stop, found.start(), stop)


def _fence(text: str, found: re.Match[str]) -> Block:
    close = re.compile(rf"^[ \t>]*{re.escape(found['ticks'])}[`~]*[ \t]*$", re.MULTILINE).search(text, found.end())
    end, after = (close.start(), close.end()) if close else (len(text), len(text))
    tag = found["tag"].lower()
    kind = "notation" if tag in NOTATION_FENCES else "display" if tag in MATH_FENCES else "code"
    opened = found.start("ticks")
    if close is None and kind != "code":
        return Block("unclosed", found.end(), end, opened, after)
    return Block(kind, min(found.end() + 1, end), end, opened, after)


def _dollar(text: str, found: re.Match[str]) -> Block | None:
    """Return inline mathematics: as pandoc has it, no space inside the dollars and no digit after them (`$5 and $6` is money)."""
    start = found.end()
    line_end = text.find("\n\n", start)
    limit = min(line_end if line_end >= 0 else len(text), start + 5_000)
    end = text.find("$", start, limit)
    while end >= 0 and text[end - 1] == "\\":
        end = text.find("$", end + 1, limit)
    if end < 0 or text[end - 1].isspace() or text[end + 1 : end + 2].isdigit() or "`" in text[start:end] or text[end + 1 : end + 2] == "$":
        return None
    return Block("inline", start, end, found.start(), end + 1)
