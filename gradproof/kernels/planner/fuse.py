"""Statements to a tree of loops: each joins the first group after what it needs where that is right.

A statement may run in one loop with another that it reads from if it reads what is written at the same place along
that loop's index, and the other does not reduce over it. The same holds for regions, where threads share the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import distance, reads
from gradproof.kernels.planner.pairs import Pairs
from gradproof.kernels.planner.products import Op, is_copy, is_spread
from gradproof.kernels.planner.tasks import Task, grouped_tasks, needs, op_reads
from gradproof.kernels.planner.tree import Loop, Nest, Node, Once, Region, Row
from gradproof.kernels.planner.windows import known_planes, planes_inside

#: Reductions to a place, which depend on the order.
POSITIONS = ("argmax", "argmin")


@dataclass(eq=False)
class _Group:
    key: tuple[object, ...]
    tasks: list[Task] = field(default_factory=list)


class Fusion:
    """Builds the tree of one plan."""

    def __init__(self, tasks: Sequence[Task], ranked: Sequence[Index], pairs: Pairs) -> None:
        self.tasks, self.ranked, self.pairs = tuple(tasks), tuple(ranked), pairs
        self.planes = known_planes([op.statement for t in tasks for op in t.ops])

    def regions(self) -> tuple[Region, ...]:
        """Return the regions in order."""
        groups: list[_Group] = []
        for task in self.tasks:
            shared = self._shared(task)
            home = _home(task, groups, partial(self._joins_region, task, shared))
            if home is None:
                groups.append(home := _Group((shared,)))
            home.tasks.append(task)
        return tuple(Region(g.key[0], tuple(self._body(g.tasks, frozenset()))) for g in groups)  # type: ignore[arg-type]

    # ---------------------------------------------------------------- regions

    def _shared(self, task: Task) -> Index | None:
        """Return the index that threads share for a task by itself."""
        if task.block is not None:
            return None
        if task.step is not None:
            free = [i for i in self.ranked if i != task.step and all(i in op.statement.free for op in task.ops)]
            return next((i for i in free if self._independent(task, i)), None)
        op = task.ops[0]
        if op.dot is not None:
            loops = [i for i in op.loops if i in op.statement.free]
            return next(iter([*loops, *op.dot.rows]), None)
        return next((i for i in self.ranked if self._fits(op, i)), None)

    def _independent(self, task: Task, index: Index) -> bool:
        """Does every statement of a recurrence read the others at its own place along the index?"""
        made = {op.statement.name: op.statement for op in task.ops}
        for op in task.ops:
            if op.dot is not None and index not in op.loops and op.dot.rows[0] != index:
                return False
            for access in reads(op.statement):
                if access.name in made and distance(made[access.name], access, index) != 0:
                    return False
        return True

    def _joins_region(self, task: Task, shared: Index | None, group: _Group) -> bool:
        index = group.key[0]
        if not isinstance(index, Index):
            return shared is None and task.block is None and all(t.block is None for t in group.tasks)
        links = _links(task, group)
        return (
            shared is not None
            and (shared == index or (bool(links) and not _is_copy(task) and not self._cuts_rows(task, shared, group)))
            and all(self._fits(op, index) or self._adds_strips(op, index, links) for op in task.ops)
            and (task.step is None or self._independent(task, index))
            and all(_apart(access, p, index) for access, p in links)
        )

    def _cuts_rows(self, task: Task, shared: Index, group: _Group) -> bool:
        """Would threads get a part of every row each, beside work that has no such rows? Whole rows are read faster."""
        orders = [[i for i in self.ranked if i in _domain(op.statement)] for op in task.ops if op.dot is None]
        beside = (op.statement for t in group.tasks for op in t.ops)
        return any(len(order) > 1 and order[-1] == group.key[0] for order in orders) and not any(
            shared in _domain(s) for s in beside
        )

    def _adds_strips(self, op: Op, index: Index, links: list[tuple[Element, Task]]) -> bool:
        """Does a product reduce the index away from a large temporary of the region? Each thread adds up its own."""
        if op.dot is None or op.dot.inner[0] != index:
            return False
        made = [o.statement for _, t in links for o in t.ops]
        return any(index in self.pairs.indices(s) for s in made)

    def _fits(self, op: Op, index: Index) -> bool:
        """Can a thread do its stretch of the index by itself?"""
        if op.dot is not None:
            return index in op.loops or index == op.dot.rows[0]
        s = op.statement
        if s.kind == "add":  # no other thread may add to the same place
            return index in s.target.indices
        return index in _domain(s) and not (s.kind in POSITIONS and index in s.reduced)

    # ---------------------------------------------------------------- loops

    def _body(self, tasks: Sequence[Task], done: frozenset[Index]) -> list[Node]:
        groups: list[_Group] = []
        for task in self._early_first(tasks, done):
            key = self._lead(task, done)
            home = _home(task, groups, partial(self._joins, task, key))
            if home is None:
                groups.append(home := _Group(key))
            home.tasks.append(task)
        return [node for g in groups for node in self._nodes(g, done)]

    def _lead(self, task: Task, done: frozenset[Index]) -> tuple[object, ...]:
        """Return what stands around a task next: a loop over an index, a step, nothing."""
        if task.block is not None:
            return ("nest", id(task))
        if task.step is not None and task.step not in done:
            return ("step", task.step, task.direction)
        op = task.ops[0]
        if op.dot is not None:
            left = [i for i in self.ranked if i in op.loops and i not in done]
            return ("loop", left[0]) if left else ("dot", id(task))
        left = [i for i in self._order(op.statement) if i in _domain(op.statement) and i not in done]
        return ("loop", left[0]) if left else ("once",)

    def _early_first(self, tasks: Sequence[Task], done: frozenset[Index]) -> list[Task]:
        """Return the tasks in an order that keeps to what they need, products and single numbers as early as can be.

        The rows that follow them then follow all of those that are ready, and may run together.
        """
        left, out = list(tasks), []
        while left:
            ready = [t for k, t in enumerate(left) if not any(needs(t, p) for p in left[:k])]
            chosen = min(ready, key=lambda t: self._urgency(t, done))
            out.append(chosen)
            left.remove(chosen)
        return out

    def _urgency(self, task: Task, done: frozenset[Index]) -> int:
        if task.step is None and task.block is None and task.ops[0].dot is not None:
            return 0
        return 1 if self._lead(task, done) == ("once",) else 2

    def _order(self, s: Statement) -> tuple[Index, ...]:
        """Return the order of a statement's loops: of copies, and of adding products, that of their axes."""
        if s.kind in POSITIONS:  # the first of equals is in the order of the indices
            reduced = iter(s.reduced)
            order = tuple(next(reduced) if i in s.reduced else i for i in self.ranked)
        elif is_spread(s):
            alone = [i for i in self.ranked if i in s.target.indices]
            return (*alone, *[i for i in s.free if i not in alone])
        else:
            order = s.free if is_copy(s) else self.ranked
        return order if is_copy(s) else planes_inside(order, s, self.planes)

    def _joins(self, task: Task, key: tuple[object, ...], group: _Group) -> bool:
        if key[0] == "once" and group.key[0] == "once":
            return True
        if not any(t.ops and t.ops[0].dot is not None for t in (task, *group.tasks)) and any(
            _beside_product(t) != _beside_product(task) for t in group.tasks
        ):
            return False  # a product reads or makes it: rows beside it would only keep it from being cut into strips
        if key[0] == "loop" and group.key[0] in ("loop", "step") and key[1] == group.key[1]:
            if group.key[0] == "step" and task.ops[0].dot is not None:
                return False
            return all(_apart(access, p, key[1]) for access, p in _links(task, group))  # type: ignore[arg-type]
        return False

    def _nodes(self, group: _Group, done: frozenset[Index]) -> list[Node]:
        if group.key[0] == "dot":
            return [op.dot for op in group.tasks[0].ops if op.dot is not None]
        return [self._node(group, done)]

    def _node(self, group: _Group, done: frozenset[Index]) -> Node:
        kind = group.key[0]
        if kind == "nest":
            return Nest(group.tasks[0].block)  # type: ignore[arg-type]
        if kind == "once":
            return Once(tuple(t.ops[0].statement for t in group.tasks))
        index: Index = group.key[1]  # type: ignore[assignment]
        if kind == "step":
            inner = [task for t in group.tasks for task in grouped_tasks(t.ops)]
            return Loop(index, tuple(self._body(inner, done | {index})), group.key[2])  # type: ignore[arg-type]
        if all(self._lead(t, done | {index}) == ("once",) for t in group.tasks):
            return Row(index, tuple(t.ops[0].statement for t in group.tasks))
        return Loop(index, tuple(self._body(group.tasks, done | {index})))


