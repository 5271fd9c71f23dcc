"""The product's text, first part: what the processor offers, and a tile of the result that stays in registers."""

#: The lines that the text needs at the head of its module.
IMPORTS = """\
import numpy as np
from llvmlite import binding, ir
from numba import cfunc, njit, types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.funcdesc import ExternalFunctionDescriptor
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
"""

MACHINE = """\
# Products of matrices: kernels call gemm, or pack and gemm_packed. A `tile` of the result stays in registers while k
# runs over a block; `panels` writes operands in the order in which it reads them; `product` goes through the blocks.
# Each entry is one chain of multiply-adds in the order of k for each block, whatever the shapes: its bits do not depend
# on where rows or columns are split among threads.
KEY
TARGET, _, FEATURES = cpu_target.target_context.codegen().magic_tuple()
FEATURES = FEATURES.split(",")
SIZE = np.dtype(real).itemsize
LANES = (64 if "+avx512f" in FEATURES else 32 if "+avx" in FEATURES else 16)//SIZE  # numbers in a vector
MANY = "+avx512f" in FEATURES or TARGET.startswith(("aarch64", "arm64"))  # 32 vector registers, not 16
TILE_ROWS, TILE_VECTORS = (8, 2) if MANY else (4, 3)
LOW_ROWS, LOW_VECTORS = 2, TILE_ROWS*TILE_VECTORS//2  # the tile for one row or two
TILE_COLUMNS = TILE_VECTORS*LANES
DEPTH, HEIGHT, WIDTH = 512, 8*TILE_ROWS, 8*TILE_COLUMNS  # of a block: k, rows of a, columns of b
LARGE = 1 << 22  # bytes of a matrix that no near cache holds
SCRATCH = DEPTH*(HEIGHT + WIDTH)  # numbers of scratch that a product needs
SQUARE = min(TILE_ROWS, LANES)  # packing moves squares of so many numbers
# Rows of b, and numbers of a row of a, that are asked for before the tile or a copy reads them: where they lie too far
# apart, nothing foresees them.
AHEAD, FAR = 16, 32
NUMBER, INTEGER, FLAG = types.float32 if SIZE == 4 else types.float64, types.int64, types.boolean
POINTER, PLACES = types.CPointer(NUMBER), types.CPointer(INTEGER)
WORD, HALF, BIT = ir.IntType(64), ir.IntType(32), ir.IntType(1)
TOGETHER, ROWS_OF_A, ROWS_OF_B, ROWS_OF_C = range(4)  # the matrix, if any, whose rows lie where a table says
KEPT = {}
REFUSED = {
    1: "the shapes of a product a @ b and of c do not fit",
    2: "the last axis of c, where a product is written, is not contiguous",
    3: "the scratch of a product has not SCRATCH numbers",
    4: "a packed matrix has not the shape [k, packed_columns(n)]",
}
"""

