"""The surface syntax tree: what a reader understood, before names are resolved and ranges are found.

Both readers (the notation's and the LaTeX one) produce it; `notation.elaborate` turns it into a `System`.
Every node has a `span`, so that a later error can point at the place in the user's text.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.errors import Span


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, as written: "2", "0.5", "1e-5"."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name: an index, a size, a scalar tensor, or `pi`."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """`T[i, j]`."""

    name: str
    indices: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Apply:
    """`f(a, b)`: an elementwise function, `sqrt`, `where`, `grad`, or an unknown function."""

    name: str
    arguments: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """`-a`."""

    operand: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """`a op b`, op one of + - * / ** %."""

    op: str
    left: Node
    right: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain `a < b <= c`: operands and the operators between them (== != < <= > >=)."""

    operands: tuple[Node, ...]
    ops: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Negation:
    """`not(c1, c2)`: not all of the conditions hold."""

    conditions: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Position:
    """`(a, b)` compared with an arg-max."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Bracket:
    """An Iverson bracket `[c1, c2]`."""

    conditions: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Reduction:
    """`op[items] body`, op one of sum mean prod max min argmax argmin logdet; an item is a Name or a condition."""

    op: str
    items: tuple[Node, ...]
    body: Node
    span: Span


Node = Number | Name | Item | Apply | Unary | Binary | Compare | Negation | Position | Bracket | Reduction


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared name: `x[m, D]`, `label[m] in C`, `lam`; sizes are expressions over names and numbers."""

    name: str
    shape: tuple[Node, ...]
    bound: Node | None
    span: Span


@dataclass(frozen=True, slots=True)
class Declaration:
    """`given ...`, `param ...`, `shape ...`, `given size ...`, `given function ...`; kind is the last word of these."""

    kind: str
    items: tuple[Declared, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Assume:
    """`assume left = right`."""

    left: Node
    right: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Outside:
    """`outside x = 0`."""

    name: str
    value: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Define:
    """`target = value` (kind "define"), `start target = value` ("start"), `target := value` ("update").

    `solve Y: left = right` has the kind "solve": the target is the first read of Y, the value left less right.
    """

    kind: str
    target: Item | Name
    value: Node
    span: Span


Statement = Declaration | Assume | Outside | Define


@dataclass(frozen=True, slots=True)
class Text:
    """A whole system as read: docstring and statements in order."""

    title: str
    source: str
    statements: tuple[Statement, ...]
    name: str = "<text>"
