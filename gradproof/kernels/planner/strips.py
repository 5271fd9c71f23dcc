"""Loops over stretches of an index around work on tensors over pairs of long axes, so that those stay in the cache.

Kept for a stretch of queries, or of rows of an image, scores and patches take memory in proportion to the inputs,
and little enough to stay near the processor. A sum over the stretched index becomes one over the stretches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import distance, reads
from gradproof.kernels.planner.ends import ends
from gradproof.kernels.planner.pairs import Pairs
from gradproof.kernels.planner.products import is_copy
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Once, Region, Row, Strip

#: Places in a stretch: rows of scores, and places of an image or a signal.
_ROWS, _PATCHES = 32, 128
#: A sum over the rows is read and written once for each stretch, so that processors take longer ones where they need
#: not compute more for it, as they do where another index ends with the stretch.
_LONG = 2


@dataclass(frozen=True, slots=True)
class _Part:
    """One of several nodes side by side, and what it writes and reads."""

    node: Node
    statements: tuple[Statement, ...]
    read: tuple[Element, ...]

    @property
    def written(self) -> frozenset[str]:
        return frozenset(s.name for s in self.statements)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(e.name for e in self.read)

    def needs(self, other: _Part) -> bool:
        """Does it read or write what the other, which stands before it, writes?"""
        return bool((self.names | self.written) & other.written)


class Strips:
    """Cuts the large temporaries of a plan into strips."""

    def __init__(self, pairs: Pairs, regions: Sequence[Region], *, device: bool = False) -> None:
        self.pairs, self.regions, self.device = pairs, tuple(regions), device
        self.homes: dict[str, int] = {}

    def cut(self) -> tuple[Region, ...]:
        """Return the regions, with strips in them."""
        return tuple(replace(r, body=self._body(r.body)) for r in self.regions)

    def _body(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return the nodes, those that share a large temporary inside a strip."""
        parts = [_part(n) for n in nodes]
        made = [s for p in parts for s in p.statements if self._is_at_home(s.name, nodes)]
        for index in dict.fromkeys(i for s in made for i in self.pairs.indices(s)):
            large = {s.name for s in made if index in self.pairs.indices(s)}
            cut = _cut(parts, index, large)
            if cut is not None:
                return self._around(*cut, index, [s for s in made if s.name in large])
        return tuple(replace(n, body=self._body(n.body)) if isinstance(n, Loop) else n for n in nodes)

    def _around(self, before: list[_Part], inside: list[_Part], after: list[_Part], index: Index, large: list[Statement]
                ) -> tuple[Node, ...]:  # fmt: skip
        nodes = tuple(p.node for p in inside)
        patches = any(s.name in self.pairs.spread or is_copy(s) for s in large)
        ended = tuple(self._ends(nodes, index))
        rows = _ROWS if ended or self.device else _ROWS * _LONG
        length, beside = (_PATCHES, _within(index, large)) if patches else (rows, ())
        strip = Strip(index, nodes, length, ended, beside)
        return (*self._body(tuple(p.node for p in before)), strip, *self._body(tuple(p.node for p in after)))

    def _ends(self, nodes: tuple[Node, ...], index: Index) -> Iterator[tuple[Index, int]]:
        """Yield the indices that end with the stretch."""
        leaves = [p.node for p in _leaves(nodes)]
        inside = [s for p in _leaves(nodes) for s in p.statements]
        own = {s.name for s in inside if self.pairs.indices(s) and self._stays(s.name, nodes)}
        for other in dict.fromkeys(i for s in inside if s.name in own for i in s.free):
            yield from ends(leaves, index, other, own)

    def _is_at_home(self, name: str, nodes: tuple[Node, ...]) -> bool:
        """Do all that write and read the tensor stand in these nodes, and not all in one that is a loop?"""
        inside = [p for p in map(_part, nodes) if name in p.names | p.written]
        return len(inside) > 1 and self._stays(name, nodes)

    def _stays(self, name: str, nodes: tuple[Node, ...]) -> bool:
        """Do all that write and read the tensor stand in these nodes?"""
        everywhere = [p for r in self.regions for p in _leaves(r.body) if name in p.names | p.written]
        here = [p for n in nodes for p in _leaves((n,)) if name in p.names | p.written]
        return len(everywhere) == len(here)