TILE = '''\
def vector(n):
    return ir.VectorType(ir.FloatType() if SIZE == 4 else ir.DoubleType(), n)


def offset(b, pointer, *indices):
    """The address of pointer[i*step + ...] for pairs (i, step)."""
    for i, step in indices:
        pointer = b.gep(pointer, [b.mul(*(x if isinstance(x, ir.Value) else WORD(x) for x in (i, step)))])
    return pointer


def load(b, kind, pointer):
    x = b.load(b.bitcast(pointer, kind.as_pointer()))
    x.align = SIZE
    return x


def store(b, x, pointer):
    b.store(x, b.bitcast(pointer, x.type.as_pointer())).align = SIZE


def shuffle(b, x, y, places):
    return b.shuffle_vector(x, y, ir.VectorType(HALF, len(places))(places))


def spread(b, x, n):
    """A vector with x in all n places."""
    x = b.insert_element(ir.VectorType(x.type, n)(ir.Undefined), x, HALF(0))
    return shuffle(b, x, x, [0]*n)


def below(b, count, n):
    """The mask of the places before count, of n."""
    return b.icmp_signed("<", ir.VectorType(HALF, n)(list(range(n))), spread(b, b.trunc(count, HALF), n))


def call(b, name, kind, result, *arguments):
    """A call of LLVM's own function on vectors of that kind."""
    function = ir.FunctionType(result, [x.type for x in arguments])
    return b.call(cgutils.get_or_insert_function(b.module, function, name.format(f"v{kind.count}f{8*SIZE}")), arguments)


def load_some(b, kind, pointer, mask):
    """The numbers under the mask, 0 elsewhere; nothing else is read."""
    pointer = b.bitcast(pointer, kind.as_pointer())
    return call(b, "llvm.masked.load.{0}.p0{0}", kind, kind, pointer, HALF(SIZE), mask, kind(None))


def store_some(b, x, pointer, mask):
    """Write the numbers under the mask and nothing else."""
    pointer = b.bitcast(pointer, x.type.as_pointer())
    call(b, "llvm.masked.store.{0}.p0{0}", x.type, ir.VoidType(), x, pointer, HALF(SIZE), mask)


def bring(b, pointer):
    """Ask for the line at an address before it is read; where there is none, nothing happens."""
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, HALF, HALF, HALF])
    fetch = cgutils.get_or_insert_function(b.module, kind, "llvm.prefetch.p0")
    b.call(fetch, [b.bitcast(pointer, byte), HALF(0), HALF(3), HALF(1)])


@intrinsic
def shift(typing, pointer, count):
    """pointer + count."""
    return pointer(pointer, INTEGER), lambda context, b, signature, arguments: b.gep(arguments[0], [arguments[1]])


def row_addresses(b, base, step, places, starts, apart):
    """Where rows lie: step apart, or where `starts` says."""
    found = [cgutils.alloca_once_value(b, offset(b, base, (i, step))) for i in places]
    with b.if_then(apart):
        for i, address in zip(places, found):
            b.store(b.gep(base, [b.load(b.gep(starts, [i]))]), address)
    return [b.load(address) for address in found]


def tile_of(height, vectors):
    """The tile of so many rows and vectors."""

    def code(context, b, signature, arguments):
        a, a_row, a_k, right, b_k, b_panel, copy, copied, *others = arguments
        c, c_row, ks, rows, columns, accumulate, starts, whose = others
        kind, tile = vector(LANES), [(i, v) for i in range(height) for v in range(vectors)]
        sums = {at: cgutils.alloca_once_value(b, kind(None)) for at in tile}
        # Rows past the last are the last once more: read, and not stored.
        last = b.sub(rows, WORD(1))
        places = [b.select(b.icmp_signed("<", WORD(i), rows), WORD(i), last) for i in range(height)]
        of_a, of_c = (b.icmp_signed("==", whose, WORD(matrix)) for matrix in (ROWS_OF_A, ROWS_OF_C))
        left = row_addresses(b, a, a_row, places, starts, of_a)
        # Where rows of b do not lie apart, what is read in place of the table is not used: a test would take longer.
        of_b = b.icmp_signed("==", whose, WORD(ROWS_OF_B))
        table, table_step = b.select(of_b, starts, b.bitcast(a, starts.type)), b.select(of_b, WORD(1), WORD(0))
        for address in row_addresses(b, c, c_row, places, starts, of_c):
            for v in range(vectors):
                bring(b, offset(b, address, (v, LANES)))
        with cgutils.for_range(b, ks) as loop:
            start = b.load(b.gep(table, [b.mul(loop.index, table_step)]))
            row = b.gep(right, [b.select(of_b, start, b.mul(loop.index, b_k))])
            panels = [divmod(v, TILE_VECTORS) for v in range(vectors)]
            y = [load(b, kind, offset(b, row, (p, b_panel), (v, LANES))) for p, v in panels]
            with b.if_then(copied):
                for v in range(vectors):
                    store(b, y[v], offset(b, copy, (loop.index, TILE_COLUMNS), (v, LANES)))
                    bring(b, offset(b, row, (AHEAD, b_k), (v, LANES)))
                    bring(b, offset(b, right, (b.add(loop.index, WORD(AHEAD)), b_k), (v, LANES)))
            bring(b, offset(b, left[0], (b.add(loop.index, WORD(FAR)), a_k)))
            x = [spread(b, load(b, kind.element, offset(b, p, (loop.index, a_k))), LANES) for p in left]
            for (i, v), s in sums.items():
                b.store(call(b, "llvm.fmuladd.{0}", kind, kind, x[i], y[v], b.load(s)), s)
        sums = {at: b.load(s) for at, s in sums.items()}
        out = row_addresses(b, c, c_row, places, starts, of_c)
        spots = {(i, v): offset(b, out[i], (v, LANES)) for i, v in tile}
        whole = b.and_(b.icmp_signed(">=", rows, WORD(height)), b.icmp_signed(">=", columns, WORD(vectors*LANES)))
        with b.if_else(whole) as (inside, edge):
            with inside, b.if_else(accumulate) as (added, put):
                with added:
                    for at in tile:
                        store(b, b.fadd(load(b, kind, spots[at]), sums[at]), spots[at])
                with put:
                    for at in tile:
                        store(b, sums[at], spots[at])
            with edge:
                masks = [below(b, b.sub(columns, WORD(v*LANES)), LANES) for v in range(vectors)]
                for i, v in tile:
                    with b.if_then(b.icmp_signed("<", WORD(i), rows)):
                        total = b.fadd(load_some(b, kind, spots[i, v], masks[v]), sums[i, v])
                        store_some(b, b.select(accumulate, total, sums[i, v]), spots[i, v], masks[v])
        return context.get_dummy_value()

    @intrinsic
    def tile(typing, a, a_row, a_k, b, b_k, b_panel, copy, copied, c, c_row, ks, rows, columns, adds, starts, whose):
        """c[i*c_row + j] (+)= sum over k of a[i*a_row + k*a_k]*b[k*b_k + j], for i < rows and j < columns.

        Panel p of b starts at p*b_panel. Where copied, the panel is written to copy on the way. Row i of a, or of c,
        whose rows lie apart, is at starts[i].
        """
        left, right = (POINTER, INTEGER, INTEGER), (POINTER, INTEGER, INTEGER, POINTER, FLAG)
        return types.void(*left, *right, POINTER, *[INTEGER]*4, FLAG, PLACES, INTEGER), code

    return tile


tile, narrow = tile_of(TILE_ROWS, TILE_VECTORS), tile_of(TILE_ROWS, 1)
low = tile_of(LOW_ROWS, LOW_VECTORS)
'''
