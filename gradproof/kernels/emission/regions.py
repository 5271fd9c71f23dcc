"""A region: one function that does the work of a stretch lo:hi of its index, or all of it."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.derive.index import Index
from gradproof.derive.nodes import free
from gradproof.kernels.emission.blocks import Blocks
from gradproof.kernels.emission.dots import write_dot
from gradproof.kernels.emission.flat_rows import flat_row
from gradproof.kernels.emission.heads import end_lines, head_lines
from gradproof.kernels.emission.nests import nest_lines
from gradproof.kernels.emission.owned import Owned, add_owned, owned_rows
from gradproof.kernels.emission.packed import pack_before
from gradproof.kernels.emission.plane_rows import PlaneEmitter
from gradproof.kernels.emission.planes import Planes
from gradproof.kernels.emission.ranges import Limits, limits
from gradproof.kernels.emission.reductions import Reductions
from gradproof.kernels.emission.rows import RowEmitter
from gradproof.kernels.emission.slides import slide_of
from gradproof.kernels.emission.strips import write_strip
from gradproof.kernels.emission.sums import starting, starting_products
from gradproof.kernels.emission.terms import term_lines, value_of
from gradproof.kernels.emission.views import Span
from gradproof.kernels.emission.window_products import end_turned
from gradproof.kernels.emission.zeros import zeros_line
from gradproof.kernels.expressions import Facts
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Once, Region, Row, Strip
from gradproof.kernels.planner.walk import leaves, products, statements


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


class RegionEmitter(Reductions):
    """Writes the body of a region."""

    #: Rows of a table that threads own, and that are written once.
    rows: Owned | None = None
    #: The innermost loop that is being written.
    around: Loop | None = None

    def write(self) -> Written:
        """Return the body."""
        if self.region.index is not None and self.region.beside is not None:
            self._pairs(self.region.index, self.region.beside)
        else:
            self.rows = owned_rows(self)
            for node in self.region.body:
                self.node(node)
        head = head_lines(self)
        end = [*(["all_sent()"] if self.sends else []), *end_lines(head)]
        lines, returned = (*head, *self.frame.lines, *end), tuple(dict.fromkeys(self.returned))
        made, parts = frozenset(self.made), tuple(self.parts)
        return Written(self.region, lines, made, returned, parts, self.sums, self.uses_product)

    def _pairs(self, index: Index, beside: Index) -> None:
        """Write one loop over pairs of two indices, which threads share: the two loops of the body in one."""
        (outer,) = self.region.body
        (inner,) = outer.body if isinstance(outer, Loop) else ()
        pair, size = self.frame.name("pair"), self.writer.tight_integer(beside.size)
        self.frame.put(f"for {pair} in range(lo, hi):")
        with self.scope.loop(index) as i, self.scope.loop(beside) as j, self.frame.block():
            self.frame.put(f"{i}, {j} = {pair}//{size}, {pair} % {size}")
            self.opened = (index, beside)
            for node in inner.body if isinstance(inner, Loop) else ():
                self.node(node)
            self.opened = ()

    def node(self, node: Node) -> None:
        """Write a node."""
        if isinstance(node, Loop):
            self._planes_or_loop(node)
        elif isinstance(node, Row):
            self._row(node)
        elif isinstance(node, Once):
            for s in node.statements:
                self._once(s)
        elif isinstance(node, Dot):
            self._dot(node)
        elif isinstance(node, Strip):
            write_strip(self, node)
        else:
            self._nest(node)

    def _row(self, node: Row) -> None:
        """Write a row."""
        if self.region.owned is None or node.statements[0].kind != "add":
            RowEmitter(self, node).emit()
        else:
            add_owned(self, node, self.region.owned)

    def span(self, index: Index) -> Span:
        """Return the stretch of an index that this function runs over."""
        return Span(index, *self.places.stretches.get(index, ("", "")))

    def _dot(self, node: Dot) -> None:
        """Write a product; where its sum runs over the region's index, into this thread's part."""
        s = node.statement
        if self.is_part(s) and s.name not in self.running:
            self.start_products(s)
            write_dot(self, node)
            return
        write_dot(self, node)

    def _planes_or_loop(self, node: Loop) -> None:
        """Write a loop: zeros, planes in which a window slides, a row over a plane, or any other loop."""
        if self.rows is not None and node is self.rows.cleared:
            self.rows.clear()
        elif (line := zeros_line(node, self)) is not None:
            self.frame.put(line)
        elif self.planes is not None and node.index == self.planes.slide.places[0]:
            PlaneEmitter(self, self.planes).emit()
        elif self.planes is None and (slide := slide_of(node, self.places)) is not None:
            Planes(self, slide).write()
        elif (flat := flat_row(node, self)) is not None:
            PlaneEmitter(self, flat).emit()
        else:
            self.loop(node)

    def loop(self, node: Loop) -> None:
        """Write a loop, and what it reduces."""
        begun, before = self.begin(node), dict(self.packed)
        made = pack_before(self, node)
        blocks = Blocks(self, node)
        outer, found = (self.facts, self.tested, self.around), self._limits(node)
        self.around = node
        with self.scope.loop(node.index) as name:
            steps = f"range({found.start}, {found.stop})" if found else self._steps(node)
            self.frame.put(f"for {name} in {steps}:")
            if found:
                self.facts, self.tested = (*self.facts, *found.facts), self.tested | set(found.used)
            with self.frame.block():
                self.opened = (*self.opened, node.index)
                for inner in node.body:
                    self.node(inner)
                self.opened = self.opened[:-1]
                blocks.step(name)
        blocks.end()
        self.facts, self.tested, self.around = outer
        self.packed = before
        self.give_back(made)
        self.end(begun)

    def _limits(self, node: Loop) -> Limits | None:
        """Return where a loop has to run at all: where the conditions hold that all reductions in it have."""
        inside = list(statements(node))
        if node.index in self.places.stretches or node.direction < 0 or not inside or any(products(node)):
            return None
        if any(s.kind == "map" for s in inside) or not all(isinstance(n, Row | Once) for n in leaves(node)):
            return None
        common = [c for c in (*inside[0].guards, *inside[0].conditions)
                  if all(c in (*s.guards, *s.conditions) for s in inside) and node.index in free(c)]  # fmt: skip
        return limits(common, node.index, frozenset(self.opened), self.writer, self.writer.divisors)

    def give_back(self, arrays: list[str]) -> None:
        """Write the end of arrays that were made for a loop."""
        if arrays:
            self.frame.put(f"give_back({', '.join(arrays)})")

    def stem(self, index: Index) -> str:
        """Return the name that the index would have in a loop."""
        with self.scope.loop(index) as name:
            return name

    def begin(self, node: Loop | Strip) -> tuple[list[Statement], list[Statement]]:
        """Start the reductions over the node's index; return those over terms, and those over products."""
        terms = [s for s in starting(node, self.opened) if s.name not in self.running]
        for s in terms:
            self.start(s)
        sums = [s for s in starting_products(node, self.opened) if s.name not in self.running]
        for s in sums:
            self.start_products(s)
        return terms, sums

    def end(self, begun: tuple[list[Statement], list[Statement]]) -> None:
        """End what `begin` started."""
        for s in begun[0]:
            self.finish(s)
        for s in begun[1]:
            end_turned(self, s)
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
                self.is_made(e.name)
        for line in nest_lines(node.block, self.places.plan, self.scope, self.writer):
            self.frame.put(line)

    # ---------------------------------------------------------------- single statements

    def _once(self, s: Statement) -> None:
        self.order_by(s, self.writer)
        if s.kind == "map":
            self.store(s, self.writer.real(s.expr, self.facts))
            return
        test, facts = self._test(s)
        value = value_of(s, self.writer, facts)
        if s.kind == "add":
            into = self.writer.entry(self.places.access(s.target), facts)
        else:
            into = self.running_text(self.running[s.name])
        self.sums = self.sums or s.kind == "sum"
        lines = term_lines(s, into, value, self.writer, self.best_text(s, self.writer), branches=False)
        self.frame.put_all([f"if {test}:", *[f"    {line}" for line in lines]] if test else lines)

    def _test(self, s: Statement) -> tuple[str, Facts]:
        conditions = tuple(c for c in (*s.guards, *s.conditions) if c not in self.tested)
        return self.writer.condition(conditions, self.facts) if conditions else ("", self.facts)
