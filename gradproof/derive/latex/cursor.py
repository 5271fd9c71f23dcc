"""A cursor over tokens, with errors that point into the document and a bound on nesting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gradproof.derive.latex.source import Source
from gradproof.derive.latex.tokens import Token
from gradproof.errors import InputError

#: Groups and factors inside one another; deeper text is refused, so that no recursion can run out of stack.
MAX_DEPTH = 100
#: Terms of one sum or factors of one product.
MAX_WIDTH = 200


class Cursor:
    """The tokens of one equation and the place that is being read. The one mutable thing in reading."""

    def __init__(self, source: Source, tokens: tuple[Token, ...]) -> None:
        self.source, self.tokens, self.at, self.depth, self.bars = source, tokens, 0, 0, 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def text(self) -> str:
        return self.tokens[self.at].text

    def ahead(self, by: int = 1) -> str:
        """Return the text of a later token ("" past the end)."""
        return self.tokens[min(self.at + by, len(self.tokens) - 1)].text

    @property
    def last_end(self) -> int:
        return self.tokens[self.at - 1].end

    def next(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Take the next token if it is one of the texts."""
        if self.token.kind != "end" and self.text in texts:
            self.at += 1
            return True
        return False

    def expect(self, text: str, why: str = "") -> Token:
        if self.token.kind == "end" or self.text != text:
            raise self.error(f"expected {show(text)}{why}, found {self.found()}", expected=show(text))
        return self.next()

    def found(self) -> str:
        return "the end of the equation" if self.token.kind == "end" else show(self.text)

    def error(
        self, message: str, *, at: tuple[int, int] | None = None, expected: str = "", hint: str = ""
    ) -> InputError:
        """Return an error at the next token (or at a given place)."""
        start, end = at or (self.token.start, self.token.end)
        if at is None and self.token.kind == "end" and self.at:
            start, end = self.last_end - 1, self.last_end
        return InputError(message, where=self.source.span(start, end), expected=expected, hint=hint)

    @contextmanager
    def nested(self, *, delimiters: bool = True) -> Iterator[None]:
        """Count a group; too many inside one another are an error. Inside delimiters, `|` opens again."""
        if self.depth >= MAX_DEPTH:
            raise self.error(
                f"this is nested too deeply (more than {MAX_DEPTH} levels)", expected="an equation of a page"
            )
        bars = self.bars
        if delimiters:
            self.bars = 0
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            self.bars = bars

    def braced(self) -> str:
        """Take `{...}` and return the raw text inside, for names and environments."""
        opening = self.expect("{", " with a name in it")
        depth = 1
        while depth:
            if self.token.kind == "end":
                raise self.error("this brace is not closed", at=(opening.start, opening.end))
            depth += {"{": 1, "}": -1}.get(self.next().text, 0)
        return self.source.text[opening.end : self.tokens[self.at - 1].start]


def show(text: str) -> str:
    """Return a token as messages show it."""
    return f"`{text}`"
