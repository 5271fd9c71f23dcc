"""Rows that are asked for while exponentials are computed: what the loop reads in its next turn, and writes in this.

A loop that goes over a row several times reads memory in one pass and writes it in another, and memory rests while
the exponentials are computed. Measured with softmax cross-entropy in float32 while other work takes the far cache: rows
of 1000 numbers take a quarter less, of 4000 a fifth. Where that cache holds them, nothing changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive.nodes import Element, elements
from gradproof.kernels.emission.streams import is_sent, sent
from gradproof.kernels.emission.views import row_view
from gradproof.kernels.planner.tree import Row

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter

#: Measured with rows of 50,000 numbers in four arrays: what is fetched so early drives out what is used before it.
FETCHED = "FETCHED = np.uint64(16_384)  # rows with more numbers are not fetched early: a near cache does not hold them"
FETCHED_IMPORTS = (
    "from llvmlite import ir", "from numba import types", "from numba.core import cgutils",
    "from numba.extending import intrinsic",
)  # fmt: skip
_FETCH = '''\
@intrinsic
def {name}(typing, row, place):
    """Have 64 numbers fetched that are {what}; where there are none, nothing happens."""

    def code(context, b, signature, arguments):
        view, word = context.make_array(row)(context, b, arguments[0]), ir.IntType(64)
        kind, half = ir.IntType(8).as_pointer(), ir.IntType(32)
        fetch = ir.FunctionType(ir.VoidType(), [kind, half, half, half])
        fetch = cgutils.get_or_insert_function(b.module, fetch, "llvm.prefetch.p0")
        start = b.gep(view.data, [{start}])
        for number in range(0, 64, 64//real().itemsize):
            address = b.bitcast(b.gep(start, [word(number)]), kind)
            b.call(fetch, [address, half({written}), half(3), half(1)])
        return context.get_dummy_value()

    return types.void(row, types.uint64), code
'''
FETCH_NEXT = _FETCH.format(
    name="fetch_next", what="read soon: those after a row of an array, from that place on",
    start="b.add(arguments[1], b.extract_value(view.shape, 0))", written=0,
)  # fmt: skip
FETCH_OWN = _FETCH.format(
    name="fetch_own", what="written soon: those of the row, from that place on", start="arguments[1]", written=1
)


def fetch_lines(row: Row, region: RegionEmitter, place: str, size: str) -> list[str]:
    """Return the lines that have memory fetched in a pass over a row with exponentials, from a place of it on.

    They are rows of inputs that the pass reads, for the next turn of the loop around it, and rows of results that a
    later pass of this turn writes, unless they are so large that it may send them past the caches. The row has `size`
    numbers.
    """
    loop = region.around
    if loop is None or loop.direction < 0 or not any(node is row for node in loop.body):
        return []
    inputs, plan = region.places.plan.program.inputs, region.places.plan
    read = [e for s in row.statements for e in elements(s.expr) if e.name in inputs]
    lines = [f"fetch_next({name}, {place})" for e in read if (name := _row(e, row, region))]
    after = loop.body[next(k for k, node in enumerate(loop.body) if node is row) + 1 :]
    for later in (node for node in after if isinstance(node, Row)):
        written = [s.target for s in later.statements if is_sent(s, later, plan)]
        fetched = [f"fetch_own({name}, {place})" for e in written if (name := _row(e, row, region))]
        sends = sent(later, region)
        if fetched and sends is not None:
            fetched = [f"if not {sends.large}:", *[f"    {line}" for line in fetched]]
        lines += fetched
    return [f"if {size} <= FETCHED:", *[f"    {line}" for line in dict.fromkeys(lines)]] if lines else []


def _row(e: Element, row: Row, region: RegionEmitter) -> str:
    """Return the name of the row of an array that an element stands in, "" where the next turn's is not after it."""
    if region.around is None or e.indices[-2:] != (region.around.index, row.index):
        return ""
    if region.places.is_scalar(e.name) or any(region.storage[e.name].low):
        return ""
    view = row_view(region.places.access(e), region.span(row.index), region.writer, region.facts)
    return region.frame.bind(view.text, view.wish) if view is not None and view.exact else ""
