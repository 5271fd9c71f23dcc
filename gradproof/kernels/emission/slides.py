"""Which nests of loops slide a window over planes, in which rows and columns may run as one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Basic, Expr, Mul

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition, at_least_zero
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson, elements, free
from gradproof.kernels.emission.places import Access, Places
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Node, Once, Row
from gradproof.kernels.planner.windows import Sliding, planes_of, sliding_slot


@dataclass(frozen=True)
class Slide:
    """A loop over a window, in it planes.

    Attributes:
        node: the outermost loop; row: the innermost.
        sliding: how rows and columns slide.
        windows: what windows read; planes: what is read at the planes' own places; added: what windows add to.
        positions: arrays of positions among the planes.
        changing: arrays that are written in this nest or may be before it: copies of them are made each time.
    """

    node: Loop
    row: Row
    sliding: tuple[Sliding, Sliding]
    windows: tuple[Access, ...]
    planes: tuple[Access, ...]
    added: tuple[Access, ...]
    positions: frozenset[str]
    changing: frozenset[str]

    @property
    def places(self) -> tuple[Index, Index]:
        """The indices of the planes."""
        return self.sliding[0].place, self.sliding[1].place

    def start(self, access: Access, axis: int) -> Expr:
        """Return where the first window begins."""
        found = sliding_slot(access.slots[axis - 2], self.places[axis])
        return found.start if found is not None else sp.S.Zero

    def twin(self, s: Statement) -> Statement | None:
        """Return the maximum whose position a statement finds, where the nest makes that too."""
        kind = s.kind.removeprefix("arg")
        same = (t for t in self.row.statements if t.kind == kind != s.kind and t.expr == s.expr)
        return next((t for t in same if t.reduced == s.reduced and t.free == s.free), None)

    def is_like(self, other: Slide) -> bool:
        """Have the planes of both the same pitch?"""
        pairs = zip(self.sliding, other.sliding, strict=True)
        return all(
            (a.place.size, a.offset.size, a.step, a.spread) == (b.place.size, b.offset.size, b.step, b.spread)
            for a, b in pairs
        )

    def is_killed(self, s: Statement) -> bool:
        """Is the statement's term 0 between the planes' own columns, whatever positions say there?"""
        return any(isinstance(f, Element) and f.indices[-2:] == self.places for f in Mul.make_args(s.expr))

    def is_position(self, access: Access) -> bool:
        """Does the array hold positions?"""
        return access.array in self.positions


def slide_of(node: Loop, places: Places) -> Slide | None:
    """Return the nest as one that slides a window over planes; None where rows have to be rows."""
    row = _row(node)
    forms = [planes_of(s) for s in row.statements] if row is not None else []
    first = next(iter(forms), None)
    if row is None or first is None or any(f is None or not _alike(f.rows, first.rows) for f in forms):
        return None
    sliding = first.rows, first.columns
    loops = list(_chain(node))
    if [n.index for n in loops] != [*first.offsets, *first.places] or _stretched(loops, places):
        return None
    return _Finder(places, node, row, sliding).found()


def slides_in(body: Sequence[Node], places: Places) -> Iterator[Slide]:
    """Yield the nests under some nodes that slide a window over planes."""
    for node in body:
        if isinstance(node, Loop) and (found := slide_of(node, places)) is not None:
            yield found
        elif isinstance(node, Loop):
            yield from slides_in(node.body, places)


def _row(node: Loop) -> Row | None:
    """Return the row in three loops, beside which there are only single statements."""
    body: tuple[object, ...] = (node,)
    for _ in range(3):
        inside = [n for n in body if isinstance(n, Loop)]
        if len(inside) != 1 or not all(isinstance(n, Loop | Once) for n in body) or inside[0].direction != 1:
            return None
        body = inside[0].body
    return body[0] if len(body) == 1 and isinstance(body[0], Row) else None


def _chain(node: Loop) -> Iterator[Loop | Row]:
    yield node
    for inner in node.body:
        if isinstance(inner, Loop):
            yield from _chain(inner)
        elif isinstance(inner, Row):
            yield inner


def _stretched(loops: list[Loop | Row], places: Places) -> bool:
    return any(n.index in places.stretches for n in loops)


def _alike(a: Sliding, b: Sliding) -> bool:
    return (a.place, a.offset, a.step, a.spread) == (b.place, b.offset, b.step, b.spread)


class _Finder:
    """Sorts what a nest reads and writes."""

    def __init__(self, places: Places, node: Loop, row: Row, sliding: tuple[Sliding, Sliding]) -> None:
        self.all, self.node, self.row, self.sliding = places, node, row, sliding
        self.places = sliding[0].place, sliding[1].place
        self.windows: dict[Element, None] = {}
        self.planes: dict[Element, None] = {}
        self.added: dict[Element, None] = {}
        self.positions: set[str] = set()

    def found(self) -> Slide | None:
        """Return the nest, where all that it does can be done in rows."""
        if not all(self._takes(s) for s in self.row.statements):
            return None
        written = {s.name for s in self.row.statements}
        if written & {e.name for e in (*self.windows, *self.planes)} or len({e.name for e in self.added}) < len(
            self.added
        ):
            return None
        windows, planes, added = (self._kept(group) for group in (self.windows, self.planes, self.added))
        changing = frozenset(a.array for a in (*windows, *planes)) - self._given()
        return Slide(self.node, self.row, self.sliding, windows, planes, added, frozenset(self.positions), changing)

    def _given(self) -> frozenset[str]:
        return frozenset(self.all.array(n) for n in self.all.plan.program.inputs)

    def _kept(self, group: dict[Element, None]) -> tuple[Access, ...]:
        return tuple(self.all.access(e) for e in group)

    def _takes(self, s: Statement) -> bool:
        """Can the statement run in rows?"""
        reads = [e for x in (s.expr, *s.conditions) for e in elements(x) if self._inside(e)]
        if s.guards or not all(self._sorts(e) for e in sorted(reads, key=str)) or self._bare(s):
            return False
        if s.kind == "add":
            return self._is_window(s.target) and self._adds(s)
        if s.kind == "sum" and set(s.reduced) == set(self.places):
            return self._padded(s) and self._is_killed(s)
        if set(s.reduced) != {x.offset for x in self.sliding} or not self._is_plane(s.target):
            return False
        return self._padded(s) if s.kind == "sum" else s.kind in ("max", "min", "argmax", "argmin") and not s.conditions

    def _inside(self, e: Element) -> bool:
        return bool(set(self.places) & free(e))

    def _sorts(self, e: Element) -> bool:
        if self.all.plan.storage[e.name].wide:  # copies are of the module's type
            return False
        if self._is_plane(e):
            self.planes[e] = None
            return True
        if self._is_window(e):
            self.windows[e] = None
            return True
        return False

    def _fits(self, e: Element) -> bool:
        """Are its last two axes kept whole, and do no others vary?"""
        storage, place = self.all.plan.storage[e.name], self.all.plan.places[e.name]
        rank = len(storage.shape)
        moving = {i for x in self.sliding for i in (x.place, x.offset)}
        return (
            place.kind != "scalar" and place.axes[-2:] == (rank - 2, rank - 1) and not place.strips
            and not any((*storage.low, *storage.high))
            and not any(moving & free(slot) or elements(slot) for slot in e.indices[:-2])
        )  # fmt: skip

    def _is_plane(self, e: Element) -> bool:
        shape = self.all.plan.storage[e.name].shape[-2:]
        return e.indices[-2:] == self.places and shape == tuple(i.size for i in self.places) and self._fits(e)

    def _is_window(self, e: Element) -> bool:
        slots = [sliding_slot(slot, i) for slot, i in zip(e.indices[-2:], self.places, strict=False)]
        same = all(a is not None and _alike(a, b) for a, b in zip(slots, self.sliding, strict=True))
        return same and self._fits(e) and not self.all.plan.storage[e.name].integer

    def _bare(self, s: Statement) -> bool:
        """Do the planes' indices stand anywhere but in what is read?"""
        own = [s.expr, *[c for c in s.conditions if c.kind == "eq"]]
        left = [x.xreplace({e: sp.Dummy() for e in elements(x)}) for x in own]
        return any(set(self.places) & x.free_symbols or x.has(Iverson) for x in left)

    # ---------------------------------------------------------------- conditions

    def _edges(self, e: Element) -> set[Condition]:
        """Return the conditions that say that the place is inside the array."""
        shape = self.all.plan.storage[e.name].shape
        pairs = list(zip(e.indices, shape, strict=True))[-2:]
        return {at_least_zero(x) for slot, n in pairs for x in (slot, integer_form(n - 1 - slot))}

    def _padded(self, s: Statement) -> bool:
        """Is the term 0 wherever its conditions do not hold, because what is read there is 0?"""
        factors = [f for f in Mul.make_args(s.expr) if isinstance(f, Element) and f in self.windows]
        edges: set[Basic] = set().union(*[self._edges(f) for f in factors])
        return set(s.conditions) <= edges

    def _is_killed(self, s: Statement) -> bool:
        """Is the term 0 between the planes' own columns?"""
        return any(isinstance(f, Element) and f in self.planes for f in Mul.make_args(s.expr))

    def _adds(self, s: Statement) -> bool:
        left = [c for c in s.conditions if c not in self._edges(s.target)]
        positions = [e for c in left for e in elements(c) if e in self.planes]
        if len(left) > 1 or any(c.kind != "eq" for c in left) or len(positions) != len(left):
            return False
        if not all(self.all.plan.storage[e.name].integer for e in positions):
            return False
        self.added[s.target] = None
        self.positions |= {self.all.array(e.name) for e in positions}
        return bool(left) or self._is_killed(s)
