"""Where each reduction starts and is complete, and what holds it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradproof.derive.index import Index
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Node, Once, Row

#: What an empty reduction is, and what an array of them is filled with.
STARTS = {"sum": "0.0", "max": "real(-np.inf)", "min": "real(np.inf)"}
FILLS = {"sum": "np.zeros({shape})", "max": "np.full({shape}, -np.inf, real)", "min": "np.full({shape}, np.inf, real)"}
BETTER = {"max": "max", "min": "min"}


@dataclass(frozen=True, slots=True)
class Running:
    """A reduction that has started and is not complete.

    Attributes:
        statement: what it computes.
        name: the local that holds it: a number, or an array.
        axes: the indices of the array: free ones that are opened after the first reduced one.
    """

    statement: Statement
    name: str
    axes: tuple[Index, ...] = ()


def statements(node: Node) -> Iterator[Statement]:
    """Yield the statements that stand under a node, but those of products and nests."""
    if isinstance(node, Loop):
        for inner in node.body:
            yield from statements(inner)
    elif isinstance(node, Row | Once):
        yield from node.statements


def starting(node: Loop | Row, opened: tuple[Index, ...]) -> list[Statement]:
    """Return the reductions whose first reduced index is the node's."""
    found = (s for s in statements(node) if s.kind != "map" and node.index in s.reduced)
    return [s for s in found if not set(opened) & set(s.reduced)]
