"""Where each reduction starts and is complete, and what holds it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Integer

from gradproof.derive.index import Index, Size
from gradproof.kernels.emission.places import Access
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Node, Plan, Row, Strip
from gradproof.kernels.planner.walk import products, statements

#: What an empty reduction is, and what an array of them is filled with.
STARTS = {"sum": "0.0", "max": "real(-np.inf)", "min": "real(np.inf)", "argmax": "-1", "argmin": "-1"}
FILLS = {
    "sum": "np.zeros({shape})", "max": "np.full({shape}, -np.inf, real)", "min": "np.full({shape}, np.inf, real)",
    "argmax": "np.full({shape}, -1)", "argmin": "np.full({shape}, -1)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """A reduction that has started and is not complete.

    Attributes:
        statement: what it computes.
        name: the local that holds it: a number, or an array.
        axes: the indices of the array: free ones that are opened after the first reduced one.
        best: for a position, the local that holds the value there.
        entry: where a sum of matrix products runs, in the module's type: its target, or a thread's part of it.
    """

    statement: Statement
    name: str
    axes: tuple[Index, ...] = ()
    best: str = ""
    entry: Access | None = None


def strip_length(strip: Strip) -> Expr:
    """Return how long the stretches of a strip are: a number, or a size that the region's function makes."""
    if not strip.beside:
        return Integer(strip.length)
    return Size(f"~{strip.length}/{'*'.join(str(i.size) for i in strip.beside)}")


def made_lengths(plan: Plan) -> tuple[Size, ...]:
    """Return the lengths of strips that regions' functions make."""
    lengths = (strip_length(s) for region in plan.regions for node in region.body for s in _strips(node))
    return tuple(dict.fromkeys(n for n in lengths if isinstance(n, Size)))


def strip_lengths(plan: Plan) -> dict[tuple[str, int], Expr]:
    """Return how long the axes are that are kept for a stretch of a strip: (tensor, axis) -> places."""
    found: dict[tuple[str, int], Expr] = {}
    for strip in (s for region in plan.regions for node in region.body for s in _strips(node)):
        for s in (*statements(strip), *(d.statement for d in products(strip))):
            for axis in plan.places[s.name].strips:
                if s.target.indices[axis] == strip.index:
                    length, before = strip_length(strip), found.get((s.name, axis), Integer(0))
                    found[s.name, axis] = max(length, before) if length.is_Integer and before.is_Integer else length
    return found


def _strips(node: Node) -> Iterator[Strip]:
    if isinstance(node, Strip):
        yield node
    if isinstance(node, Loop | Strip):
        for inner in node.body:
            yield from _strips(inner)


def starting_products(node: Loop | Strip, opened: tuple[Index, ...]) -> list[Statement]:
    """Return the sums of matrix products whose first reduced index is the node's."""
    found = dict.fromkeys(d.statement for d in products(node) if node.index in d.statement.reduced)
    return [s for s in found if not set(opened) & set(s.reduced)]


def starting(node: Loop | Strip | Row, opened: tuple[Index, ...]) -> list[Statement]:
    """Return the reductions whose first reduced index is the node's."""
    found = (s for s in statements(node) if node.index in s.reduced)
    return [s for s in found if not set(opened) & set(s.reduced)]
