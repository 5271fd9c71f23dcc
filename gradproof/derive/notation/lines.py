"""Cut a text into its docstring and its statements, and find bracket mistakes before the grammar sees them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from gradproof.errors import InputError, Span

#: Far above any system on paper; keeps the time and memory of a mistaken input bounded.
MAX_TEXT = 400_000
MAX_STATEMENT = 20_000
MAX_DEPTH = 60

_DOCSTRING = re.compile(r'(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*("""|\'\'\')(.*?)\1[ \t]*(?:#[^\n]*)?(?=\n|\Z)', re.DOTALL)
_CLOSER = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Source:
    """A text under its name; turns offsets into places."""

    name: str
    text: str
    starts: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Return the place of the characters from `start` up to `end` (cut at the end of the line)."""
        line = bisect_right(self.starts, start)
        first = self.starts[line - 1]
        last = self.starts[line] - 1 if line < len(self.starts) else len(self.text)
        return Span(self.name, line, start - first + 1, self.text[first:last], max(1, min(end, last) - start))


@dataclass(frozen=True, slots=True)
class Statement:
    """One logical line: `text` begins at `offset` of the whole text; comments are blanked."""

    offset: int
    text: str


def open_source(text: str, name: str) -> Source:
    """Return the text in composed Unicode form with plain line ends.

    Raises:
        InputError: if the text is too long, or holds control characters (a binary file).
    """
    if len(text) > MAX_TEXT:
        raise InputError(
            f"{name}: the text has {len(text)} characters",
            expected=f"at most {MAX_TEXT} characters of equations",
            hint="give the file with the equations, one system a file",
        )
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    source = Source(name, text, (0, *(m.end() for m in re.finditer("\n", text))))
    bad = re.search(r"[^\S \t\n]|[\x00-\x08\x0e-\x1f\x7f\ufffd]", text.replace("\u00a0", " "))
    if bad:
        raise InputError(
            f"the character {bad.group()!a} cannot stand in equations",
            where=source.span(bad.start(), bad.end()),
            expected="plain UTF-8 text",
        )
    return Source(name, text.replace("\u00a0", " "), source.starts)


def docstring(source: Source) -> tuple[str, int]:
    """Return the docstring (dedented, without its quotes) and the offset at which the statements begin."""
    found = _DOCSTRING.match(source.text)
    if found:
        lines = [line.strip() for line in found.group(2).strip().splitlines()]
        return "\n".join(lines), found.end()
    for quotes in ('"""', "'''"):
        at = source.text.find(quotes)
        if at >= 0 and not source.text[:at].strip():
            raise InputError("this docstring is never closed", where=source.span(at, at + 3), expected=quotes)
    return "", 0


def statements(source: Source, begin: int) -> list[Statement]:
    """Return the logical lines: a line goes on while a bracket is open.

    Raises:
        InputError: for brackets that do not match, and for statements that are too long or nest too deeply.
    """
    out: list[Statement] = []
    opened: list[int] = []
    start, end = begin, begin
    text = _blank_comments(source.text, begin)
    for at in range(begin, len(text) + 1):
        c = text[at] if at < len(text) else "\n"
        if c in _CLOSER:
            opened.append(at)
            _check_depth(source, opened)
        elif c in ")]}":
            _close(source, text, opened, at)
        if c == "\n" and not opened:
            if end > start:
                out.append(_statement(source, text, start, end))
            start = end = at + 1
        elif not c.isspace():
            start = at if start == end else start
            end = at + 1
    if opened:
        raise InputError(
            f"this {text[opened[-1]]} is never closed",
            where=source.span(opened[-1], opened[-1] + 1),
            expected=_CLOSER[text[opened[-1]]],
        )
    return out


def _blank_comments(text: str, begin: int) -> str:
    """Replace comments by spaces, so that every other character keeps its place."""
    return text[:begin] + re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), text[begin:])


def _statement(source: Source, text: str, start: int, end: int) -> Statement:
    if end - start > MAX_STATEMENT:
        raise InputError(
            f"this statement has {end - start} characters",
            where=source.span(start, start + 1),
            expected=f"at most {MAX_STATEMENT}; name parts of it by equations of their own",
        )
    return Statement(start, text[start:end])


def _check_depth(source: Source, opened: list[int]) -> None:
    if len(opened) > MAX_DEPTH:
        raise InputError(
            f"brackets nest more than {MAX_DEPTH} deep",
            where=source.span(opened[-1], opened[-1] + 1),
            expected="a flatter expression; name parts of it by equations of their own",
        )


def _close(source: Source, text: str, opened: list[int], at: int) -> None:
    if not opened:
        raise InputError(
            f"this {text[at]} closes nothing", where=source.span(at, at + 1), expected="an opening bracket before it"
        )
    first = opened.pop()
    if _CLOSER[text[first]] != text[at]:
        place = source.span(first, first + 1)
        raise InputError(
            f"{text[at]} cannot close the {text[first]} of line {place.line}, column {place.column}",
            where=source.span(at, at + 1),
            expected=_CLOSER[text[first]],
        )
