"""Patches in strips: copied, or added where they belong, in whole rows.

What windows read is spread into an array of phases once, before the strips. There every row of a patch is a run of
numbers whatever the step, zeros where it is outside, so that nothing is asked in the strips. What is added to
windows goes into such an array, and is collected after the strips.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Mul

from gradproof.derive.conditions import at_least_zero
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.ranges import bracket_conditions
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.products import is_copy, is_spread
from gradproof.kernels.planner.tree import Dot, Loop, Node, Once, Row, Strip, statements_of
from gradproof.kernels.planner.walk import leaves
from gradproof.kernels.planner.windows import Planes, Sliding, planes_of

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


@dataclass(frozen=True)
class Patches:
    """A nest of loops that copies patches or adds them.

    Attributes:
        statement: what it does.
        planes: how windows slide, along rows and columns of planes.
        window: what they read, or what is added to; patch: the other side.
        own: the indices of the loops around the window's, along which the arrays of phases are made.
    """

    statement: Statement
    planes: Planes
    window: Element
    patch: Element
    own: tuple[Index, ...]

    @property
    def added(self) -> bool:
        return self.statement.kind == "add"

    @property
    def places(self) -> tuple[Index, ...]:
        """The indices of the planes."""
        return self.planes.places

    @property
    def window_indices(self) -> tuple[Index, ...]:
        """The indices of the rows of patches."""
        return (*self.own, *self.planes.offsets)


def patches_in(region: RegionEmitter, strip: Strip) -> dict[Node, Patches]:
    """Return the nests in a strip that are patches."""
    found = {node: p for node in strip.body if (p := _patches(region, strip, node)) is not None}
    return {node: p for node, p in found.items() if _is_apart(p, strip)}


def _patches(region: RegionEmitter, strip: Strip, node: Node) -> Patches | None:
    loops: list[Index] = []
    while isinstance(node, Loop) and len(node.body) == 1 and node.direction == 1:
        loops.append(node.index)
        node = node.body[0]
    if not isinstance(node, Row) or len(node.statements) > 1:
        return None
    (s,), loops = node.statements, [*loops, node.index]
    planes = planes_of(s) if is_copy(s) or is_spread(s) else None
    inner = (*planes.offsets, *planes.places) if planes is not None else ()
    read = tuple(dict.fromkeys(reads(s)))
    if planes is None or tuple(loops[-4:]) != inner or planes.places[0] != strip.index or len(read) != 1:
        return None
    window, patch = (s.target, read[0]) if s.kind == "add" else (read[0], s.target)
    own = tuple(loops[:-4])
    lead = window.indices[:-2]
    if {i for i in lead if i not in region.opened} != set(own) or patch.indices[-2:] != planes.places:
        return None
    return Patches(s, planes, window, patch, own) if _is_whole(s, window, region) else None


def _is_whole(s: Statement, window: Element, region: RegionEmitter) -> bool:
    """Is the patch what the window reads, or adds, and nothing but what is outside left out?"""
    storage = region.storage[window.name]
    ends = zip(window.indices[-2:], storage.shape[-2:], strict=True)
    inside = {at_least_zero(e) for slot, n in ends for e in (slot, n - 1 - slot)}
    factors = [f for f in Mul.make_args(s.expr) if not isinstance(f, Iverson)]
    plain = len(factors) == 1 and isinstance(factors[0], Element)
    return plain and {*s.conditions, *bracket_conditions(s.expr)} <= inside and not any((*storage.low, *storage.high))


def _is_apart(p: Patches, strip: Strip) -> bool:
    """Does nothing else in the strips write what windows read, nor touch what is added to?"""
    others = [s for s in statements_of(strip) if s is not p.statement]
    if any(s.name == p.window.name for s in others):
        return False
    return not p.added or not any(e.name == p.window.name for e in _read(strip))


def _read(strip: Strip) -> Iterator[Element]:
    for node in leaves(strip):
        if isinstance(node, Dot):
            yield from (node.left, node.right)
        elif isinstance(node, Row | Once):
            for s in node.statements:
                yield from reads(s)


class PatchEmitter:
    """Writes one nest of patches: what is done before the strips, in each, and after them."""

    def __init__(self, region: RegionEmitter, patches: Patches) -> None:
        self.region, self.patches = region, patches
        self.sliding = patches.planes.rows, patches.planes.columns
        text = region.writer.integer
        self.steps = ", ".join(text(x.step) for x in self.sliding)
        self.edges = ", ".join(text(-x.start) for x in self.sliding)
        self.spreads = ", ".join(text(x.spread) for x in self.sliding)
        self.offsets = ", ".join(text(x.offset.size) for x in self.sliding)
        self.sizes = ", ".join(text(x.place.size) for x in self.sliding)
        reach = ", ".join(self._reach(x) for x in self.sliding)
        self.shape = region.head(f"window_shape({self.sizes}, {reach}, {self.steps})", "shape")
        lengths = ", ".join([*(text(i.size) for i in patches.own), *(f"{self.shape}[{axis}]" for axis in range(4))])
        array = region.places.array(patches.window.name)
        self.phases = region.head(f"room_of_zeros({lengths})", f"{array}_phases", own=array)

    def before(self) -> None:
        """Write what is done before the strips."""
        if self.patches.added:
            self.region.frame.put(f"clear({self.phases})")
            return
        with self._loops() as phases:
            plane = self._plane()
            self.region.frame.put(f"spread_phases({plane}, {self.edges}, {self.steps}, {phases}){self._number}")

    def inside(self) -> None:
        """Write what is done in each stretch."""
        region, p = self.region, self.patches
        region.uses_product = True
        start, stop = region.places.stretches[p.planes.places[0]]
        with self._loops(*p.planes.offsets) as phases:
            offsets = ", ".join(region.writer.integer(x.spread * x.offset) for x in self.sliding)
            window = f"window_plane({phases}, {offsets}, {self.steps})[{start}:]"
            access = region.places.access(p.patch)
            slots = [region.writer.integer(slot) for slot in access.slots[:-2]]
            cut = f":{stop} - {start}" if access.strip(len(access.slots) - 2) else f"{start}:{stop}"
            patch = f"{access.array}[{', '.join((*slots, cut))}]"
            columns = region.writer.integer(self.sliding[1].place.size)
            calls = f"copy_rows({window}, {patch})", f"add_rows({patch}, {window}[:{stop} - {start}, :{columns}])"
            region.frame.put(f"{calls[p.added]}{self._number}")

    def after(self) -> None:
        """Write what is done after the strips."""
        if self.patches.added:
            with self._loops() as phases:
                call = f"collect_phases({phases}, {self.edges}, {self.steps}, {self._plane()}, True)"
                self.region.frame.put(f"{call}{self._number}")

    @contextmanager
    def _loops(self, *inner: Index) -> Iterator[str]:
        """Open the loops around a window; what is yielded is the array of phases that is meant in them."""
        region = self.region
        with ExitStack() as stack:
            for index in (*self.patches.own, *inner):
                name = stack.enter_context(region.scope.loop(index))
                steps = region.places.stretches.get(index, (region.writer.integer(index.size),))
                region.frame.put(f"for {name} in range({', '.join(steps)}):")
                stack.enter_context(region.frame.block())
            yield cut_text(self.phases, [region.scope.index(i) for i in self.patches.own])

    def _plane(self) -> str:
        access = self.region.places.access(self.patches.window)
        return cut_text(access.array, [self.region.writer.integer(slot) for slot in access.slots[:-2]])

    def _reach(self, x: Sliding) -> str:
        """Return how far the window's last place is from its first."""
        last = f"max({self.region.writer.integer(x.offset.size)} - 1, 0)"
        return last if x.spread == 1 else f"{self.region.writer.tight_integer(x.spread)}*{last}"

    @property
    def _number(self) -> str:
        return f"  # ({self.patches.statement.number})"
