"""Rows over one index one after the other, as of a mean, a variance and what is made with both: each value read once.

A thread keeps what it had last of an array in registers, up to so many places of the row. The next row begins there and
runs the other way: what is kept need not be read again, and where a row is longer than what a block keeps, what comes
next was read a short time ago, so that caches may still have it. A row that fits is read once in all.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, order_key
from gradproof.kernels.cuda.passes import Names, along
from gradproof.kernels.cuda.steps import Body, Online, Walk, under
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Once, Row

Step = Row | Online | Once
#: Arrays of which values are kept at a time.
MOST = 2


def walked(names: Names, nodes: Sequence[Body]) -> list[Body]:
    """Return the nodes of a launch, with rows over one index that read the same as one walk."""
    found: list[Body] = []
    run: list[Step] = []
    for node in nodes:
        if not isinstance(node, Step) or (isinstance(node, Row | Online) and _index(run) not in (None, node.index)):
            found += _walk(names, run)
            run = []
        if isinstance(node, Step):
            run.append(node)
        else:
            found.append(node)
    return [*found, *_walk(names, run)]


def _index(run: Sequence[Step]) -> Index | None:
    return next((n.index for n in run if not isinstance(n, Once)), None)


def _walk(names: Names, run: list[Step]) -> list[Body]:
    """Return the walk, or the nodes as they are where nothing would be kept."""
    index = _index(run)
    held = _held(names, run, index) if index is not None else ()
    return [Walk(index, tuple(run), held)] if index is not None and held else [*run]


def _held(names: Names, run: Sequence[Step], index: Index) -> tuple[Element, ...]:
    """Return what is kept: first what most rows have, and nowhere values of more than `MOST` arrays."""
    found: dict[Element, range] = {}
    rows = _rows(run)
    kept = [e for e in dict.fromkeys(e for row in rows for e in row) if _may_be_kept(names, e, index, run)]
    for e in sorted(kept, key=lambda e: (-sum(e in row for row in rows), order_key(e))):
        span = _span(e, rows)
        if span and _most([*found.values(), span]) <= MOST:
            found[e] = span
    return tuple(sorted(found, key=order_key))


def most_at_once(node: Walk) -> int:
    """Return how many arrays have values that are kept at a time."""
    rows = _rows(node.body)
    return _most([_span(e, rows) for e in node.held])


def _rows(run: Sequence[Step]) -> list[dict[Element, bool]]:
    """Return for each row what it reads or makes at every place: is it made there?"""
    found = []
    for row in run:
        if not isinstance(row, Once):
            here = [s for s in under(row) if not s.conditions and not s.guards]
            read = dict.fromkeys((e for s in here for e in elements(s.expr)), False)
            found.append(read | {s.target: True for s in here if s.kind == "map"})
    return found


def _span(e: Element, rows: Sequence[dict[Element, bool]]) -> range:
    """Return the rows in which values of an element are kept; what a row makes takes the room of what it read last."""
    at = [k for k, row in enumerate(rows) if e in row]
    return range(at[0] + rows[at[0]][e], at[-1] + 1) if len(at) > 1 else range(0)


def _most(spans: Sequence[range]) -> int:
    return max(sum(at in span for span in spans) for at in range(max(span.stop for span in spans)))


def _may_be_kept(names: Names, e: Element, index: Index, run: Sequence[Step]) -> bool:
    """Is it an entry, each thread's own, of an array that nothing else in the run changes?"""
    storage = names.storage[e.name]
    if storage.integer or storage.wide or any(storage.low) or any(storage.high) or e.name in names.updated:
        return False
    if names.places[e.name].kind == "scalar" or not along(e, index) or not all(isinstance(i, Index) for i in e.indices):
        return False
    every = [s for n in run for s in under(n)]
    if len(e.indices) == 1 and any(len(s.free) > (index in s.free) for s in every):
        return False  # it is the same for all rows: caches have it
    made = [s for s in every if s.name == e.name]
    return not made or (len(made) == 1 and _makes(made[0], e))


def _makes(s: Statement, e: Element) -> bool:
    """Is it made there, at every place?"""
    return s.kind == "map" and s.target == e and not s.conditions and not s.guards
