"""What can be written over what it is made of: updated parameters, as optimisers do, and what strips keep."""

from __future__ import annotations

from collections.abc import Sequence

from gradproof.derive.nodes import Element, elements
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Nest, Node, Once, Plan, Row
from gradproof.kernels.planner.walk import leaves


def in_place(plan: Plan) -> dict[str, str]:
    """Return for each updated tensor whose new value may stand in the old one's array the name of the old one.

    It may where the old value is read in earlier regions, or in the row that writes the new one, at the same place.
    """
    return {new: old for new, old in plan.program.updated if _may(plan, new, old)}


def strips_in_place(plan: Plan) -> dict[str, str]:
    """Return for what a row makes in a strip, of what a product made there and nothing else reads, the latter's name.

    Scores' gradients are written over the gradients of weights: a strip keeps one of them, and more of it is cached.
    """
    found = [leaf for region in plan.regions for node in region.body for leaf in leaves(node)]
    instead: dict[str, str] = {}
    for row in (leaf for leaf in found if isinstance(leaf, Row) and len(leaf.statements) == 1):
        (s,) = row.statements
        old = next((e.name for e in sorted(elements(s.expr), key=str) if _is_last(e, s, row, found, plan)), "")
        if s.kind == "map" and old and old not in instead.values():
            instead[s.name] = old
    return instead


def _is_last(e: Element, s: Statement, row: Row, found: Sequence[Node], plan: Plan) -> bool:
    """Does a row write in a strip what is like the product that it reads at the same place, for the last time?"""
    old, new = plan.places[e.name], plan.places[s.name]
    if e.indices != s.target.indices or not old.strips or old != new or plan.storage[e.name] != plan.storage[s.name]:
        return False
    made = [leaf.statement.name for leaf in found if isinstance(leaf, Dot)]
    written = [o.name for leaf in found if isinstance(leaf, Row | Once) for o in leaf.statements]
    return (
        (made.count(e.name), written.count(e.name)) == (1, 0)
        and (made.count(s.name), written.count(s.name)) == (0, 1)
        and [leaf for leaf in found if e.name in reads(leaf)] == [row]
        and _reads_first(row.statements, s.name, e.name)
    )


def _may(plan: Plan, new: str, old: str) -> bool:
    shape = plan.storage[new].shape
    if (
        not shape
        or old not in plan.program.inputs
        or old in plan.program.outputs
        or plan.storage[old] != plan.storage[new]
    ):
        return False
    found = [(k, leaf) for k, region in enumerate(plan.regions) for node in region.body for leaf in leaves(node)]
    writers = [(k, leaf) for k, leaf in found if isinstance(leaf, Row) and any(s.name == new for s in leaf.statements)]
    if len(writers) != 1:
        return False
    (at, row) = writers[0]
    return isinstance(row, Row) and all(
        k < at or leaf is row or old not in reads(leaf) for k, leaf in found
    ) and _reads_first(row.statements, new, old)  # fmt: skip


def _reads_first(statements: tuple[Statement, ...], new: str, old: str) -> bool:
    """Is the old value read at the place of the new one alone, and not after that is written?"""
    (writer,) = [s for s in statements if s.name == new]
    after = statements[statements.index(writer) + 1 :]
    places = {e.indices for s in statements for part in (s.expr, *s.conditions, *s.guards)
              for e in elements(part) if e.name == old}  # fmt: skip
    late = any(e.name == old for s in after for part in (s.expr, *s.conditions, *s.guards) for e in elements(part))
    return places <= {writer.target.indices} and not late


def reads(node: Node) -> frozenset[str]:
    """Return the names of the tensors that a node reads."""
    if isinstance(node, Dot):
        return frozenset((node.left.name, node.right.name))
    if isinstance(node, Row | Once):
        parts = [p for s in node.statements for p in (s.expr, *s.conditions, *s.guards)]
        return frozenset(e.name for p in parts for e in elements(p))
    if isinstance(node, Nest):
        return frozenset(e.name for q in node.block.equations for e in elements(q.value))
    return frozenset()
