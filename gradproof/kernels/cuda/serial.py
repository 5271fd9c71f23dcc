"""The kernel of a nest of loops that one thread runs: systems of equations are small beside what is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradproof.derive.nodes import elements
from gradproof.kernels.emission.nests import nest_lines
from gradproof.kernels.emission.places import Places
from gradproof.kernels.expressions import Writer
from gradproof.kernels.plan import Block, For, Node, Pass, Point, Work

_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


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


def serial_lines(block: Block, places: Places, writer: Writer) -> list[str]:
    """Return the lines of a nest; numbers that equations make are in memory."""
    plan = places.plan
    numbers = {n for n in touched(block) if not plan.storage[n].shape and n not in plan.program.inputs}
    names = {places.array(n) for n in numbers if not plan.storage[n].local}
    lines = nest_lines(block, plan, places.scope, writer)
    return [_WORD.sub(lambda m: f"{m[0]}[()]" if m[0] in names else m[0], line) for line in lines]
