"""Sums of rows' sums as one sum over all of their places, which the threads of a block share.

    R[h] = sum[w] x[h,w];  S = sum[h] R[h]      is      S = sum[h,w] x[h,w]

Loops around rows are made so for a processor, whose vector instructions go along a row. A block would share one short
row after the other, and its threads would meet at the end of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradproof.derive.index import Index
from gradproof.kernels.cuda.parallel import is_parallel
from gradproof.kernels.cuda.passes import Names, statements
from gradproof.kernels.cuda.steps import Body, Wide
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Loop, Once, Row


def flattened(names: Names, nodes: Sequence[Body]) -> list[Body]:
    """Return the nodes of a launch, with loops around rows whose sums they add up as one row."""
    return [_flat(names, n) if isinstance(n, Loop) else n for n in nodes]


def _flat(names: Names, loop: Loop) -> Body:
    if loop.direction < 0 or len(loop.body) != 2:
        return loop
    row, once = loop.body
    if not isinstance(row, Row | Wide) or not isinstance(once, Once):
        return loop
    inner = (row.index,) if isinstance(row, Row) else row.indices
    sums = [_whole(names, s, loop, inner) for s in row.statements]
    values = tuple(s for s, whole in zip(row.statements, sums, strict=True) if whole is None)
    if len(row.statements) - len(values) != len(once.statements) or not once.statements:
        return loop
    if not all(_is_apart(s, (loop.index, *inner)) for s in values):
        return loop
    every = tuple(s if whole is None else whole for s, whole in zip(row.statements, sums, strict=True))
    return Wide((loop.index, *inner), every)


def _whole(names: Names, s: Statement, loop: Loop, inner: tuple[Index, ...]) -> Statement | None:
    """Return the sum of a row's sum over all places, if there is one, and nothing else reads the row's."""
    if s.kind != "sum" or not set(inner) <= set(s.reduced) or s.name in names.kept or names.readers[s.name] != 1:
        return None
    for t in statements(loop.body[1]):
        if t.kind == "sum" and t.expr == s.target and loop.index in t.reduced and not t.conditions and not t.guards:
            return replace(t, reduced=(*t.reduced, *s.reduced), expr=s.expr, conditions=s.conditions, guards=s.guards)
    return None


def _is_apart(s: Statement, chain: tuple[Index, ...]) -> bool:
    """Has each place of the indices a value of its own, made of what stands there?"""
    alone = all(is_parallel(i, [Row(chain[-1], (s,))]) for i in chain)
    return s.kind == "map" and set(chain) <= set(s.free) and alone and s.target not in reads(s)
