"""Rows of a large table to which threads add where labels say: each place is written once, past the caches.

Zeros over the whole table, and then terms, would write the rows that labels name twice and read them between. So rows
that labels name are found first; zeros are written where none are, and the first term of a row is what stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.emission.inplace import reads
from gradproof.kernels.emission.rows import RowEmitter
from gradproof.kernels.emission.steps import step_size
from gradproof.kernels.emission.streams import Sent
from gradproof.kernels.emission.zeros import zeros_line
from gradproof.kernels.planner.tree import Loop, Node, Plan, Row
from gradproof.kernels.planner.walk import leaves

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter
    from gradproof.kernels.plan import Statement

#: Only the lines at a row's ends are read before they are written, so that rows may be shorter than in SENDING: those
#: of 256 numbers still gain (measured with 50,000 of them, a sixth of them named), those of 64 do not.
_SHORT = "SHORT//4"
CLEAR_BEGUN = '''\
@inner
def clear_begun(rows, begun, block, large):
    """Write zeros over the rows that have begun; past the caches where large, up to a block into those beside them."""
    numbers, width, size = as_row(rows), np.uint64(rows.shape[1]), np.uint64(rows.size)
    head, end = sent_places(large, numbers)
    line = head
    for first, last in ((np.uint64(0), head), (end, size)):
        for i in range(first, last):
            numbers[i] = real(0.0)
    block[:] = real(0.0)
    for row in range(np.uint64(rows.shape[0])):
        if begun[row] != 0:
            first, stop = max(row*width, line), min((row + np.uint64(1))*width, end)
            line = first - (first - head) % BLOCK
            while line < stop:
                send(block, numbers, line)
                line += BLOCK
    all_sent()
'''

#: Ends of rows are fetched so many labels ahead: measured with rows of 512 numbers, the region takes a tenth less.
_AHEAD = 4
FETCH_ENDS = '''\
@intrinsic
def fetch_ends(typing, rows, row):
    """Have the first and the last line of a row fetched, which are not written whole."""

    def code(context, b, signature, arguments):
        table, word = context.make_array(rows)(context, b, arguments[0]), ir.IntType(64)
        kind, half = ir.IntType(8).as_pointer(), ir.IntType(32)
        fetch = ir.FunctionType(ir.VoidType(), [kind, half, half, half])
        fetch = cgutils.get_or_insert_function(b.module, fetch, "llvm.prefetch.p0")
        step, _ = cgutils.unpack_tuple(b, table.strides)
        start = b.add(b.ptrtoint(table.data, word), b.mul(arguments[1], step))
        for place in (start, b.sub(b.add(start, step), word(1))):
            b.call(fetch, [b.inttoptr(place, kind), half(1), half(3), half(1)])
        return context.get_dummy_value()

    return types.void(rows, types.int64), code
'''


@dataclass(frozen=True, slots=True)
class Owned:
    """The rows of one table that a region's threads own.

    Attributes:
        region: whose function is written.
        cleared: the node that writes zeros.
        row: the node that adds a term to a row.
    """

    region: RegionEmitter
    cleared: Loop
    row: Row

    @property
    def begun(self) -> str:
        """The name of the array that says which rows of this thread hold zeros, or a term."""
        return self.region.head("room(hi - lo)", f"{self.sent.arrays[0]}_begun")

    @property
    def sent(self) -> Sent:
        """What is sent past the caches."""
        return Sent(self.region, self.row, (self.region.places.array(self.row.statements[0].name),), _SHORT)

    def clear(self) -> None:
        """Write zeros where no term is added; where the table is small, everywhere."""
        frame, (table,), (block,) = self.region.frame, self.sent.arrays, self.sent.blocks()
        frame.put(f"{self.begun}[:] = real(1.0)")
        frame.put(f"if {self.sent.large}:")
        with frame.block():
            for node in self.region.region.body:
                if node is not self.cleared:
                    self._mark(node)
        frame.put(
            f"clear_begun({table}[lo:hi], {self.begun}, {block}, {self.sent.large})  # ({self._statement.number})"
        )

    def add(self, place: str) -> None:
        """Write what sets the row to its first term, or adds another one to it."""
        frame, begun = self.region.frame, f"{self.begun}[{place} - lo]"
        frame.put(f"if {begun} == 0:")
        with frame.block():
            frame.put(f"{begun} = real(1.0)")
            _First(self.region, replace(self.row, statements=(replace(self._statement, kind="map"),)), self.sent).emit()
        frame.put("else:")
        with frame.block():
            RowEmitter(self.region, self.row).emit()

    def fetch(self) -> None:
        """Write what has rows fetched that are written soon, where the loop around the row is one over their labels."""
        s, loops, frame = self._statement, self.region.opened, self.region.frame
        label = s.target.indices[0]
        if not loops or not isinstance(label, Element) or label.indices[-1] != loops[-1]:
            return
        integer = self.region.writer.integer
        last = f"min({integer(loops[-1] + _AHEAD)}, {integer(loops[-1].size)} - 1)"
        lead = [integer(slot) for slot in label.indices[:-1]]
        soon = frame.bind(f"{self.region.places.array(label.name)}[{', '.join([*lead, last])}]", "soon")
        frame.put(f"if {self.sent.large} and lo <= {soon} < hi:")
        with frame.block():
            frame.put(f"fetch_ends({self.sent.arrays[0]}, {soon})")

    @property
    def _statement(self) -> Statement:
        return self.row.statements[0]

    def _mark(self, node: Node) -> None:
        """Write the loops again, in them what says that a term will be added."""
        frame = self.region.frame
        if isinstance(node, Loop):
            with self.region.scope.loop(node.index) as name:
                frame.put(f"for {name} in range({self.region.writer.integer(node.index.size)}):")
                with frame.block():
                    for inner in node.body:
                        self._mark(inner)
        else:
            place = _place(self.region, self._statement, 0)
            frame.put(f"if lo <= {place} < hi:")
            with frame.block():
                frame.put(f"{self.begun}[{place} - lo] = real(0.0)")


class _First(RowEmitter):
    """Writes the row that sets what others add to."""

    def __init__(self, region: RegionEmitter, row: Row, sends: Sent) -> None:
        super().__init__(region, row)
        self.sends = sends

    def emit(self) -> None:
        """Put the call into the region's function, and the helper into the module."""
        self._write(frozenset(), self.sends)

    def _name(self) -> str:
        return f"{super()._name()}_first"


