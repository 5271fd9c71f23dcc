"""The kernel of a nest of loops: systems of equations, products.

The threads of a block solve a single system together; those of a batch have a thread each. Else one thread runs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradproof.derive.index import Index
from gradproof.derive.nodes import elements
from gradproof.kernels.cuda.elimination import together
from gradproof.kernels.emission.nests import nest_lines
from gradproof.kernels.emission.places import Places
from gradproof.kernels.expressions import Writer
from gradproof.kernels.plan import Block, For, Node, Pass, Point, Work
from gradproof.kernels.planner.accesses import reads

_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")

_HEAD = re.compile(r"^(for \w+ in range)\((.*)\):$")


def touched(block: Block) -> list[str]:
    """Return the names of the tensors that a nest reads and writes, those that it writes first."""
    made = [e.name for e in block.equations]
    return list(dict.fromkeys([*made, *(n for node in block.nodes for n in _names(node))]))


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, Work):
        yield from node.arrays
    if isinstance(node, For | Pass):
        for inner in node.body:
            yield from _names(inner)
    statement = node.statement if isinstance(node, Pass | Point | Work) else None
    if statement is not None:
        yield statement.name
        for part in (statement.expr, *statement.conditions, *statement.guards):
            yield from sorted(e.name for e in elements(part))


def batch_of(block: Block) -> Index | None:
    """Return the index of the loops that make up a nest, if their steps keep apart: threads may share them."""
    heads = [n for n in block.nodes if isinstance(n, For)]
    if len(heads) < len(block.nodes) or any(n.direction < 0 or n.index.size != heads[0].index.size for n in heads):
        return None
    made = {name for n in heads for name in _written(n)}
    return heads[0].index if all(_keeps_apart(n, n.index, made) for n in heads) else None


def is_together(block: Block) -> bool:
    """Is it one system or determinant, with copies of what is solved: work that the threads of a block share?"""
    works = [n for n in block.nodes if isinstance(n, Work)]
    copies = [n for n in block.nodes if not isinstance(n, Work)]
    made = {name for n in copies for name in _written(n)}
    return bool(works) and not any(n.fixed for n in works) and all(_is_copy(n, made) for n in copies)


def _is_copy(node: Node, made: set[str]) -> bool:
    """Is it loops around maps that read nothing that such loops make?"""
    if isinstance(node, For):
        return node.direction > 0 and all(_is_inner_copy(n, made) for n in node.body)
    return False


def _is_inner_copy(node: Node, made: set[str]) -> bool:
    if isinstance(node, For):
        return _is_copy(node, made)
    s = node.statement if isinstance(node, Point) else None
    return s is not None and s.kind == "map" and not made & {e.name for e in reads(s)}


def _written(node: Node) -> Iterator[str]:
    if isinstance(node, Work):
        yield from node.arrays
    elif isinstance(node, For | Pass):
        for inner in node.body:
            yield from _written(inner)
    if isinstance(node, Pass | Point | Work) and node.statement is not None:
        yield node.statement.name


def _keeps_apart(node: Node, index: Index, made: set[str]) -> bool:
    """Does all that is written, and all that is read of it, stand in the first axis where the loop does?"""
    if isinstance(node, Work) and node.fixed[:1] != (index,):
        return False
    if isinstance(node, For | Pass) and not all(_keeps_apart(inner, index, made) for inner in node.body):
        return False
    s = node.statement if isinstance(node, Pass | Point | Work) else None
    if s is None:
        return True
    read = {e for part in (s.expr, *s.conditions, *s.guards) for e in elements(part) if e.name in made}
    return all(e.indices[:1] == (index,) for e in (s.target, *read))


def serial_lines(block: Block, places: Places, writer: Writer) -> list[str]:
    """Return the lines of a nest; numbers that equations make are in memory."""
    plan = places.plan
    numbers = {n for n in touched(block) if not plan.storage[n].shape and n not in plan.program.inputs}
    names = {places.array(n) for n in numbers if not plan.storage[n].local}
    lines = nest_lines(block, plan, places.scope, writer)
    lines = tuple(_HEAD.sub(r"\1(cuda.grid(1), \2, cuda.gridsize(1)):", n) if batch_of(block) else n for n in lines)
    found = [_WORD.sub(lambda m: f"{m[0]}[()]" if m[0] in names else m[0], line) for line in lines]
    return together(found) if is_together(block) else found
