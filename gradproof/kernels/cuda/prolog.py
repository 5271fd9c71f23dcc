"""The part of a CUDA module that does not depend on its equations."""

from __future__ import annotations

#: Threads of a block, blocks that may have parts or memory of their own; of a product's tile: how many rows and columns
#: a block makes, how many of those a thread, and how many inner places are in shared memory at once.
DEVICE_SIZES = (256, 1024, 64, 4, 16)
#: The simulator runs every thread as a thread of Python.
SIMULATED_SIZES = (4, 3, 4, 2, 2)

CONSTANTS = """\
real = np.{dtype}
device = cuda.jit(device=True)
THREADS = {threads}  # of a block: those that share a row
BLOCKS = {blocks}  # at most, where each has sums or memory of its own; on every device, so that bits repeat
MANY_BLOCKS = 16*BLOCKS  # at most, where all threads share places: with more of these, a thread has several
"""
TILE = """\
TILE, OWN = {tile}, {own}  # rows and columns of a product that a block makes, and a thread: THREADS is (TILE//OWN)**2
DEPTH = {depth}  # inner places that are in shared memory at once
PITCH = TILE + 2  # numbers from one of these to the next, so that threads write to different banks"""

IMPORT_QUIET = "from warnings import filterwarnings"
QUIET = 'filterwarnings("ignore", "Grid size .* low occupancy")  # numba\'s, for each launch of fewer than 128 blocks'

#: Places that a thread reads before it uses them, on a device and in the simulator.
AHEAD_PLACES = (4, 2)
AHEAD = "AHEAD = {ahead}  # places of a row that a thread reads before it uses them: reads wait for memory together"

#: Entries that are put together by neighbouring threads, on a device and in the simulator.
NEIGHBOURING = (32, 2)
NEIGHBOURS = "NEIGHBOURS = {neighbours}  # threads that read neighbours in memory together"

#: Values that a thread holds of the rows that it goes through again, on a device and in the simulator.
HELD_VALUES = (16, 2)
HELD = "HELD = {held}  # values that a thread keeps in registers for the next row"
EACH = "EACH = HELD//2  # of each array, where it keeps those of two"

STRETCH = '''\
@device
def stretch(n):
    """Return where this block's share of n places begins and ends."""
    block, blocks = cuda.blockIdx.x, cuda.gridDim.x
    each, more = n//blocks, n % blocks  # the first `more` blocks have one place more
    lo = block*each + min(block, more)
    return lo, lo + each + (1 if block < more else 0)
'''
BLOCKS_FOR = '''\
def blocks_for(n, each, most=2**31 - 1):
    """Return how many blocks share n places: each has `each` or more, if there are no more than `most` blocks."""
    return max(1, min(most, (n + each - 1)//each))
'''
#: Bytes, on a device and in the simulator, where small arrays shall have stretches of several lengths; and places.
WORKSPACES = ((1 << 30, 16), (400, 1))
_PLACES_AT_ONCE = '''\
WORKSPACE, LEAST = {workspace}, {least}  # bytes that a loop over stretches works in, unless so many places take more


def places_at_once(most, each):
    """Return how many places of a long axis are worked on at once: what is kept for one of them has `each` numbers."""
    return max(1, min(most, max(LEAST, WORKSPACE//max(1, each*np.dtype(real).itemsize))))
'''


def places_at_once(*, simulated: bool) -> str:
    """Return the definition of the function that says how long stretches are."""
    workspace, least = WORKSPACES[simulated]
    return _PLACES_AT_ONCE.format(workspace=workspace, least=least)


def held(text: str, *, simulated: bool) -> str:
    """Return the lines that say how much kernels keep in registers, as far as they mention it."""
    lines = [HELD.format(held=HELD_VALUES[simulated])] if "HELD" in text or "EACH" in text else []
    return "".join(f"\n{line}" for line in (*lines, *([EACH] if "EACH" in text else [])))


# ---------------------------------------------------------------- reductions of a block