def add_owned(region: RegionEmitter, row: Row, axis: int) -> None:
    """Write a row of additions, of which a thread does those whose place along the axis is its own."""
    place = _place(region, row.statements[0], axis)
    if region.rows is not None:
        region.rows.fetch()
    region.frame.put(f"if lo <= {place} < hi:")
    with region.frame.block():
        if region.rows is not None:
            region.rows.add(place)
        else:
            RowEmitter(region, row).emit()


def _place(region: RegionEmitter, s: Statement, axis: int) -> str:
    return region.writer.integer(region.places.access(s.target).slots[axis])


def owned_rows(region: RegionEmitter) -> Owned | None:
    """Return the rows of a table, a result that nothing reads, where each term is a whole one of them."""
    clears = [n for n in region.region.body if isinstance(n, Loop) and zeros_line(n, region) is not None]
    rows = [leaf for node in region.region.body if node not in clears for leaf in leaves(node)]
    if region.region.owned != 0 or len(clears) != 1 or len(rows) != 1 or not isinstance(rows[0], Row):
        return None
    found = Owned(region, clears[0], rows[0])
    return found if _is_whole_row(rows[0], region) and _is_result(rows[0], region.places.plan) else None


def _is_whole_row(row: Row, region: RegionEmitter) -> bool:
    """Is one row of a matrix added to, whatever the terms are, and by loops over all of their indices?"""
    (s, *others) = row.statements
    access = region.places.access(s.target)
    if others or s.conditions or s.guards or step_size(row) is not None or len(access.slots) != 2 or access.strips:
        return False
    around = set(_loops(region.region.body)) - {row.index}
    return access.slots[1] == row.index and access.extents[1] == row.index.size and around >= set(s.free) - {row.index}


def _loops(nodes: tuple[Node, ...]) -> Iterator[Index]:
    for node in nodes:
        if isinstance(node, Loop):
            yield node.index
            yield from _loops(node.body)


def _is_result(row: Row, plan: Plan) -> bool:
    """Is what the row adds to one of the caller's arrays, written here alone and read nowhere?"""
    name = row.statements[0].name
    storage, nodes = plan.storage[name], [leaf for r in plan.regions for n in r.body for leaf in leaves(n)]
    if name not in plan.program.outputs or plan.places[name].kind != "array" or any((*storage.low, *storage.high)):
        return False
    return not storage.integer and not storage.wide and not any(name in reads(leaf) for leaf in nodes)
