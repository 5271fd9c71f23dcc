"""A region: one function that does the work of a stretch lo:hi of its index, or all of it."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.errors import NotYet
from gradproof.kernels.emission.frame import Frame
from gradproof.kernels.emission.kit import Kit
from gradproof.kernels.emission.nests import nest_lines
from gradproof.kernels.emission.places import Access
from gradproof.kernels.emission.rows import RowEmitter
from gradproof.kernels.emission.sums import BETTER, FILLS, STARTS, Running, starting
from gradproof.kernels.emission.views import Span
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.expressions import Facts, Writer
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Once, Region, Row, Strip
from gradproof.kernels.scope import Scope


@dataclass(frozen=True, slots=True)
class Written:
    """The body of a region's function.

    Attributes:
        region: what it computes.
        lines: its statements.
        made: local names that it gives to tensors.
        returned: names of the tensors that are single numbers, which it returns.
        parts: reductions over the region's index: every thread has a part of its own.
        sums: does the body itself add up?
    """

    region: Region
    lines: tuple[str, ...]
    made: frozenset[str]
    returned: tuple[str, ...]
    parts: tuple[Statement, ...]
    sums: bool


class RegionEmitter:
    """Writes the body of a region."""

    def __init__(self, kit: Kit, region: Region, writer: RegionWriter) -> None:
        self.kit, self.region, self.writer = kit, region, writer
        self.places, self.scope = kit.places, kit.scope
        self.storage = self.places.plan.storage
        self.frame = Frame(self.scope)
        self.facts: Facts = ()
        self.opened: tuple[Index, ...] = ()
        self.running: dict[str, Running] = {}
        self.made: set[str] = set()
        self.returned: list[str] = []
        self.parts: list[Statement] = []
        self.sums = False

    def write(self) -> Written:
        """Return the body."""
        for node in self.region.body:
            self.node(node)
        lines, returned = tuple(self.frame.lines), tuple(dict.fromkeys(self.returned))
        return Written(self.region, lines, frozenset(self.made), returned, tuple(self.parts), self.sums)

    def node(self, node: Node) -> None:
        """Write a node."""
        if isinstance(node, Loop):
            self._loop(node)
        elif isinstance(node, Row):
            RowEmitter(self, node).emit()
        elif isinstance(node, Once):
            for s in node.statements:
                self._once(s)
        elif isinstance(node, Dot):
            raise NotYet("a matrix product in a fast kernel")
        elif isinstance(node, Strip):
            raise NotYet("strips in a fast kernel")
        else:
            self._nest(node)

    def span(self, index: Index) -> Span:
        """Return the stretch of an index that this function runs over."""
        return Span(index, "lo", "hi") if index == self.region.index else Span(index)

    def _loop(self, node: Loop) -> None:
        begun = starting(node, self.opened)
        for s in begun:
            self.start(s)
        with self.scope.loop(node.index) as name:
            self.frame.put(f"for {name} in {self._steps(node)}:")
            with self.frame.block():
                self.opened = (*self.opened, node.index)
                for inner in node.body:
                    self.node(inner)
                self.opened = self.opened[:-1]
        for s in begun:
            self.finish(s)

    def _steps(self, node: Loop) -> str:
        if node.index == self.region.index:
            return "range(lo, hi)"
        size = self.writer.integer(node.index.size)
        return f"range({size})" if node.direction > 0 else f"range({size} - 1, -1, -1)"

    def _nest(self, node: Nest) -> None:
        for e in node.block.equations:
            if not self.storage[e.name].shape:
                self._is_made(e.name)
        for line in nest_lines(node.block, self.places.plan, self.scope, self.writer):
            self.frame.put(line)

    def order_by(self, s: Statement, writer: Writer) -> None:
        """Factors are written in the order of the left side's indices."""
        left = [i for i in s.target.indices if isinstance(i, Index)]
        writer.position = {i: k for k, i in enumerate([*left, *s.free, *s.reduced])}

    # ---------------------------------------------------------------- single statements

    def _once(self, s: Statement) -> None:
        self.order_by(s, self.writer)
        if s.kind == "map":
            self.store(s, self.writer.real(s.expr, self.facts))
            return
        test, facts = self._test(s)
        running, value = self.running[s.name], self.value(s, facts)
        into = self.writer.entry(self.running_entry(s)) if running.axes else running.name
        self.sums = True
        if test:
            self.frame.put(f"if {test}:")
        line = f"{into} += {value}" if s.kind == "sum" else f"{into} = {self.writer.call(BETTER[s.kind], into, value)}"
        self.frame.put(f"{'    ' if test else ''}{line}  # ({s.number})")

    def _test(self, s: Statement) -> tuple[str, Facts]:
        conditions = (*s.guards, *s.conditions)
        return self.writer.condition(conditions, self.facts) if conditions else ("", self.facts)

    def value(self, s: Statement, facts: Facts) -> str:
        """Return the text of the term of a reduction."""
        self.writer.wide = self.storage[s.name].wide
        text = self.writer.real(s.expr, facts)
        self.writer.wide = False
        return text

    def store(self, s: Statement, value: str) -> None:
        """Put a value where the statement's target is kept."""
        if self.places.is_scalar(s.name):
            self._is_made(s.name)
            self.frame.put(f"{self.places.array(s.name)} = {value}  # ({s.number})")
            return
        missing = self.missing_rows(s.target)
        if missing:
            self.frame.put(f"if {missing}:")
        entry = self.writer.entry(self.places.access(s.target), self.facts)
        self.frame.put(f"{'    ' if missing else ''}{entry} = {value}  # ({s.number})")

    def _is_made(self, name: str) -> None:
        self.made.add(self.places.array(name))
        if not self.storage[name].shape:
            self.returned.append(name)

    def missing_rows(self, target: Element) -> str:
        """Return the test that the start row at 0 or after is there: the array may be empty."""
        shape = self.storage[target.name].shape
        fixed = [(i, n) for i, n in zip(target.indices, shape, strict=True) if i.is_Integer and i >= 0]
        return " and ".join(f"{i} < {self.writer.integer(n)}" for i, n in fixed)

    # ---------------------------------------------------------------- reductions

    def is_part(self, s: Statement) -> bool:
        """Is it a reduction over the region's index, of which each thread has a part?"""
        return self.region.index is not None and self.region.index in s.reduced

    def part_name(self, s: Statement) -> str:
        """Return the name of the array of a thread's part."""
        name = part_name(self.scope, self.places.array(s.name))
        self.scope.local.add(name)
        return name

    def ends_in_a_name(self, s: Statement) -> bool:
        """Is the complete value kept in a local name?"""
        return not s.free if self.is_part(s) else self.places.is_scalar(s.name)

    def start(self, s: Statement) -> None:
        """Begin a reduction before the loop over its first reduced index."""
        axes = tuple(i for i in s.free if i not in self.opened)
        if not axes:
            own = self.ends_in_a_name(s)
            if own:
                self._is_made(s.name)
            name = self.places.array(s.name) if own else self.frame.name(f"{self.places.array(s.name)}_total")
            self.frame.put(f"{name} = {STARTS[s.kind]}")
        elif self.is_part(s):
            name, axes = self.part_name(s), part_axes(s)
            self._note_part(s)
        else:
            name = self.frame.name(f"{self.places.array(s.name)}_total")
            shape = ", ".join(self.writer.integer(i.size) for i in axes)
            self.frame.put(f"{name} = {FILLS[s.kind].format(shape=f'({shape})' if len(axes) > 1 else shape)}")
        self.running[s.name] = Running(s, name, axes)

    def finish(self, s: Statement) -> None:
        """Store what has run, after the loop over its first reduced index."""
        running = self.running.pop(s.name)
        if not running.axes:
            self.complete(s, running.name)
        elif not self.is_part(s):
            self._copy(running)

    def complete(self, s: Statement, value: str) -> None:
        """Store a complete reduction; one that is kept in a name is rounded to the module's type."""
        if self.is_part(s):
            self._note_part(s)
            if s.free:
                entry = self.writer.entry(_over(self.part_name(s), part_axes(s)))
                self.frame.put(f"{entry} = {value}")
            elif value != self.places.array(s.name):
                self.frame.put(f"{self.places.array(s.name)} = {value}")
        elif self.places.is_scalar(s.name):
            self._is_made(s.name)
            name = self.places.array(s.name)
            if s.kind == "sum" and not self.storage[s.name].wide:
                value = f"real({value})"
            if value != name:
                self.frame.put(f"{name} = {value}")
        else:
            self.frame.put(f"{self.writer.entry(self.places.access(s.target), self.facts)} = {value}")

    def _note_part(self, s: Statement) -> None:
        if s not in self.parts:
            self.parts.append(s)
        if not s.free:
            self._is_made(s.name)

    def running_entry(self, s: Statement) -> Access:
        """Return the entry of a running array that the open indices mean."""
        running = self.running[s.name]
        return _over(running.name, running.axes)

    def _copy(self, running: Running, done: int = 0) -> None:
        """Round a running array into its target, axis by axis."""
        s = running.statement
        if done == len(running.axes):
            target, source = self.places.access(s.target), _over(running.name, running.axes)
            self.frame.put(f"{self.writer.entry(target)} = {self.writer.entry(source)}")
            return
        index = running.axes[done]
        with self.scope.loop(index) as name:
            self.frame.put(f"for {name} in range({self.writer.integer(index.size)}):")
            with self.frame.block():
                self._copy(running, done + 1)


def part_name(scope: Scope, tensor: str) -> str:
    """Return the name of the array that holds the threads' parts of a reduction."""
    return scope.names.name(("part", tensor), f"{tensor}_part")


def part_axes(s: Statement) -> tuple[Index, ...]:
    """Return the indices of a part, in the order of the target's axes."""
    return tuple(i for i in s.target.indices if isinstance(i, Index))


def _over(name: str, axes: tuple[Index, ...]) -> Access:
    return Access(name, axes, tuple(i.size for i in axes), axes)
