"""What stands under nodes of a plan's tree."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Loop, Node, Once, Row, Strip


def leaves(*nodes: Node) -> Iterator[Node]:
    """Yield the nodes that are no loops."""
    for node in nodes:
        if isinstance(node, Loop | Strip):
            yield from leaves(*node.body)
        else:
            yield node


def statements(*nodes: Node) -> Iterator[Statement]:
    """Yield the statements of rows and single places: not those of products and nests."""
    for leaf in leaves(*nodes):
        if isinstance(leaf, Row | Once):
            yield from leaf.statements


def products(*nodes: Node) -> Iterator[Dot]:
    """Yield the matrix products."""
    yield from (leaf for leaf in leaves(*nodes) if isinstance(leaf, Dot))
