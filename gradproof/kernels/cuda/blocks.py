"""The kernel of a launch: what a block does at its places."""

from __future__ import annotations

from gradproof.derive.index import Index
from gradproof.errors import NotYet
from gradproof.kernels.cuda.columns import has_columns
from gradproof.kernels.cuda.hazards import Touch
from gradproof.kernels.cuda.steps import Body, Keys, Online, Owned, Segments, Walk, Wide, under
from gradproof.kernels.cuda.walk_sums import WalkSums
from gradproof.kernels.emission.terms import term_lines, value_of
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Once, Row, Strip


class Block(WalkSums):
    """Writes the body of a kernel."""

    def write(self) -> None:
        """Write it all."""
        self.begin_parts()
        launch = self.launch
        if launch.flat:
            self._flat()
        elif launch.stretch:
            self.places.stretches[launch.grid[0]] = "lo", "hi"
            for node in launch.nodes:
                self.node(node)
            del self.places.stretches[launch.grid[0]]
        elif has_columns(launch):
            self.columns()
        elif launch.grid:
            before = self.hazards.enter()
            with self.shared(launch.grid, begin="lo", end="hi", step=""):
                self.opened = launch.grid
                for node in launch.nodes:
                    self.node(node)
                self._again(before)
                self.opened = ()
        else:
            for node in launch.nodes:
                self.node(node)
        self.end_parts()

    def _flat(self) -> None:
        """Write what every thread does at places of its own."""
        (node,) = self.launch.nodes
        if isinstance(node, Owned):
            self.owned(node, flat=True)
        elif isinstance(node, Keys):
            self.keys(node)
        elif isinstance(node, Segments):
            self.segments(node)
        elif isinstance(node, Row):
            self.row(self.launch.grid, node.statements, flat=True)

    def _again(self, before: set[Touch]) -> None:
        if self.hazards.leave(before):
            self.frame.put("cuda.syncthreads()")

    def node(self, node: Body) -> None:
        """Write a node."""
        if isinstance(node, Wide):
            self.row(node.indices, node.statements)
        elif isinstance(node, Owned):
            self.owned(node)
        elif isinstance(node, Row):
            self.row((node.index,), node.statements)
        elif isinstance(node, Online):
            mine = self.online(node)
            self._once(node.shift)
            self.online_sums(node, mine)
        elif isinstance(node, Walk):
            self._walk(node)
        elif isinstance(node, Once):
            for s in node.statements:
                self._once(s)
        elif isinstance(node, Loop):
            self._loop(node)
        elif isinstance(node, Strip):
            self._strip(node)
        else:
            raise NotYet("a linear system or a determinant on CUDA")

    def _between(self, node: Online | Once) -> None:
        """Write what ends outside rows."""
        if isinstance(node, Online):
            mine = self.online(node)
            self._once(node.shift)
            self.online_sums(node, mine)
            return
        for s in node.statements:
            self._once(s)

    def _walk(self, node: Walk) -> None:
        with self.walk(node):
            for inner in node.body:
                self.node(inner)

    def _begin(self, index: Index, statements: tuple[Statement, ...]) -> list[Statement]:
        """Start the reductions whose first reduced index this is."""
        begun = []
        for s in dict.fromkeys(statements):
            started = set(self.opened) & set(s.reduced) or s.name in self.running or self.is_part(s)
            if s.kind in ("map", "add") or index not in s.reduced or started:
                continue
            self.start(s)
            begun.append(s)
        return begun

    def _end(self, begun: list[Statement]) -> None:
        for s in begun:
            self.finish(s)

    def _loop(self, node: Loop) -> None:
        begun = self._begin(node.index, tuple(under(node)))
        before = self.hazards.enter()
        begin = "0" if node.direction > 0 else ""
        if node.direction > 0:
            with self.shared((node.index,), begin=begin, step=""):
                self._inside(node, before)
        else:
            with self.writer.scope.loop(node.index) as name:
                self.frame.put(f"for {name} in range({self.extent(node.index)} - 1, -1, -1):")
                with self.frame.block():
                    self._inside(node, before)
        self._end(begun)

    def _inside(self, node: Loop, before: set[Touch]) -> None:
        self.opened = (*self.opened, node.index)
        for inner in node.body:
            self.node(inner)
        self._again(before)
        self.opened = self.opened[:-1]

    def _strip(self, node: Strip) -> None:
        """Write a loop over stretches of an index: inside, the index means one of them."""
        if node.ends:
            raise NotYet("strips that end with another index, within a kernel")
        begun = self._begin(node.index, tuple(under(node)))
        outer = self.places.stretches.get(node.index)
        low, high = outer or ("0", self.writer.integer(node.index.size))
        start, stop = (self.frame.name(f"strip_{end}") for end in ("start", "stop"))
        before = self.hazards.enter()
        self.frame.put(f"for {start} in range({low}, {high}, {node.length}):")
        with self.frame.block():
            self.frame.put(f"{stop} = min({start} + {node.length}, {high})")
            self.places.stretches[node.index] = start, stop
            for inner in node.body:
                self.node(inner)
            self._again(before)
        if outer is None:
            del self.places.stretches[node.index]
        else:
            self.places.stretches[node.index] = outer
        self._end(begun)

    def _once(self, s: Statement) -> None:
        self.order_by(s)
        self.touch(t for t in self.touches(s, ()))
        if s.kind == "map":
            self.store(s, self.writer.real(s.expr, self.facts))
            return
        tests, facts = self.tests(s)
        value = value_of(s, self.writer, facts)
        lines = self._once_lines(s, value)
        if tests:
            lines = [f"if {' and '.join(tests)}:", *[f"    {line}" for line in lines]]
        self.frame.put_all(lines)

    def _once_lines(self, s: Statement, value: str) -> list[str]:
        if s.kind == "add":
            into = self.writer.entry(self.places.access(s.target), self.facts)
            return ["if thread == 0:", *[f"    {line}" for line in term_lines(s, into, value, self.writer)]]
        running = self.running[s.name]
        if not running.axes:
            return term_lines(s, running.name, value, self.writer, running.best)
        if running.best:
            raise NotYet(f"equation ({s.number}): a position at a single place, on CUDA")
        lines = term_lines(s, self.writer.entry(self.running_entry(s), self.facts), value, self.writer)
        return ["if thread == 0:", *[f"    {line}" for line in lines]]
