"""A matrix product in a region: `gemm` on views of its operands and of what it writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradproof.derive.nodes import Element
from gradproof.errors import InternalError
from gradproof.kernels.emission.matrices import Matrices, Matrix
from gradproof.kernels.emission.packed import cut_of, right_operand
from gradproof.kernels.emission.places import Access
from gradproof.kernels.planner.tree import Dot

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter

_AS_MATRIX = re.compile(r"(?:cut\()?as_matrix\((\w+)")


def write_dot(region: RegionEmitter, node: Dot) -> None:
    """Put the product into the region's function."""
    s = node.statement
    outer = region.facts
    if s.guards:
        test, region.facts = region.writer.condition(s.guards, outer)
        with region.frame.under(f"if {test}:"):
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
        if i not in stretches and (inside := cut_of(region, node, i)):
            stretches[i] = inside
    matrices = Matrices(region.writer, stretches, region.facts)
    running = s.name in region.running
    target = matrices.matrix(_target(region, s.target, running=running), node.rows, node.columns)
    left = matrices.matrix(region.places.access(node.left), node.rows, node.inner)
    right = matrices.matrix(region.places.access(node.right), node.inner, node.columns)
    if target.turned:
        target, left, right = target.other_way, right.other_way, left.other_way
    packed = region.packed.get(right_operand(node))
    left, target = named(region, left), named(region, target)
    right = right if packed else named(region, right)
    first = f"negated({left})" if node.factor < 0 else str(left)
    adds = running or node.accumulate
    region.uses_product = True
    call = f"gemm({first}, {right}" if packed is None else f"gemm_packed({first}, {packed}"
    region.frame.put(f"{call}, {target}, {adds}, scratch)  # ({s.number})")


def named(region: RegionEmitter, matrix: Matrix) -> Matrix:
    """Return a matrix whose axes are others than the array's under a name: other products may have it too."""
    found = _AS_MATRIX.match(matrix.text)
    return Matrix(region.frame.bind(matrix.text, f"{found[1]}_matrix"), matrix.turned) if found else matrix


def _target(region: RegionEmitter, target: Element, *, running: bool) -> Access:
    """Return where the product goes: the target, or a thread's part of it."""
    if running:
        return region.running_entry(region.running[target.name].statement)
    return region.places.access(target)
