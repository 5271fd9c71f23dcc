"""Updated parameters that can be written over the parameters themselves, as optimisers do."""

from __future__ import annotations

from gradproof.derive.nodes import elements
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Nest, Node, Once, Plan, Row
from gradproof.kernels.planner.walk import leaves


def in_place(plan: Plan) -> dict[str, str]:
    """Return for each updated tensor whose new value may stand in the old one's array the name of the old one.

    It may where the old value is read in earlier regions, or in the row that writes the new one, at the same place.
    """
    return {new: old for new, old in plan.program.updated if _may(plan, new, old)}


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
