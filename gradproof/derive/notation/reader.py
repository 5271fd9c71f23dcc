"""Text -> syntax tree. The grammar is `grammar.lark`; text is never evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from gradproof.derive import syntax
from gradproof.derive.notation.declared import children, walk
from gradproof.derive.notation.lines import MAX_DEPTH, Source, Statement, docstring, open_source, statements
from gradproof.derive.notation.words import explain
from gradproof.errors import InputError, Span

_OPERATORS = {"·": "*", "×": "*", "⋅": "*", "−": "-", "≤": "<=", "≥": ">=", "≠": "!="}
_REDUCTIONS = {"Σ": "sum", "∑": "sum", "Π": "prod", "∏": "prod"}


def parse_syntax(text: str, source: str = "<text>") -> syntax.Text:
    """Return the syntax tree of a text in the notation.

    Raises:
        InputError: with line, column, a caret and what was expected.
    """
    opened = open_source(text, source)
    title, begin = docstring(opened)
    first, _, rest = title.partition("\n")
    read = tuple(_Reader(opened, s).statement() for s in statements(opened, begin))
    return syntax.Text(first.strip(), rest.strip(), read, source)


@lru_cache(None)
def _grammar() -> Lark:
    text = resources.files("gradproof.derive.notation").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", start="statement", propagate_positions=True, maybe_placeholders=False)


class _Reader:
    """Turns one statement's parse tree into syntax nodes, from the leaves up and without recursion."""

    def __init__(self, source: Source, statement: Statement) -> None:
        self.source, self.start = source, statement
        self.made: dict[int, tuple[object, int]] = {}

    def statement(self) -> syntax.Statement:
        try:
            tree = _grammar().parse(self.start.text)
        except UnexpectedInput as error:
            raise explain(error, self.source, self.start) from None
        for part in tree.iter_subtrees():
            self._make(part)
        return self.made[id(tree)][0]  # type: ignore[return-value]

    def _make(self, tree: Tree[Token]) -> None:
        span = self.source.span(self.start.offset + tree.meta.start_pos, self.start.offset + tree.meta.end_pos)
        children = [c if isinstance(c, Token) else self.made[id(c)] for c in tree.children]
        depth = 1 + max((c[1] for c in children if isinstance(c, tuple)), default=0)
        if depth > 2 * MAX_DEPTH:
            raise InputError(
                "this expression nests too deeply",
                where=span,
                expected="a flatter one; name parts of it by equations of their own",
            )
        parts = [c[0] if isinstance(c, tuple) else c for c in children]
        self.made[id(tree)] = (_RULES[str(tree.data)](parts, span), depth)


Parts = list[Any]
Rule = Callable[[Parts, Span], object]


@dataclass(frozen=True, slots=True)
class _Group:
    """An expression in parentheses, until what stands around it is known."""

    node: syntax.Node


@dataclass(frozen=True, slots=True)
class _Loose:
    """A reduction over a product without parentheses: as a divisor it could be read in two ways."""

    node: syntax.Node
    op: str


def _plain(part: Any) -> Any:
    return part.node if isinstance(part, _Group | _Loose) else part


def _all(parts: Parts) -> tuple[Any, ...]:
    return tuple(_plain(p) for p in parts)


def _name(token: Token) -> str:
    return str(token.value).replace("′", "'")


def _operator(token: Token) -> str:
    return _OPERATORS.get(token.value, str(token.value))


def _chain(parts: Parts, span: Span) -> syntax.Node:
    """`a op b op c` as binary nodes that lean to the left."""
    left = _plain(parts[0])
    for token, right in zip(parts[1::2], parts[2::2], strict=True):
        op = _operator(token)
        if op in "/%" and isinstance(right, _Loose):
            raise InputError(
                f"`a {op} {right.op}[...] b*c` can be read in two ways",
                where=right.node.span,
                expected="parentheses that say how far the reduction reaches",
                hint=f"write a {op} ({right.op}[...] b*c), or (a {op} {right.op}[...] b)*c",
            )
        left = syntax.Binary(op, left, _plain(right), span)
    return left


def _minus(parts: Parts, span: Span) -> object:
    operand = parts[-1]
    node = syntax.Unary(_plain(operand), span)
    return _Loose(node, operand.op) if isinstance(operand, _Loose) else node


def _power(parts: Parts, span: Span) -> syntax.Node:
    return syntax.Binary("**", _plain(parts[0]), _plain(parts[2]), span)


def _superscript(parts: Parts, span: Span) -> syntax.Node:
    return syntax.Binary("**", _plain(parts[0]), syntax.Number({"²": "2", "³": "3"}[parts[1].value], span), span)


def _reduction(parts: Parts, span: Span) -> object:
    op = _REDUCTIONS.get(parts[0].value, str(parts[0].value))
    body = parts[-1]
    node = syntax.Reduction(op, _all(parts[1:-1]), _plain(body), span)
    loose = isinstance(body, syntax.Binary) and body.op in ("*", "/", "%")
    return _Loose(node, op) if loose or isinstance(body, _Loose) else node


