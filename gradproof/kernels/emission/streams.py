"""Results that are larger than the caches: a row of them is made a few lines of memory at a time, past the caches.

An ordinary store reads the line that it writes to, and drives another one out of the caches. A line that is written
whole, by a store that says so, is not read: for an activation the memory moves a third less. Lines have fixed places
in memory and rows begin anywhere, so a few lines are made in a buffer, and copied from there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradproof.derive.nodes import elements, free
from gradproof.kernels.emission.inplace import reads
from gradproof.kernels.emission.work import calls
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Plan, Row
from gradproof.kernels.planner.walk import leaves, products, statements

if TYPE_CHECKING:
    from gradproof.kernels.emission.reductions import Reductions

#: Measured with activations and norms: from 8 MB of results they gain or lose nothing where the next call finds none of
#: them in the caches, and rows of 256 numbers, which have few whole blocks, take up to twice as long.
SENDING = """\
LARGE, SHORT = 48_000_000//real().itemsize, 1000  # past the caches go more results than these, in rows no shorter
LINE = 64//real().itemsize  # numbers in a line of memory
BLOCK = np.uint64(4*LINE)  # without a sign: numba looks for places that have one from the end, too"""
SEND_IMPORTS = ("from llvmlite import ir", "from numba import types", "from numba.extending import intrinsic")
SEND = '''\
@intrinsic
def send_line(typing, block, i, row, place):
    """row[place:place + LINE] = block[i:i + LINE], past the caches; row[place] begins a line of memory."""

    def code(context, b, signature, arguments):
        start, end = (context.make_array(signature.args[k])(context, b, arguments[k]).data for k in (0, 2))
        line = ir.VectorType(start.type.pointee, LINE).as_pointer()
        numbers = b.load(b.bitcast(b.gep(start, [arguments[1]]), line), align=64//LINE)
        stored = b.store(numbers, b.bitcast(b.gep(end, [arguments[3]]), line), align=64)
        stored.set_metadata("nontemporal", b.module.add_metadata([ir.IntType(32)(1)]))
        return context.get_dummy_value()

    return types.void(block, types.uint64, row, types.uint64), code


@scalar
def send(block, row, line):
    """row[line:line + BLOCK] = block, past the caches."""
    for k in range(np.uint64(0), BLOCK, np.uint64(LINE)):
        send_line(block, k, row, line + k)
'''
SENT_PLACES = '''\
@scalar
def sent_places(large, *rows):
    """The places of rows between which they have whole blocks of lines: none if not large, or where lines differ."""
    before, size, width = behind(rows[0]), rows[0].size, 64//LINE
    for row in rows:
        large = large and behind(row) == before
    first = -before % 64//width
    if not large or before % width or first > size:
        return np.uint64(0), np.uint64(0)
    return np.uint64(first), np.uint64(size - (size - first) % np.int64(BLOCK))
'''
BEHIND = '''\
@intrinsic
def behind(typing, row):
    """How many bytes stand before a row in its first line of memory."""

    def code(context, b, signature, arguments):
        data = context.make_array(row)(context, b, arguments[0]).data
        return b.and_(b.ptrtoint(data, ir.IntType(64)), ir.IntType(64)(63))

    return types.int64(row), code
'''
ALL_SENT = '''\
@intrinsic
def all_sent(typing):
    """Wait until what was sent past the caches can be read by other threads."""

    def code(context, b, signature, arguments):
        if context.codegen().magic_tuple()[0].startswith(("x86_64", "i386", "i686")):
            kind = ir.FunctionType(ir.VoidType(), ())
            b.call(b.module.declare_intrinsic("llvm.x86.sse.sfence", (), kind), ())
        else:
            b.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), code
'''


@dataclass(frozen=True, slots=True)
class Sent:
    """The results of one row that are sent past the caches where they are large.

    Attributes:
        region: whose function is written.
        row: what writes them.
        arrays: names of the results' arrays.
        short: the text of how many numbers the row must have.
    """

    region: Reductions
    row: Row
    arrays: tuple[str, ...]
    short: str = "SHORT"

    @property
    def large(self) -> str:
        """The local name that says whether the results are large."""
        many = f"{' + '.join(f'{a}.size' for a in self.arrays)} > LARGE"
        size = self.region.writer.integer(self.row.index.size)
        return self.region.head(f"{many} and {size} >= {self.short}", "large")

    def blocks(self) -> tuple[str, ...]:
        """Return the names of the results' buffers."""
        self.region.sends = True
        return tuple(self.region.head("room(BLOCK)", f"{a}_block", a) for a in self.arrays)


