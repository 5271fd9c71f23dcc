"""Where each tensor is kept: axes over loops that enclose all of its writes and reads are not kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import distance, plain, reads
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Once, Place, Region, Row, Strip
from gradproof.kernels.prepare import Program

#: A node of the tree on the way to an access: the region, loop or strip, its index, and whether it is a strip.
Step = tuple[int, Index | None, bool]


@dataclass(frozen=True, slots=True)
class _Use:
    """An access: the way to it, the statement that makes it, and the element; `writes` says which way."""

    way: tuple[Step, ...]
    statement: Statement
    element: Element
    writes: bool


def places(program: Program, regions: Sequence[Region], storage: Mapping[str, Storage]) -> dict[str, Place]:
    """Return the place of every tensor of a plan."""
    uses: dict[str, list[_Use]] = {}
    whole: set[str] = {*program.inputs, *program.outputs}
    for region in regions:
        for use in _uses(region.body, ((id(region), region.index, False),)):
            uses.setdefault(use.element.name, []).append(use)
        whole |= _in_nests(region.body)
    return {n: _place(s, uses.get(n, []), n in whole) for n, s in storage.items()}


def _place(storage: Storage, uses: list[_Use], whole: bool) -> Place:
    axes = tuple(range(len(storage.shape)))
    writers = [u.statement for u in uses if u.writes]
    if whole or not writers or any(storage.low) or any(storage.high):
        return Place("array" if axes else "scalar", axes)
    common = _common([u.way for u in uses])
    dropped = _dropped(common, writers, [u for u in uses if not u.writes])
    kept = tuple(a for a in axes if plain(writers[0].target.indices[a]) not in dropped)
    if not kept:
        return Place("scalar", ())
    shared = common[0][1] if common else None
    cut = {index for _, index, strip in common if strip}
    strips = tuple(a for a in kept if plain(writers[0].target.indices[a]) in cut)
    if not common or shared in [plain(writers[0].target.indices[a]) for a in kept if a not in strips]:
        return Place("array", kept)
    return Place("buffer", kept, strips)


def _dropped(common: Sequence[Step], writers: Sequence[Statement], readers: Sequence[_Use]) -> set[Index]:
    """Return the indices of the enclosing loops, up to the first along which something is carried from step to step."""
    dropped: set[Index] = set()
    for _, index, strip in common[1:]:
        if strip:
            continue
        if index is None or any(distance(w, u.element, index) != 0 for u in readers for w in writers):
            break
        if all(index in w.free for w in writers):
            dropped.add(index)
    return dropped


def _common(ways: list[tuple[Step, ...]]) -> tuple[Step, ...]:
    first = ways[0]
    for way in ways[1:]:
        same = 0
        while same < min(len(first), len(way)) and first[same] == way[same]:
            same += 1
        first = first[:same]
    return first


def _uses(nodes: Sequence[Node], way: tuple[Step, ...]) -> Iterator[_Use]:
    for node in nodes:
        inner = (*way, (id(node), getattr(node, "index", None), isinstance(node, Strip)))
        if isinstance(node, Loop | Strip):
            yield from _uses(node.body, inner)
        elif isinstance(node, Row):
            for s in node.statements:
                yield from _of(s, reads(s), inner)
        elif isinstance(node, Once):
            for s in node.statements:
                yield from _of(s, reads(s), way)
        elif isinstance(node, Dot):
            guards = [e for c in node.statement.guards for e in sorted(elements(c), key=str)]
            yield from _of(node.statement, (node.left, node.right, *guards), way)


def _of(s: Statement, read: Sequence[Element], way: tuple[Step, ...]) -> Iterator[_Use]:
    yield _Use(way, s, s.target, writes=True)
    yield from (_Use(way, s, e, writes=False) for e in read)


def _in_nests(nodes: Sequence[Node]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Loop | Strip):
            found |= _in_nests(node.body)
        elif isinstance(node, Nest):
            for e in node.block.equations:
                found |= {a.name for a in elements(e.value) | elements(e.target)}
    return found
