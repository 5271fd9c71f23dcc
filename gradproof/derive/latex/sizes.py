"""Sizes of axes, found by unification: what an index runs over and what an axis is long must agree."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.derive import syntax
from gradproof.errors import InputError, Span


@dataclass
class _Class:
    """Axes and indices that have one size; `node` and `where` once it has a name."""

    node: syntax.Node | None = None
    where: Span | None = None


class Sizes:
    """Union-find over size variables (integers), each class with a name or none yet."""

    def __init__(self) -> None:
        self.parent: list[int] = []
        self.known: list[_Class] = []
        self.suggested: list[tuple[int, int]] = []

    def new(self) -> int:
        self.parent.append(len(self.parent))
        self.known.append(_Class())
        return len(self.parent) - 1

    def root(self, v: int) -> int:
        while self.parent[v] != v:
            self.parent[v] = self.parent[self.parent[v]]
            v = self.parent[v]
        return v

    def bind(self, v: int, node: syntax.Node, where: Span, what: str) -> None:
        """Say that v is the size `node`.

        Raises:
            InputError: it is another size elsewhere.
        """
        own = self.known[self.root(v)]
        if own.node is None:
            own.node, own.where = node, where
        elif key(own.node) != key(node):
            raise _conflict(own, node, where, what)

    def join(self, a: int, b: int, where: Span, what: str) -> None:
        """Say that a and b are the same size."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        first, second = self.known[a], self.known[b]
        if first.node is not None and second.node is not None and key(first.node) != key(second.node):
            raise _conflict(first, second.node, where, what, second.where)
        self._union(a, b)

    def _union(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            if self.known[a].node is None:
                self.known[a] = self.known[b]
            self.parent[b] = a

    def suggest(self, a: int, b: int) -> None:
        """Say that a and b are the same size, where nothing says that they are two."""
        self.suggested.append((a, b))

    def settle(self) -> None:
        """Join what was suggested, but for sizes with two names."""
        for a, b in self.suggested:
            if self.name(a) is None or self.name(b) is None:
                self._union(a, b)

    def name(self, v: int) -> syntax.Node | None:
        return self.known[self.root(v)].node


def _conflict(first: _Class, node: syntax.Node, where: Span, what: str, second: Span | None = None) -> InputError:
    said = [(first.where, _shown(first.node)), (second or where, _shown(node))]
    said.sort(key=lambda p: (p[0].line, p[0].column) if p[0] else (0, 0))
    places = [f"{name} in line {place.line}" if place else name for place, name in said]
    return InputError(
        f"{what} has two sizes: {' and '.join(places)}",
        where=where,
        expected="one size",
        hint="use one letter for it, or declare the shapes: where x in R^{m x n}",
    )


def key(node: syntax.Node | None) -> str:
    """Return a size as text, equal for equal sizes as written."""
    match node:
        case syntax.Number():
            return node.text
        case syntax.Name():
            return node.name
        case syntax.Binary():
            return f"({key(node.left)}{node.op}{key(node.right)})"
        case syntax.Unary():
            return f"-{key(node.operand)}"
    return "?"


def _shown(node: syntax.Node | None) -> str:
    text = key(node)
    return text[1:-1] if isinstance(node, syntax.Binary) else text
