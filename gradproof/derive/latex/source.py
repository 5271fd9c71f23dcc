"""A document's text with line starts, so that an offset becomes a line, a column and a caret."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from gradproof.errors import InputError, Span

#: A page of notes; beyond it a document is refused at once, so that time and memory stay bounded.
MAX_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class Source:
    """A text and its name."""

    name: str
    text: str
    starts: tuple[int, ...] = field(repr=False)

    def line(self, offset: int) -> int:
        """Return the line of an offset, from 1."""
        return bisect_right(self.starts, offset)

    def span(self, start: int, end: int) -> Span:
        """Return the place start:end, cut to the line that it begins in."""
        line = self.line(start)
        begin = self.starts[line - 1]
        stop = self.text.find("\n", begin)
        text = self.text[begin : stop if stop >= 0 else len(self.text)]
        length = max(1, min(end, begin + len(text)) - start)
        return Span(self.name, line, start - begin + 1, text, length)


def make_source(text: str, name: str) -> Source:
    """Return the text with Unix line ends.

    Raises:
        InputError: the text is no page of notes: empty, binary or enormous.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"{name} has {len(text):,} characters",
            expected=f"a page of notes, at most {MAX_CHARACTERS:,} characters",
            hint="split it into pages",
        )
    if not text.strip():
        raise InputError(
            f"{name} is empty", expected="a page of notes with display equations: $$ ... $$ or \\[ ... \\]"
        )
    if "\x00" in text:
        raise InputError(
            f"{name} is a binary file: it holds a zero byte at offset {text.index(chr(0))}", expected="text, UTF-8"
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(name, text, _line_starts(text))


def _line_starts(text: str) -> tuple[int, ...]:
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return tuple(starts)