_SUM_DEVICE = '''\
@device
def block_{how}(value):
    """Return the {what} of all threads of the block; every thread gets it. Warps by shuffles, then warp after warp."""
    shared = cuda.shared.array(32, {kind})  # a place for each warp
    for apart in (16, 8, 4, 2, 1):
        other = cuda.shfl_down_sync(0xffffffff, value, apart)
        value = {join}
    if cuda.threadIdx.x % 32 == 0:
        shared[cuda.threadIdx.x//32] = value
    cuda.syncthreads()
    value = shared[0]
    for warp in range(1, THREADS//32):
        other = shared[warp]
        value = {join}
    cuda.syncthreads()
    return value
'''
_SUM_SIMULATED = '''\
@device
def block_{how}(value):
    """Return the {what} of all threads of the block; every thread gets it. In the order of the threads."""
    shared = cuda.shared.array(THREADS, {kind})
    shared[cuda.threadIdx.x] = value
    cuda.syncthreads()
    value = shared[0]
    for thread in range(1, THREADS):
        other = shared[thread]
        value = {join}
    cuda.syncthreads()
    return value
'''
_ARG = '''\
@device
def block_arg{how}(at, value):
    """Return the place of the {what} of all threads and the value there: the first of equals, -1 if there is none."""
    places = cuda.shared.array(THREADS, np.int64)
    values = cuda.shared.array(THREADS, real)
    places[cuda.threadIdx.x], values[cuda.threadIdx.x] = at, value
    cuda.syncthreads()
    at, value = places[0], values[0]
    for thread in range(1, THREADS):
        other, found = places[thread], values[thread]
        known, equal = value == value, found == value or (found != found and value != value)
        better = found {sign} value or (found != found and known) or (equal and other < at)
        if other >= 0 and (at < 0 or better):
            at, value = other, found
    cuda.syncthreads()
    return at, value
'''
_JOIN = {"sum": "value + other", "max": "maximum(value, other)", "min": "minimum(value, other)"}
_KINDS = {"sum": "np.float64", "max": "real", "min": "real"}
_WHAT = {"sum": "sum", "max": "largest value", "min": "smallest value"}


def reduction(how: str, *, simulated: bool) -> str:
    """Return the definition of a reduction of a block: sum, max, min, argmax or argmin."""
    if how.startswith("arg"):
        return _ARG.format(how=how[3:], what=_WHAT[how[3:]], sign=">" if how == "argmax" else "<")
    text = _SUM_SIMULATED if simulated else _SUM_DEVICE
    return text.format(how=how, what=_WHAT[how], kind=_KINDS[how], join=_JOIN[how])


_JOIN_PARTS = '''\
@cuda.jit
def join_{how}(parts, target):
    """Put the blocks' parts of each entry together, always in the same order.

    Neighbouring threads have neighbouring entries, which are read together; the others of a block share the parts.
    """
    shared = cuda.shared.array(THREADS, {kind})
    thread = cuda.threadIdx.x
    across = NEIGHBOURS if target.shape[0] >= NEIGHBOURS else 1
    group, groups = thread//across, THREADS//across
    for first in range(cuda.blockIdx.x*across, target.shape[0], cuda.gridDim.x*across):
        k = first + thread % across
        value = {start}
        if k < target.shape[0]:
            for part in range(group, parts.shape[0], groups):
                other = parts[part, k]
                value = {join}
        shared[thread] = value
        cuda.syncthreads()
        half = groups//2
        while half > 0:
            if group < half:
                value, other = shared[thread], shared[thread + half*across]
                shared[thread] = {join}
            cuda.syncthreads()
            half //= 2
        if group == 0 and k < target.shape[0]:
            target[k] = shared[thread]
        cuda.syncthreads()
'''
_STARTS = {"sum": "np.float64(0.0)", "max": "real(-np.inf)", "min": "real(np.inf)"}
JOIN = '''\
def join(kernel, parts, target, stream):
    """Launch the kernel that puts the blocks' parts of a reduction together."""
    size = prod(target.shape)
    if size:
        kernel[blocks_for(size, NEIGHBOURS), THREADS, stream](parts.reshape(parts.shape[0], size), target.reshape(size))
'''
FILL = '''\
@cuda.jit
def fill_all(array, value):
    """Write a value everywhere."""
    lo, hi = stretch(array.shape[0])
    for k in range(lo + cuda.threadIdx.x, hi, THREADS):
        array[k] = value


def fill(array, value, stream):
    """Launch the kernel that writes a value everywhere."""
    size = prod(array.shape)
    if size:
        fill_all[blocks_for(size, THREADS), THREADS, stream](array.reshape(size), value)
'''