def _home(task: Task, groups: Sequence[_Group], joins: Callable[[_Group], bool]) -> _Group | None:
    """Return the group that a task joins: the first one after what it needs, or the last one if it needs none."""
    last = None
    for group in reversed(groups):
        if joins(group):
            last = last or group
            first = group
        if _depends(task, group):
            return first if last is not None else None
    return next((g for g in groups if _is_sum(task) and joins(g) and _reads_the_same(task, g)), last)


def _is_sum(task: Task) -> bool:
    """Is the task a sum of terms? What waits for it can run the earlier, the earlier that is complete."""
    return all(op.dot is None and op.statement.kind == "sum" for op in task.ops) and task.block is None


def _reads_the_same(task: Task, group: _Group) -> bool:
    """Does the group read all that the task reads anyway?"""
    return task.read <= frozenset().union(*[t.read for t in group.tasks])


def _is_copy(task: Task) -> bool:
    return len(task.ops) == 1 and is_copy(task.ops[0].statement)


def _beside_product(task: Task) -> str:
    """Return what a task does for a product: nothing, copy an operand, or add what was made where it belongs."""
    statements = [op.statement for op in task.ops]
    return "copy" if _is_copy(task) else "spread" if any(is_spread(s) for s in statements) else ""


def _domain(s: Statement) -> frozenset[Index]:
    return frozenset((*s.free, *s.reduced))


def _depends(task: Task, group: _Group) -> bool:
    """Does the task need one of the group's?"""
    return any(needs(task, t) for t in group.tasks)


def _links(task: Task, group: _Group) -> list[tuple[Element, Task]]:
    """Return the task's accesses to what the group's tasks write, each with its writer."""
    return [(e, t) for op in task.ops for e in (*op_reads(op), op.statement.target) for t in group.tasks
            if e.name in t.written]  # fmt: skip


def _apart(access: Element, writer: Task, index: Index) -> bool:
    """Is the access at the writer's own place along the index?"""
    if writer.block is not None:
        return False
    mine = [op.statement for op in writer.ops if op.statement.name == access.name]
    return all(distance(s, access, index) == 0 and not _is_late(s, index) for s in mine)


def _is_late(s: Statement, index: Index) -> bool:
    """Is the statement's value complete only after the whole loop over the index?"""
    return index in s.reduced
