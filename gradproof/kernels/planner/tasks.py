"""What is placed in the tree together, and what it reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    return bool((read(task) | written(task)) & written(earlier))


def written(task: Task) -> frozenset[str]:
    """Return the names of what the task writes."""
    if task.block is not None:
        return frozenset(e.name for e in task.block.equations)
    return frozenset(op.statement.name for op in task.ops)


def read(task: Task) -> frozenset[str]:
    """Return the names of what the task reads."""
    if task.block is not None:
        return frozenset().union(*[names_in(e.value) | names_in(e.target) for e in task.block.equations])
    return frozenset(e.name for op in task.ops for e in op_reads(op))


def op_reads(op: Op) -> tuple[Element, ...]:
    """A product reads its operands, which may be copies."""
    if op.dot is None:
        return reads(op.statement)
    return (op.dot.left, op.dot.right, *[e for c in op.statement.guards for e in sorted(elements(c), key=str)])
