"""The plainest tree: every statement in loops of its own, none fused. What fusion is measured against."""

from __future__ import annotations

from gradproof.derive.index import Index
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.flatten import Work, flatten
from gradproof.kernels.planner.tree import Loop, Nest, Node, Once, Place, Plan, Region, Row
from gradproof.kernels.prepare import Program


def separate(program: Program) -> Plan:
    """Return the plan in which every statement stands alone."""
    works, storage = flatten(program)
    regions = [r for work in works for r in _regions(work)]
    return Plan(program, tuple(regions), storage, {n: _place(s) for n, s in storage.items()})


def _regions(work: Work) -> list[Region]:
    if work.block is not None:
        return [Region(None, (Nest(work.block),))]
    if work.step is not None:
        body = tuple(_loops(s, (work.step,)) for s in work.statements)
        return [Region(None, (Loop(work.step, body, work.direction),))]
    return [Region(_shared(s), (_loops(s, ()),)) for s in work.statements]


def _shared(s: Statement) -> Index | None:
    return next(iter((*s.free, *s.reduced)), None)


def _loops(s: Statement, outer: tuple[Index, ...]) -> Node:
    chain = [i for i in (*s.free, *s.reduced) if i not in outer]
    if not chain:
        return Once((s,))
    node: Node = Row(chain[-1], (s,))
    for index in reversed(chain[:-1]):
        node = Loop(index, (node,))
    return node


def _place(storage: Storage) -> Place:
    return Place("array" if storage.shape else "scalar", tuple(range(len(storage.shape))))
