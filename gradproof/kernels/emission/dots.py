"""A matrix product in a region: `gemm` on views of its operands and of what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from sympy import Integer

from gradproof.derive.bounds import nonnegative
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.errors import InternalError
from gradproof.kernels.emission.matrices import Matrices
from gradproof.kernels.emission.places import Access
from gradproof.kernels.planner.tree import Dot

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


def write_dot(region: RegionEmitter, node: Dot) -> None:
    """Put the product into the region's function."""
    s = node.statement
    outer = region.facts
    if s.guards:
        test, region.facts = region.writer.condition(s.guards, outer)
        region.frame.put(f"if {test}:")
        with region.frame.block():
            _put(region, node)
        region.facts = outer
    else:
        _put(region, node)


def _put(region: RegionEmitter, node: Dot) -> None:
    s, wide = node.statement, region.storage
    if any(wide[e.name].wide for e in (s.target, node.left, node.right)):
        raise InternalError(f"equation ({s.number}): a product of matrices in float64 beside others")
    stretches = {i: s for i, s in region.places.stretches.items() if i not in region.opened}
    for i in node.inner:
        if i not in stretches and (inside := _inside(region, node, i)):
            stretches[i] = inside
    matrices = Matrices(region.writer, stretches, region.facts)
    running = s.name in region.running
    target = matrices.matrix(_target(region, s.target, running=running), node.rows, node.columns)
    left = matrices.matrix(region.places.access(node.left), node.rows, node.inner)
    right = matrices.matrix(region.places.access(node.right), node.inner, node.columns)
    if target.turned:
        target, left, right = target.other_way, right.other_way, left.other_way
    first = f"negated({left})" if node.factor < 0 else str(left)
    adds = running or node.accumulate
    region.uses_product = True
    region.frame.put(f"gemm({first}, {right}, {target}, {adds}, scratch)  # ({s.number})")


def _inside(region: RegionEmitter, node: Dot, index: Index) -> tuple[str, str] | None:
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


def _target(region: RegionEmitter, target: Element, *, running: bool) -> Access:
    """Return where the product goes: the target, or a thread's part of it."""
    if running:
        return region.running_entry(region.running[target.name].statement)
    return region.places.access(target)
