"""Rows that go to and fro over their places, with values that threads keep in between; see `walks`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free
from gradproof.kernels.cuda.passes import along
from gradproof.kernels.cuda.sorted_rows import SortedRows
from gradproof.kernels.cuda.steps import Online, Walk
from gradproof.kernels.cuda.walks import most_at_once
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Once, Row


@dataclass(slots=True)
class Kept:
    """What is kept while a walk is written.

    Attributes:
        node: the walk; length: how many values of each array, as text.
        arrays: the names that these have.
        ends: is what is kept of an array that of the row's last places, or else of its first?
        last: the name of where a thread's last places begin, once it has one.
        at: the names of where the open piece begins, and of which of its values is meant.
    """

    node: Walk
    length: str
    arrays: dict[Element, str]
    ends: dict[Element, bool] = field(default_factory=dict)
    last: str = ""
    at: tuple[str, str] | None = None


class WalkRows(SortedRows):
    """Writes them."""

    kept: Kept | None = None

    @contextmanager
    def walk(self, node: Walk) -> Iterator[None]:
        """Name what is kept in the rows that are written inside."""
        self.writer.loops = frozenset(i.size for i in (*self.opened, *self.launch.grid, node.index))
        held = [e for e in node.held if self._is_read(e) and self._is_here(e, node.index) and self.writer.is_sure(e)]
        rows = [self._in_row(n, held) for n in node.body if not isinstance(n, Once)]
        held = [e for e in held if sum(e in row for row in rows) > 1]
        if held and node.index not in self.places.stretches:
            node = replace(node, held=tuple(held))
            length = "EACH" if most_at_once(node) > 1 else "HELD"
            self.kept = Kept(node, length, {e: self.frame.name(f"{self.places.array(e.name)}_held") for e in held})
            for name in self.kept.arrays.values():
                self.frame.put(f"{name} = cuda.local.array({length}, real)")
        yield
        self.kept = None

    def _is_here(self, e: Element, index: Index) -> bool:
        return all(i == index or self._is_open(i) for i in free(e))

    def used(self, indices: tuple[Index, ...], statements: Sequence[Statement]) -> list[Element]:
        """Return what is kept of what a row reads or makes."""
        if self.kept is None or indices != (self.kept.node.index,):
            return []
        return _plain(statements, self.kept.node.held)

    def _in_row(self, row: Row | Online, held: Sequence[Element]) -> list[Element]:
        """Return what a row takes from what is kept; one for a maximum takes nothing where it needs something else."""
        used = _plain(row.statements, held)
        return used if isinstance(row, Row) or self.values(row, used) is not None else []

    def values(self, node: Online, used: list[Element]) -> list[Statement] | None:
        """Return the names that the maximum's terms are made of; None where they are not made of what is kept alone."""
        made = {s.target: s for s in node.body if s.kind == "map" and not self.is_memory(s.name)}
        found, rest = [node.most], [node.most]
        while rest:
            s = rest.pop()
            if s.conditions or s.guards:
                return None
            for e in (e for e in reads(s) if e not in used and along(e, node.index)):
                if e not in made:
                    return None
                found.append(made[e])
                rest.append(made[e])
        return [s for s in node.body if s in found and s is not node.most]

    @contextmanager
    def along(self, indices: tuple[Index, ...], statements: Sequence[Statement]) -> Iterator[None]:
        """Write the loop over the places of a row, and open them."""
        used = self.used(indices, statements)
        if not used:
            with self.shared(indices):
                yield
            return
        with self.pieces(used, statements) as first, self.places_of(first, used):
            yield

    @contextmanager
    def pieces(self, used: Sequence[Element], statements: Sequence[Statement]) -> Iterator[str]:
        """Write the loop over pieces of a row, which begins where values are kept, and ends with others kept.

        Yields the name of the place where a thread's piece begins.
        """
        kept = self._kept()
        made = {s.target for s in statements}
        back = next((kept.ends[e] for e in used if e in kept.ends), False)
        begin = self._last() if back else "thread"
        first = self.frame.name("first")
        stop = self.extent(kept.node.index)
        step = f"{kept.length}*THREADS"
        bounds = f"{begin}, -1, -{step}" if back else f"{begin}, {stop}, {step}"
        self.frame.put(f"for {first} in range({bounds}):")
        with self.frame.block():
            there = [e for e in used if kept.ends.get(e) == back]
            self._load([e for e in used if e not in there and e not in made], first)
            if there:
                self.frame.put(f"if {first} != {begin}:  # else they are there from the row before")
                with self.frame.block():
                    self._load(there, first)
            yield first
        kept.ends |= dict.fromkeys(used, not back)
        self.writer.scope.local.discard(first)

    @contextmanager
    def places_of(self, first: str, used: Sequence[Element]) -> Iterator[str]:
        """Write the loop over the places of a piece, and open them, with what is kept of them; yields its counter."""
        kept = self._kept()
        held = self.frame.name("held")
        self.frame.put(f"for {held} in range({kept.length}):")
        with self.frame.block(), self.writer.scope.loop(kept.node.index) as name:
            self.frame.put(f"{name} = {first} + {held}*THREADS")
            self.frame.put(f"if {name} < {self.extent(kept.node.index)}:")
            self.writer.held |= {e: f"{kept.arrays[e]}[{held}]" for e in used}
            kept.at = first, held
            with self.frame.block():
                yield held
            kept.at = None
        self.writer.scope.local.discard(held)

    def _load(self, found: Sequence[Element], first: str) -> None:
        """Write a loop that reads what is kept of a piece: all of it is on its way at once."""
        if not found:
            return
        with self.places_of(first, []) as held:
            for e in found:
                self.frame.put(f"{self._kept().arrays[e]}[{held}] = {self.writer.element(e, self.facts)}")

    def _last(self) -> str:
        """Return the name of where a thread's last piece begins."""
        kept = self._kept()
        if not kept.last:
            kept.last = self.frame.name("last")
            step, stop = f"({kept.length}*THREADS)", self.extent(kept.node.index)
            self.frame.put(f"{kept.last} = thread + ({stop} - 1)//{step}*{step}")
        return kept.last

    def _kept(self) -> Kept:
        assert self.kept is not None
        return self.kept


def _plain(statements: Sequence[Statement], held: Sequence[Element]) -> list[Element]:
    """Return what some statements read or make at every place."""
    plain = [s for s in statements if not s.conditions and not s.guards]
    found = {e for s in plain for e in (*elements(s.expr), s.target)}
    return [e for e in held if e in found]
