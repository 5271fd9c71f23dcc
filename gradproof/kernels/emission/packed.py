"""Right operands that stay the same in a loop are packed once, before it: weights of a recurrence, keys of a head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Integer

from gradproof.derive.bounds import nonnegative
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, free
from gradproof.kernels.emission.matrices import Matrices, Matrix
from gradproof.kernels.planner.tree import Dot, Loop, Node, Strip, statements_of

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter

#: An operand, and the indices along its rows and columns.
Operand = tuple[Element, tuple[Index, ...], tuple[Index, ...]]


def right_operand(node: Dot) -> Operand:
    """Return what stands at the right of the product as it is written: a target that lies the other way turns it."""
    first = next(i for slot in node.statement.target.indices for i in (*node.rows, *node.columns) if i in free(slot))
    return (node.right, node.inner, node.columns) if first in node.rows else (node.left, node.inner, node.rows)


def pack_before(region: RegionEmitter, node: Loop | Strip) -> list[str]:
    """Put before a loop the packing of the operands that do not change in it; note their names, and return them."""
    made: list[str] = []
    written = {s.name for s in statements_of(node)}
    for dot, changing in _products(node, frozenset()):
        operand = right_operand(dot)
        if operand in region.packed or operand[0].name in written or free(operand[0]) & changing:
            continue
        if any(
            free(slot) & set(dot.inner) and slot not in dot.inner for e in (dot.left, dot.right) for slot in e.indices
        ):
            continue  # a shifted operand may have fewer places than the loop
        name = region.frame.name(f"{region.places.array(operand[0].name)}_packed")
        region.frame.put(f"{name} = pack({_matrix(region, operand)})")
        region.packed[operand] = name
        made.append(name)
    return made


def _matrix(region: RegionEmitter, operand: Operand) -> Matrix:
    stretches = {i: s for i, s in region.places.stretches.items() if i not in region.opened}
    element, rows, columns = operand
    return Matrices(region.writer, stretches, region.facts).matrix(region.places.access(element), rows, columns)


def _products(node: Node, around: frozenset[Index]) -> Iterator[tuple[Dot, frozenset[Index]]]:
    """Yield the products under a node, each with the indices that change on the way to it.

    Those that end with a strip do not change: a product takes the beginning of what was packed.
    """
    if isinstance(node, Loop | Strip):
        for inner in node.body:
            yield from _products(inner, around | {node.index})
    elif isinstance(node, Dot):
        yield node, around


def cut_of(region: RegionEmitter, node: Dot, index: Index) -> tuple[str, str] | None:
    """Return where both operands have places of the inner index, if that is not everywhere.

    Elsewhere a condition holds no longer, and the plan has put zeros into the other operand.
    """
    start, stop = Integer(0), index.size
    for access in (region.places.access(e) for e in (node.left, node.right)):
        for slot, extent in zip(access.slots, access.extents, strict=True):
            shift = sp.expand(slot - index)
            if shift.is_Integer:
                start = max(start, -shift)
                if not nonnegative(sp.expand(extent - shift - stop)):
                    stop = sp.expand(extent - shift)
    whole = start == 0 and stop == index.size
    return None if whole else (str(start), f"max({start}, {region.writer.integer(stop)})")
