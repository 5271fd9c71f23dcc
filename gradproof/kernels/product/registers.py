"""The product's text: what the processor offers, and code for it."""

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
# Products of matrices: kernels call gemm, or pack and gemm_packed. A tile of the result stays in registers while k runs
# over a block; `strip` is tiles one below the other; `panels` writes operands in the order in which tiles read them;
# `product` goes through the blocks.
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
GAP = 64//SIZE  # between panels of a: a power of 2 from each other, they would take each other's places in the cache
SCRATCH = DEPTH*(HEIGHT + WIDTH) + HEIGHT//TILE_ROWS*GAP  # numbers of scratch that a product needs
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
}
"""

CODE = '''\
def vector(n):
    return ir.VectorType(ir.FloatType() if SIZE == 4 else ir.DoubleType(), n)


def times(b, x, y):
    """x*y, either of them a number of Python's."""
    if isinstance(x, int) and isinstance(y, int):
        return WORD(x*y)
    return b.mul(*(WORD(z) if isinstance(z, int) else z for z in (x, y)))


def offset(b, pointer, *indices):
    """The address of pointer[i*step + ...] for pairs (i, step)."""
    for i, step in indices:
        pointer = b.gep(pointer, [times(b, i, step)])
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


def least(b, x, y):
    """The less of two integers."""
    return b.select(b.icmp_signed("<", x, y), x, y)


def repeat(b, count, body, values=()):
    """The values after values = body(k, values) for all k < count."""
    start, test, inside, after = b.block, *(b.append_basic_block() for _ in range(3))
    b.branch(test)
    b.position_at_end(test)
    k, *now = phis = [b.phi(x.type) for x in (count, *values)]
    b.cbranch(b.icmp_signed("<", k, count), inside, after)
    b.position_at_end(inside)
    later = b.add(k, WORD(1)), *(body(k, now) or ())
    for phi, first, then in zip(phis, (WORD(0), *values), later):
        phi.add_incoming(first, start)
        phi.add_incoming(then, b.block)
    b.branch(test)
    b.position_at_end(after)
    return now


def either(b, condition, one, other):
    """The values of one() where the condition holds, of other() where it does not."""
    found = []
    with b.if_else(condition) as ways:
        for way, values in zip(ways, (one, other)):
            with way:
                found.append((values(), b.block))
    (x, first), (y, second) = found
    phis = [b.phi(v.type) for v in x]
    for phi, u, v in zip(phis, x, y):
        phi.add_incoming(u, first)
        phi.add_incoming(v, second)
    return phis


def own(b, name, code, arguments):
    """Call a function of LLVM's in the same module: it stands there once, apart from what calls it."""
    function = b.module.globals.get(name)
    if function is None:
        function = ir.Function(b.module, ir.FunctionType(ir.VoidType(), [x.type for x in arguments]), name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        function.attributes.add("optsize")  # loops unrolled as they are written
        inside = ir.IRBuilder(function.append_basic_block())
        code(inside, *function.args)
        inside.ret_void()
    b.call(function, arguments)
'''
