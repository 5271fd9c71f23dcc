"""Errors: what was expected, what came, what to do, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text: `source` names it; `line` and `column` count from 1; `text` is the whole line."""

    source: str
    line: int
    column: int
    text: str = ""
    length: int = 1

    def show(self) -> str:
        """Return `source:line:column`, the line, and a caret under the place."""
        head = f"{self.source}:{self.line}:{self.column}"
        if not self.text:
            return head
        shown, column = _window(self.text, self.column)
        caret = " " * (column - 1) + "^" * max(1, min(self.length, len(shown) - column + 1))
        return f"{head}\n    {shown}\n    {caret}"


def _window(text: str, column: int, width: int = 100) -> tuple[str, int]:
    """Cut a long line to `width` characters around the column."""
    text = text.expandtabs(1)
    if len(text) <= width:
        return text, column
    start = max(0, min(column - width // 2, len(text) - width))
    return text[start : start + width], column - start


class GradproofError(Exception):
    """Anything gradproof refuses or fails at."""


class InputError(GradproofError):
    """The user's input cannot be used.

    Args:
        message: what came, with the offending value.
        where: the place in the text, if there is one.
        expected: what was expected instead.
        hint: what to do, for example the line to add.
    """

    def __init__(self, message: str, *, where: Span | None = None, expected: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.where, self.expected, self.hint = message, where, expected, hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.expected:
            parts.append(f"  expected: {self.expected}")
        if self.where is not None:
            parts.append("  at " + self.where.show().replace("\n", "\n  "))
        if self.hint:
            parts.append(f"  help: {self.hint}")
        return "\n".join(parts)


class NotYet(InputError):
    """Understood, but not supported yet: the message names what and where."""


class InternalError(GradproofError):
    """A mistake of gradproof's own: please report it."""