def _compare(parts: Parts, span: Span) -> syntax.Node:
    return syntax.Compare(_all(parts[0::2]), tuple(_operator(t) for t in parts[1::2]), span)


def _number(parts: Parts, span: Span) -> syntax.Node:
    return syntax.Number(str(parts[0].value), span)


def _item(parts: Parts, span: Span) -> syntax.Node:
    return syntax.Item(_name(parts[0]), _all(parts[1:]), span)


def _apply(parts: Parts, span: Span) -> syntax.Node:
    return syntax.Apply(_name(parts[0]), _all(parts[1:]), span)


def _declared(parts: Parts, span: Span) -> syntax.Declared:
    """`x[m, D] in C`: the axes and the bound come marked by their rule."""
    found: dict[str, Any] = dict(p for p in parts[1:] if isinstance(p, tuple))
    return syntax.Declared(_name(parts[0]), found.get("axes", ()), found.get("bound"), span)


def _declaration(kind: str) -> Rule:
    return lambda parts, span: syntax.Declaration(kind, tuple(parts), span)


def _define(kind: str) -> Rule:
    return lambda parts, span: syntax.Define(kind, parts[0], _plain(parts[1]), span)


def _solve(parts: Parts, span: Span) -> object:
    """`solve Y: left = right`; each axis of the target has the first letter that a read has there, bound ones first."""
    name = _name(parts[0])
    residual = syntax.Binary("-", _plain(parts[1]), _plain(parts[2]), span)
    reads = list(_reads(residual, name, frozenset()))
    if not reads:
        raise InputError(
            f"{name} does not stand in the equation that it is solved for",
            where=span,
            expected=f"an equation in {name}, as in solve {name}: sum[j] A[i,j]*{name}[j] = b[i]",
        )
    indices: list[syntax.Name] = []
    for axis in range(len(reads[0][0].indices)):
        free = [n for n in _letters(reads, axis) if n.name not in {i.name for i in indices}]
        if not free:
            raise InputError(
                f"axis {axis} of {name} has no index of its own",
                where=reads[0][0].span,
                expected=f"a read of {name} with one plain index for each axis",
            )
        indices.append(free[0])
    return syntax.Define("solve", syntax.Item(name, tuple(indices), reads[0][0].span), residual, span)


def _letters(reads: list[tuple[syntax.Item, frozenset[str]]], axis: int) -> list[syntax.Name]:
    """The plain indices of an axis, those that a reduction binds first."""
    found = [(item.indices[axis], bound) for item, bound in reads if axis < len(item.indices)]
    plain = [(i, bound) for i, bound in found if isinstance(i, syntax.Name)]
    return [i for i, _ in sorted(plain, key=lambda p: p[0].name not in p[1])]


def _reads(node: Any, name: str, bound: frozenset[str]) -> Iterator[tuple[syntax.Item, frozenset[str]]]:
    """Yield every read of a tensor with the names of the indices that are bound around it."""
    if isinstance(node, syntax.Name) and node.name == name:
        yield syntax.Item(name, (), node.span), bound
    elif isinstance(node, syntax.Item) and node.name == name:
        yield node, bound
    elif isinstance(node, syntax.Reduction):
        bound |= {n.name for n in walk(node.items) if isinstance(n, syntax.Name)}
    for child in children(node):
        yield from _reads(child, name, bound)


_RULES = MappingProxyType(
    {
        "number": _number,
        "name": lambda parts, span: syntax.Name(_name(parts[0]), span),
        "item": _item,
        "apply": _apply,
        "group": lambda parts, _span: _Group(_plain(parts[0])),
        "tuple": lambda parts, span: syntax.Position(_all(parts), span),
        "bracket": lambda parts, span: syntax.Bracket(_all(parts), span),
        "negation": lambda parts, span: syntax.Negation(_all(parts), span),
        "compare": _compare,
        "reduction": _reduction,
        "plus": lambda parts, _span: parts[-1],
        "minus": _minus,
        "power": _power,
        "superscript": _superscript,
        "product": _chain,
        "sum": _chain,
        "axes": lambda parts, _span: ("axes", _all(parts)),
        "bound": lambda parts, _span: ("bound", _plain(parts[0])),
        "declared": _declared,
        "plain": lambda parts, span: syntax.Declared(_name(parts[0]), (), None, span),
        "given": _declaration("given"),
        "param": _declaration("param"),
        "shape": _declaration("shape"),
        "given_size": _declaration("size"),
        "given_function": _declaration("function"),
        "adjoint": _declaration("adjoint"),
        "assume": lambda parts, span: syntax.Assume(_plain(parts[0]), _plain(parts[1]), span),
        "outside": lambda parts, span: syntax.Outside(_name(parts[0]), _plain(parts[1]), span),
        "define": _define("define"),
        "start": _define("start"),
        "update": _define("update"),
        "solve": _solve,
    }
)
