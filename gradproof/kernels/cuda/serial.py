"""The kernel of a nest of loops that one thread runs: systems of equations are small beside what is made of them."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.derive.nodes import elements
from gradproof.errors import NotYet
from gradproof.kernels.emission.nests import nest_lines
from gradproof.kernels.emission.places import Places
from gradproof.kernels.expressions import Writer
from gradproof.kernels.plan import Block, For, Node, Pass, Point, Work


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
    """Return the lines of a nest; a number that it makes is written into memory.

    Raises:
        NotYet: it reads numbers that were made before, or takes arrays in another shape.
    """
    plan, number = places.plan, block.equations[0].number
    made = [e.name for e in block.equations if not plan.storage[e.name].shape]
    read = {n for n in touched(block) if not plan.storage[n].shape and not plan.storage[n].local}
    lines = list(nest_lines(block, plan, places.scope, writer))
    if read - {*made, *plan.program.inputs} or any("reshape" in line for line in lines):
        raise NotYet(f"equation ({number}): a linear system whose right side is a vector, or of numbers, on CUDA")
    for name in made:
        head = f"{places.array(name)} = "
        lines = [f"{places.array(name)}[()] = {line.removeprefix(head)}" if line.startswith(head) else line
                 for line in lines]  # fmt: skip
    return lines