def _within(index: Index, large: Sequence[Statement]) -> tuple[Index, ...]:
    """Return the indices that are inside of another in all of the statements that are cut along it."""
    tails = [s.target.indices[s.target.indices.index(index) + 1 :] for s in large if index in s.target.indices]
    first = tails[0] if tails else ()
    return tuple(i for i in first if isinstance(i, Index) and all(i in tail for tail in tails))


def _cut(parts: Sequence[_Part], index: Index, large: set[str]
         ) -> tuple[list[_Part], list[_Part], list[_Part]] | None:  # fmt: skip
    """Return the parts before, inside and after a strip of the index, or None where one cannot be."""

    def follows(p: _Part, q: _Part) -> bool:
        return parts.index(q) < parts.index(p) and p.needs(q)

    inside = [p for p in parts if large & (p.names | p.written)]
    while True:
        between = [p for p in parts if p not in inside
                   and any(follows(p, q) for q in inside) and any(follows(q, p) for q in inside)]  # fmt: skip
        if not between:
            break
        inside = [p for p in parts if p in inside or p in between]
    if len(inside) < 2 or not all(_fits(p, index) for p in inside) or not _apart(inside, index):
        return None
    after: list[_Part] = []
    for p in parts:
        if p not in inside and any(follows(p, q) for q in (*inside, *after)):
            after.append(p)
    return [p for p in parts if p not in inside and p not in after], inside, after


def _fits(part: _Part, index: Index) -> bool:
    """Can a stretch of the index be done by itself?"""
    node = part.node
    if isinstance(node, Dot):
        return index in (node.rows[0], node.columns[0], node.inner[0])
    return not isinstance(node, Nest | Once | Strip) and all(
        isinstance(p.node, Row | Once) and index in open_at for p, open_at in _opened((node,), frozenset())
    )


def _apart(inside: Sequence[_Part], index: Index) -> bool:
    """Is what is written in the strip read at the same place of the index, and never a sum over it?"""
    writers = [s for p in inside for s in p.statements]
    return all(
        distance(s, e, index) == 0
        for p in inside for e in p.read for s in writers
        if s.name == e.name
    )  # fmt: skip


def _part(node: Node) -> _Part:
    leaves = list(_leaves((node,)))
    return _Part(
        node, tuple(s for p in leaves for s in p.statements), tuple(dict.fromkeys(e for p in leaves for e in p.read))
    )


def _leaves(nodes: Sequence[Node]) -> Iterator[_Part]:
    """Yield the innermost nodes."""
    for part, _ in _opened(nodes, frozenset()):
        yield part


def _opened(nodes: Sequence[Node], around: frozenset[Index]) -> Iterator[tuple[_Part, frozenset[Index]]]:
    """Yield the innermost nodes, each with the indices of the loops around it and its own."""
    for node in nodes:
        if isinstance(node, Loop | Strip):
            yield from _opened(node.body, around | {node.index})
        elif isinstance(node, Dot):
            guards = [e for c in node.statement.guards for e in elements(c)]
            yield _Part(node, (node.statement,), (node.left, node.right, *guards)), around
        elif isinstance(node, Row | Once):
            read = tuple(dict.fromkeys(e for s in node.statements for e in reads(s)))
            yield _Part(node, node.statements, read), around | ({node.index} if isinstance(node, Row) else frozenset())
        else:
            yield _nest(node), around


def _nest(node: Nest) -> _Part:
    equations = node.block.equations
    read = tuple(dict.fromkeys(e for q in equations for e in (*elements(q.value), *elements(q.target))))
    return _Part(node, tuple(Statement(q.number, q.target, (), (), "map", q.value) for q in equations), read)
