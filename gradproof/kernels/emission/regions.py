"""A region: one function that does the work of a stretch lo:hi of its index, or all of it."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.emission.dots import write_dot
from gradproof.kernels.emission.frame import Frame
from gradproof.kernels.emission.kit import Kit
from gradproof.kernels.emission.nests import nest_lines
from gradproof.kernels.emission.places import Access, Places
from gradproof.kernels.emission.rows import RowEmitter
from gradproof.kernels.emission.sums import BETTER, FILLS, STARTS, Running, products, starting, starting_products, statements
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
    product: does it multiply matrices?
    """

    region: Region
    lines: tuple[str, ...]
    made: frozenset[str]
    returned: tuple[str, ...]
    parts: tuple[Statement, ...]
    sums: bool
    product: bool


class RegionEmitter:
    """Writes the body of a region."""

    def __init__(self, kit: Kit, region: Region, writer: RegionWriter) -> None:
        self.kit, self.region, self.writer = kit, region, writer
        self.places, self.scope = kit.places, kit.scope
        self.storage = self.places.plan.storage
        self.frame = Frame(self.scope)
        self.places.stretches.clear()
        if region.index is not None:
            self.places.stretches[region.index] = "lo", "hi"
        self.facts: Facts = ()
        self.opened: tuple[Index, ...] = ()
        self.running: dict[str, Running] = {}
        self.made: set[str] = set()
        self.returned: list[str] = []
        self.parts: list[Statement] = []
        self.sums = False
        self.uses_product = False

    def write(self) -> Written:
        """Return the body."""
        for node in self.region.body:
            self.node(node)
        lines, returned = (*self._head(), *self.frame.lines), tuple(dict.fromkeys(self.returned))
        return Written(self.region, lines, frozenset(self.made), returned, tuple(self.parts), self.sums, self.uses_product)

    def _head(self) -> list[str]:
        """Return the lines that make what one thread needs for itself."""
        lines = ["scratch = np.empty(SCRATCH, real)"] if self.uses_product else []
        for name in buffers(self.region, self.places):
            shape = ", ".join(self.writer.integer(n) for n in self.places.extents(name))
            kind = "np.float64" if self.storage[name].wide else "np.int64" if self.storage[name].integer else "real"
            lines.append(f"{self.places.array(name)} = np.empty(({shape}), {kind})")
        return lines

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
            self._dot(node)
        elif isinstance(node, Strip):
            self._strip(node)
        else:
            self._nest(node)

    def span(self, index: Index) -> Span:
        """Return the stretch of an index that this function runs over."""
        return Span(index, *self.places.stretches.get(index, ("", "")))

    def _dot(self, node: Dot) -> None:
        """Write a product; where its sum runs over the region's index, into this thread's part."""
        s = node.statement
        if self.is_part(s) and s.name not in self.running:
            self._start_products(s)
            write_dot(self, node)
            return
        write_dot(self, node)

    def _loop(self, node: Loop) -> None:
        begun = self._begin(node)
        with self.scope.loop(node.index) as name:
            self.frame.put(f"for {name} in {self._steps(node)}:")
            with self.frame.block():
                self.opened = (*self.opened, node.index)
                for inner in node.body:
                    self.node(inner)
                self.opened = self.opened[:-1]
        self._end(begun)

    def _strip(self, node: Strip) -> None:
        """Write a loop over stretches of an index: inside, the index means one of them."""
        begun = self._begin(node)
        outer = self.places.stretches.get(node.index)
        low, high = outer or ("0", self.writer.integer(node.index.size))
        start, stop = self.frame.name(f"{self.stem(node.index)}_start"), self.frame.name(f"{self.stem(node.index)}_stop")
        self.frame.put(f"for {start} in range({low}, {high}, {node.length}):")
        with self.frame.block():
            self.frame.put(f"{stop} = min({start} + {node.length}, {high})")
            self.places.stretches[node.index] = start, stop
            for inner in node.body:
                self.node(inner)
        del self.places.stretches[node.index]
        if outer is not None:
            self.places.stretches[node.index] = outer
        self._end(begun)

    def stem(self, index: Index) -> str:
        """Return the name that the index would have in a loop."""
        with self.scope.loop(index) as name:
            return name

    def _begin(self, node: Loop | Strip) -> tuple[list[Statement], list[Statement]]:
        """Start the reductions over the node's index; return those over terms, and those over products."""
        terms = [s for s in starting(node, self.opened) if s.name not in self.running]
        for s in terms:
            self.start(s)
        sums = [s for s in starting_products(node, self.opened) if s.name not in self.running]
        for s in sums:
            self._start_products(s)
        return terms, sums

    def _end(self, begun: tuple[list[Statement], list[Statement]]) -> None:
        for s in begun[0]:
            self.finish(s)
        for s in begun[1]:
            if not self.is_part(s):
                del self.running[s.name]

    def _steps(self, node: Loop) -> str:
        if node.index in self.places.stretches:
            return f"range({', '.join(self.places.stretches[node.index])})"
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
        value = self.value(s, facts)
        if s.kind == "add":
            into = self.writer.entry(self.places.access(s.target), facts)
        else:
            into = self.running_text(self.running[s.name])
        self.sums = self.sums or s.kind == "sum"
        lines = self.term(s, into, value, self.writer)
        self.frame.put_all([f"if {test}:", *[f"    {line}" for line in lines]] if test else lines)

    def running_text(self, running: Running) -> str:
        """Return the number, or the entry of an array, that a reduction runs in."""
        return self.writer.entry(self.running_entry(running.statement), self.facts) if running.axes else running.name

    def term(self, s: Statement, into: str, value: str, writer: Writer) -> list[str]:
        """Return the lines that add a term to a reduction."""
        if s.kind in ("sum", "add"):
            return [f"{into} += {value}  # ({s.number})"]
        if s.kind in BETTER:
            return [f"{into} = {writer.call(BETTER[s.kind], into, value)}  # ({s.number})"]
        best = self.best_text(s, into)
        beats = ">" if s.kind == "argmax" else "<"
        flat = flat_position(s.reduced, writer)
        if "[" not in into:
            return [
                f"value = {value}",
                f"if {into} < 0 or value {beats} {best} or (value != value and {best} == {best}):",
                f"    {best} = value",
                f"    {into} = {flat}  # ({s.number})",
            ]
        return [
            f"value = {value}",
            f"better = {into} < 0 or value {beats} {best} or (value != value and {best} == {best})",
            f"{best} = value if better else {best}",
            f"{into} = {flat} if better else {into}  # ({s.number})",
        ]

    def best_text(self, s: Statement, into: str) -> str:
        """Return the value at the position so far: a number, or the entry beside that of the position."""
        running = self.running[s.name]
        return running.best if "[" not in into else into.replace(running.name, running.best, 1)

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
        self.running[s.name] = Running(s, name, axes, self._best(s, name, axes) if s.kind.startswith("arg") else "")

    def _best(self, s: Statement, name: str, axes: tuple[Index, ...]) -> str:
        """Begin the values at the positions so far."""
        best, kind = self.frame.name(f"{name}_best"), s.kind.removeprefix("arg")
        shape = ", ".join(self.writer.integer(i.size) for i in axes)
        fill = FILLS[kind].format(shape=f"({shape})" if len(axes) > 1 else shape)
        self.frame.put(f"{best} = {fill if axes else STARTS[kind]}")
        return best

    def _start_products(self, s: Statement) -> None:
        """Make zero what matrix products are added to; a thread's part is zero from the start."""
        if s.name in self.running:
            return
        if self.is_part(s):
            self._note_part(s)
            self.running[s.name] = Running(s, "", part_axes(s), _over(self.part_name(s), part_axes(s)))
            return
        access = self.places.access(s.target)
        self.running[s.name] = Running(s, "", part_axes(s), access)
        free = [i for i in part_axes(s) if i not in self.opened]
        slots = [
            self._whole(i) if (i := next((f for f in free if f in slot.free_symbols), None))
            else self.writer.integer(slot)
            for slot in access.slots
        ]  # fmt: skip
        self.frame.put(f"{access.array}[{', '.join(slots)}] = real(0.0)")

    def _whole(self, index: Index) -> str:
        return ":".join(self.places.stretches[index]) if index in self.places.stretches else ":"

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
        return running.entry or _over(running.name, running.axes)

    def _copy(self, running: Running, done: int = 0) -> None:
        """Round a running array into its target, axis by axis."""
        s = running.statement
        if done == len(running.axes):
            target, source = self.places.access(s.target), _over(running.name, running.axes)
            self.frame.put(f"{self.writer.entry(target)} = {self.writer.entry(source)}")
            return
        index = running.axes[done]
        with self.scope.loop(index) as name:
            steps = ", ".join(self.places.stretches.get(index, (self.writer.integer(index.size),)))
            self.frame.put(f"for {name} in range({steps}):")
            with self.frame.block():
                self._copy(running, done + 1)


def flat_position(reduced: tuple[Index, ...], writer: Writer) -> str:
    """Return the position among the reduced indices, counted row by row."""
    flat: Expr = reduced[0]
    for index in reduced[1:]:
        flat = flat * index.size + index
    return writer.integer(flat.expand())


def part_name(scope: Scope, tensor: str) -> str:
    """Return the name of the array that holds the threads' parts of a reduction."""
    return scope.names.name(("part", tensor), f"{tensor}_part")


def part_axes(s: Statement) -> tuple[Index, ...]:
    """Return the indices of a part, in the order of the target's axes."""
    return tuple(i for i in s.target.indices if isinstance(i, Index))


def buffers(region: Region, places: Places) -> list[str]:
    """Return the tensors that each thread of a region keeps in an array of its own."""
    made = dict.fromkeys(s.name for node in region.body for s in (*statements(node), *(d.statement for d in products(node))))
    return [n for n in made if places.plan.places[n].kind == "buffer" and places.plan.places[n].axes]


def _over(name: str, axes: tuple[Index, ...]) -> Access:
    return Access(name, axes, tuple(i.size for i in axes), axes)