def sent(row: Row, region: Reductions) -> Sent | None:
    """Return which results of the row may be sent; None where there are none, or where that gains nothing.

    Blocks begin where lines do, so a sum along the row would depend on where its results stand in memory. A row of
    several functions takes longer than its memory.
    """
    found = [s for s in row.statements if is_sent(s, row, region.places.plan)]
    arrays = tuple(region.places.array(s.name) for s in found)
    along = any(s.kind not in ("map", "sum") or row.index in s.reduced for s in row.statements)
    if not arrays or along or region.planes is not None or sum(calls(s.expr) for s in row.statements) > 1:
        return None
    return Sent(region, row, arrays)


def is_sent(s: Statement, row: Row, plan: Plan) -> bool:
    """Is it a result that the row writes place by place, and that nothing reads again?"""
    storage, place = plan.storage[s.name], plan.places[s.name]
    if s.kind != "map" or s.name not in plan.program.outputs or s.name in dict(plan.program.updated):
        return False
    if place.kind != "array" or place.strips or len(place.axes) != len(storage.shape):
        return False
    if any((*storage.low, *storage.high)) or storage.integer or storage.wide:
        return False
    if s.target.indices[-1] != row.index or storage.shape[-1] != row.index.size:
        return False
    if any(row.index in free(i) for i in s.target.indices[:-1]):
        return False
    nodes = [leaf for region in plan.regions for node in region.body for leaf in leaves(node)]
    writers = [o for leaf in nodes for o in (*statements(leaf), *(d.statement for d in products(leaf)))]
    own = {e for o in row.statements for part in (o.expr, *o.conditions, *o.guards) for e in elements(part)}
    if any(s.name in reads(leaf) for leaf in nodes if leaf is not row):
        return False
    return [o.name for o in writers].count(s.name) == 1 and {e for e in own if e.name == s.name} <= {s.target}


def in_blocks(
    lines: Sequence[str], counter: str, blocks: Mapping[str, str], *, size: str, large: str, taken: Collection[str]
) -> list[str]:
    """Return the loop of a row: in blocks of a few lines of memory, which are sent, and over what stands beside them.

    Args:
        lines: what is done at each place.
        counter: the loop's variable.
        blocks: for each row of results the name of its buffer.
        size: how many places there are.
        large: the name that says whether blocks are sent.
        taken: names that are not free.
    """
    line, k, head, end, first, last = (free_name(w, taken) for w in ("line", "k", "head", "end", "first", "last"))
    text = "\n".join(lines)
    block = text
    for row, name in blocks.items():
        block = re.sub(rf"\b{row}\[{counter}\]", f"{name}[{k}]", block)
    return [
        f'alone("{" ".join(blocks.values())}")',
        f"{head}, {end} = sent_places({large}, {', '.join(blocks)})",
        f"for {line} in range({head}, {end}, BLOCK):",
        f"    for {k} in range(BLOCK):",
        f"        {counter} = {line} + {k}",
        *[f"        {t}" for t in block.splitlines()],
        *[f"    send({name}, {row}, {line})" for row, name in blocks.items()],
        f"for {first}, {last} in ((np.uint64(0), {head}), ({end}, np.uint64({size}))):",
        f"    for {counter} in range({first}, {last}):",
        *[f"        {t}" for t in text.splitlines()],
    ]


def are_places(lines: Sequence[str], counter: str) -> bool:
    """Do the lines use the counter as a place in rows alone? As a number it would need a sign."""
    return not any(re.search(rf"(?<!\[)\b{counter}\b|\b{counter}\b(?!\])", line.split("  # ")[0]) for line in lines)


def free_name(wish: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the one wished for, or that with underscores."""
    return wish if wish not in taken else free_name(f"{wish}_", taken)
