"""What is placed in the tree together, and what it reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, names_in
from gradproof.kernels.plan import Block
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.products import Op


@dataclass(frozen=True, eq=False)
class Task:
    """What is placed in the tree together: a recurrence, the products of one sum, one op, or a nest of `lower`."""

    ops: tuple[Op, ...] = ()
    step: Index | None = None
    direction: int = 0
    block: Block | None = None

    @cached_property
    def written(self) -> frozenset[str]:
        """Names of what the task writes."""
        if self.block is not None:
            return frozenset(e.name for e in self.block.equations)
        return frozenset(op.statement.name for op in self.ops)

    @cached_property
    def read(self) -> frozenset[str]:
        """Names of what the task reads."""
        if self.block is not None:
            return frozenset().union(*[names_in(e.value) | names_in(e.target) for e in self.block.equations])
        return frozenset(e.name for op in self.ops for e in op_reads(op))


def grouped_tasks(ops: Sequence[Op]) -> list[Task]:
    """Return a task for each op; products that add up over a loop around them stay together, to start as one sum."""
    tasks: list[Task] = []
    for op in ops:
        last = tasks[-1].ops[-1] if tasks else None
        if last is not None and last.statement is op.statement and set(op.loops) & set(op.statement.reduced):
            tasks[-1] = Task((*tasks[-1].ops, op))
        else:
            tasks.append(Task((op,)))
    return tasks


def needs(task: Task, earlier: Task) -> bool:
    """Does the task read what the earlier one writes, or write the same tensor (rows of it, or a sum in parts)?"""
    return not (task.read.isdisjoint(earlier.written) and task.written.isdisjoint(earlier.written))


def op_reads(op: Op) -> tuple[Element, ...]:
    """A product reads its operands, which may be copies."""
    if op.dot is None:
        return reads(op.statement)
    return (op.dot.left, op.dot.right, *[e for c in op.statement.guards for e in sorted(elements(c), key=str)])
