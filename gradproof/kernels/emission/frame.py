"""A function that is being written: its lines, its local names, and values that were given a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from gradproof.kernels.names import ascii_name
from gradproof.kernels.scope import Scope

_INDENT = "    "
#: A view, and the array that it is one of.
_VIEW = re.compile(r"^(?:(?:cut|as_row)\()*(\w+)[\[,)].*$")
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


class Frame:
    """The body of one function."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.lines: list[str] = []
        self.depth = 0
        scope.local = {"lo", "hi", *scope.own}  # reserved names that a helper may be handed
        self._bound: list[dict[str, str]] = [{}]
        self._ever: dict[str, str] = {}

    def put(self, line: str) -> None:
        """Add a line."""
        self.lines.append(_INDENT * self.depth + line)

    def take_back(self, start: str) -> bool:
        """Remove the last line, if it begins so in this block; say whether it did."""
        found = bool(self.lines) and self.lines[-1].startswith(_INDENT * self.depth + start)
        if found:
            self.lines.pop()
        return found

    def put_all(self, lines: Iterable[str]) -> None:
        """Add lines."""
        for line in lines:
            self.put(line)

    def name(self, wish: str) -> str:
        """Return a local name that nothing else has: the wish, or the wish and a number."""
        base, number = ascii_name(wish), 2
        name, taken = base, self.scope.visible() | self.scope.names.reserved
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        self.scope.local.add(name)
        return name

    def bind(self, text: str, wish: str) -> str:
        """Return the name of a value; the first time in this block, a line that gives it the name is added."""
        if text.isidentifier():
            return text
        for known in reversed(self._bound):
            if text in known:
                return known[text]
        if text not in self._ever:
            self._ever[text] = self.name(wish)
        name = self._ever[text]
        self._bound[-1][text] = name
        self.put(f"{name} = {text}")
        return name

    def is_new(self, line: str) -> bool:
        """Has the line not been noted in this block or around it? It is then."""
        new = not any(line in known for known in self._bound)
        self._bound[-1].setdefault(line, "")
        return new

    def alias(self, array: str, wish: str) -> str:
        """Return another name of an array."""
        return self.bind(f"{array}[:]", wish)

    def base(self, name: str) -> str:
        """Return the array that a local name is a view of; the name itself, if it is none."""
        text = next((text for text, known in self._ever.items() if known == name), name)
        return _VIEW.sub(r"\1", text)

    @contextmanager
    def under(self, head: str) -> Iterator[None]:
        """Indent under a line; where the lines just before stand under the same one, those that follow join them."""
        outside = next((x for x in reversed(self.lines) if not x.startswith(_INDENT * (self.depth + 1))), "")
        if outside != _INDENT * self.depth + head or self.lines[-1] == outside:
            self.put(head)
        with self.block():
            yield

    @contextmanager
    def block(self) -> Iterator[None]:
        """Indent; names given inside are known inside alone."""
        self.depth += 1
        self._bound.append({})
        yield
        self._bound.pop()
        self.depth -= 1


def words_in(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the identifiers of some lines of source in the order of their appearance, without those in comments."""
    return tuple(dict.fromkeys(w for line in lines for w in _WORD.findall(line.split("  # ", 1)[0].split("# (")[0])))
