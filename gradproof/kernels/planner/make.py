"""The plan of a program: the passes in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.again import computed_again
from gradproof.kernels.planner.classes import with_classes
from gradproof.kernels.planner.equal import with_equal_once
from gradproof.kernels.planner.factors import with_factors
from gradproof.kernels.planner.flatten import Work, flatten
from gradproof.kernels.planner.fuse import Fusion
from gradproof.kernels.planner.owned import with_owned
from gradproof.kernels.planner.pairs import Pairs
from gradproof.kernels.planner.places import places
from gradproof.kernels.planner.products import Op, Products, is_copy
from gradproof.kernels.planner.ranks import rank
from gradproof.kernels.planner.shared import with_shared
from gradproof.kernels.planner.split import split
from gradproof.kernels.planner.strips import Strips
from gradproof.kernels.planner.tasks import Task, grouped_tasks
from gradproof.kernels.planner.tree import Loop, Plan, Region, statements_of
from gradproof.kernels.planner.windows import added, in_parts, known_planes, planes_of
from gradproof.kernels.prepare import Program


def make_plan(program: Program, *, device: bool = False) -> Plan:
    """Return the plan of a program, its statements fused.

    Args:
        program: what is computed.
        device: is it for CUDA? There cheap functions are computed again; and no thread owns rows of what terms are
            added to: they are sorted.
    """
    works, storage = flatten(program)
    works = with_shared(with_equal_once(with_classes(works), storage), storage)
    works = works if device else with_factors(works, storage)
    multiplies = _products(works, storage).multiplies
    works, again = computed_again(works, program, storage, multiplies, functions=device)
    products = _products(works, storage)
    statements = [s for w in works for s in w.statements]
    known = known_planes(statements)
    tasks = _copies_first([t for w in works for t in _tasks(w, products, storage, statements, known)])
    ops = [op for t in tasks for op in t.ops]
    pairs = Pairs(program, ops)
    regions = Fusion(tasks, rank([op.statement for op in ops]), pairs).regions()
    regions = again.restored(tuple(_shared_by_two(r) for r in Strips(pairs, regions, device=device).cut()), storage)
    regions = regions if device else with_owned(regions)
    return Plan(program, regions, storage, places(program, regions, storage))


def _products(works: Sequence[Work], storage: dict[str, Storage]) -> Products:
    statements = [s for w in works for s in w.statements]
    return Products(storage, rank(statements), statements)


def _shared_by_two(region: Region) -> Region:
    """Return the region with two loops shared out as one, where it is nothing but one in the other: few batches."""
    outer = region.body[0]
    if len(region.body) > 1 or not isinstance(outer, Loop) or len(outer.body) > 1 or outer.index != region.index:
        return region
    inner = outer.body[0]
    if not isinstance(inner, Loop) or {outer.direction, inner.direction} != {1}:
        return region
    if any(i in s.reduced for s in statements_of(inner) for i in (outer.index, inner.index)):
        return region
    return replace(region, beside=inner.index)


def _copies_first(tasks: list[Task]) -> list[Task]:
    """Return the tasks with those first that copy what comes in."""
    made = {op.statement.name for t in tasks for op in t.ops} | {
        e.name for t in tasks if t.block is not None for e in t.block.equations
    }
    early = [t for t in tasks if len(t.ops) == 1 and _is_early(t.ops[0], made)]
    return [*early, *[t for t in tasks if t not in early]]


def _is_early(op: Op, made: set[str]) -> bool:
    return (
        op.dot is None
        and is_copy(op.statement)
        and isinstance(op.statement.expr, Element)
        and not any(e.name in made for e in reads(op.statement))
    )


def _tasks(
    work: Work,
    products: Products,
    storage: dict[str, Storage],
    statements: Sequence[Statement],
    known: frozenset[tuple[Index, Index]],
) -> Iterator[Task]:
    if work.block is not None:
        yield Task(block=work.block)
        return
    slides, ranked = work.step is None, products.ranked
    ops: list[Op] = []
    for op in (op for s in work.statements for op in products.ops(s, work.step)):
        if op.dot is not None:
            ops.append(op)
            continue
        terms = added(op.statement, statements, storage) if slides else (op.statement,)
        parts = (p for t in terms for p in (in_parts(t, storage, known) if slides else (t,)))
        ops += [Op(part) for p in parts for part in (split(p, ranked, storage) if _is_split(p, known) else (p,))]
    if work.step is not None:
        yield Task(tuple(ops), work.step, work.direction)
    else:
        yield from grouped_tasks(ops)


def _is_split(s: Statement, known: frozenset[tuple[Index, Index]]) -> bool:
    """Is a sum made in parts by its innermost index? Not where it runs over planes."""
    return planes_of(s) is None and tuple(s.reduced) not in known