def join_parts(how: str) -> str:
    """Return the definition of the kernel that puts parts together."""
    return _JOIN_PARTS.format(how=how, start=_STARTS[how], join=_JOIN[how], kind=_KINDS[how])


PRODUCT = '''\
@cuda.jit
def multiply(sizes, a, a_at, b, b_at, c, c_at, factor, adds):
    """c = factor*a @ b, or added to c, at every place of a batch: a block makes one tile of c, a thread a square of it.

    Tiles of a and b go through shared memory. `sizes` holds the batch (two axes), rows, columns, inner places, and how
    many products are added up. `x_at` holds where an operand begins in its memory, and how far apart its entries are:
    along the batch, then its rows and columns, then from product to product.
    """
    left = cuda.shared.array((DEPTH, PITCH), real)
    right = cuda.shared.array((DEPTH, PITCH), real)
    total = cuda.local.array((OWN, OWN), real)
    for u in range(OWN):
        for v in range(OWN):
            total[u, v] = real(0.0)
    thread, apart = cuda.threadIdx.x, TILE//OWN
    down, across = (sizes[2] + TILE - 1)//TILE, (sizes[3] + TILE - 1)//TILE
    tile, place = cuda.blockIdx.x % (down*across), cuda.blockIdx.x//(down*across)
    p, q = place//sizes[1], place % sizes[1]
    row, column = tile//across*TILE, tile % across*TILE
    at_a = a_at[0] + p*a_at[1] + q*a_at[2] + row*a_at[3]
    at_b = b_at[0] + p*b_at[1] + q*b_at[2] + column*b_at[4]
    for repeat in range(sizes[5]):
        for first in range(0, sizes[4], DEPTH):
            for e in range(thread, DEPTH*TILE, THREADS):
                # neighbouring threads read neighbours in memory, whether that is a matrix or the transpose of one
                i, k = (e % TILE, e//TILE) if a_at[3] == 1 else (e//DEPTH, e % DEPTH)
                inside = row + i < sizes[2] and first + k < sizes[4]
                left[k, i] = a[at_a + i*a_at[3] + (first + k)*a_at[4] + repeat*a_at[5]] if inside else real(0.0)
                j, k = (e % TILE, e//TILE) if b_at[4] == 1 else (e//DEPTH, e % DEPTH)
                inside = column + j < sizes[3] and first + k < sizes[4]
                right[k, j] = b[at_b + j*b_at[4] + (first + k)*b_at[3] + repeat*b_at[5]] if inside else real(0.0)
            cuda.syncthreads()
            for k in range(DEPTH):
                for u in range(OWN):
                    for v in range(OWN):
                        total[u, v] += left[k, thread//apart + u*apart]*right[k, thread % apart + v*apart]
            cuda.syncthreads()
    for u in range(OWN):
        for v in range(OWN):
            i, j = row + thread//apart + u*apart, column + thread % apart + v*apart
            if i < sizes[2] and j < sizes[3]:
                at = c_at[0] + p*c_at[1] + q*c_at[2] + i*c_at[3] + j*c_at[4]
                c[at] = c[at] + real(factor)*total[u, v] if adds else real(factor)*total[u, v]


def product(sizes, a, a_at, b, b_at, c, c_at, factor, adds, stream):
    """Launch a matrix product; see `multiply`."""
    tiles = sizes[0]*sizes[1]*((sizes[2] + TILE - 1)//TILE)*((sizes[3] + TILE - 1)//TILE)
    if tiles >= 2**31:
        raise ValueError(f"a product needs {tiles} blocks, a launch has fewer than 2**31: pass fewer rows at once")
    if tiles:
        a, b, c = a.reshape(prod(a.shape)), b.reshape(prod(b.shape)), c.reshape(prod(c.shape))
        multiply[tiles, THREADS, stream](sizes, a, a_at, b, b_at, c, c_at, factor, adds)
'''
