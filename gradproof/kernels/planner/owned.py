"""Threads that own rows of a table: each goes through all labels, and adds only what falls in its own rows.

`d_E[v,d] = 0`, shared out by v, and then `d_E[tok[t],d] += d_x[t,d]` become one region over v: every thread clears its
rows and adds to them, terms in the order of t. There are no tables for each thread, each row is cleared just before it
is used, and the bits are the same for any number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.nodes import elements, free
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Loop, Node, Region, Row, statements_of


def with_owned(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Return the regions, those that add where labels say put into the ones before that clear what they add to."""
    out: list[Region] = []
    for region in regions:
        axis = _owned_axis(out[-1], region) if out else None
        if axis is None:
            out.append(region)
        else:
            out[-1] = replace(out[-1], body=(*out[-1].body, *region.body), owned=axis)
    return tuple(out)


def _owned_axis(before: Region, region: Region) -> int | None:
    """Return the axis along which threads of the region before own what this one adds to; None where none do."""
    adds = list(_statements(region))
    rows = list(_rows(region.body))
    if before.index is None or before.beside or before.owned is not None or not rows or not _is_adding(adds, region):
        return None
    targets = {s.name: s for s in _statements(before)}
    if len({s.target for s in adds}) > 1 or {e.name for s in adds for e in reads(s)} & set(targets):
        return None
    cleared = targets.get(adds[0].name)
    axes = _axes(cleared, before.index) if cleared is not None else []
    return next((k for k in axes if all(_is_label(adds[0].target.indices[k], row.index) for row in rows)), None)


def _statements(region: Region) -> Iterator[Statement]:
    for node in region.body:
        yield from statements_of(node)


def _is_adding(adds: list[Statement], region: Region) -> bool:
    """Does the region do nothing but add, in loops and rows?"""
    kinds = {s.kind for s in adds} == {"add"}
    return kinds and region.index is not None and all(_is_of_loops(node) for node in region.body)


def _is_of_loops(node: Node) -> bool:
    return isinstance(node, Row) or (isinstance(node, Loop) and all(_is_of_loops(n) for n in node.body))


def _rows(nodes: tuple[Node, ...]) -> Iterator[Row]:
    for node in nodes:
        if isinstance(node, Row):
            yield node
        elif isinstance(node, Loop):
            yield from _rows(node.body)


def _axes(cleared: Statement, index: Index) -> list[int]:
    """Return the axes that are shared out in a map to 0."""
    if cleared.kind != "map" or cleared.expr != 0:
        return []
    return [k for k, slot in enumerate(cleared.target.indices) if slot == index]


def _is_label(slot: Expr, row: Index) -> bool:
    """Is a place read from an array, and the same all along a row?"""
    return bool(elements(slot)) and row not in free(slot)
