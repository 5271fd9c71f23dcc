"""The part of a fast module that does not depend on its equations: how functions are compiled and shared out."""

from __future__ import annotations

from gradproof.kernels.emission.addresses import ADDRESSES_OF, ARRAY_AT
from gradproof.kernels.emission.alone import ALONE
from gradproof.kernels.emission.cuts import CUTS
from gradproof.kernels.emission.everywhere import EVERYWHERE
from gradproof.kernels.emission.fetching import FETCH_NEXT, FETCH_OWN
from gradproof.kernels.emission.out import OUT
from gradproof.kernels.emission.owned import CLEAR_BEGUN, FETCH_ENDS
from gradproof.kernels.emission.phases import PHASES
from gradproof.kernels.emission.streams import ALL_SENT, BEHIND, SEND, SENT_PLACES

DECORATORS = """\
real = np.{dtype}
REAL = np.dtype(real)
options = {{"error_model": "numpy", "nogil": True, "cache": True, "no_cfunc_wrapper": True, "_nrt": False}}
serial = njit(fastmath={{"contract", "nsz"}}, **options)
sums = njit(fastmath={{"contract", "nsz", "reassoc"}}, **options)
"""
#: For functions that make arrays with numpy: numba counts references for them, which is a fifth of what it compiles.
COUNTED = 'counted = njit(fastmath={"contract", "nsz"}, **{**options, "_nrt": True})'
COUNTED_SUMS = 'counted_sums = njit(fastmath={"contract", "nsz", "reassoc"}, **{**options, "_nrt": True})'
#: For functions that generated functions alone call.
INNER = 'inner = njit(fastmath={"contract", "nsz"}, no_cpython_wrapper=True, **options)'
INNER_SUMS = 'inner_sums = njit(fastmath={"contract", "nsz", "reassoc"}, no_cpython_wrapper=True, **options)'
EMPTY = "empty = np.empty  # makes the arrays of results, and of what one region leaves for the next"
#: Numba cannot find again on disk what it compiled for the functions that it was given.
UNCACHED = 'uncached = njit(error_model="numpy", fastmath={"contract", "nsz"})  # for functions that are arguments'

_PARTS = '''\
def parts_for(n, nanoseconds, threads, sums=0):
    """Return among how many threads n pieces of work are shared, of which so many sums are put together at the end."""
    if threads is None:
        if nanoseconds < FORK*(1 + sums):
            return 1
        threads = threads_given()
    return max(1, min(int(threads), n))
'''
#: What the text below needs at the head of its module.
THREADS_IMPORTS = ("from ctypes import PYFUNCTYPE, c_int", "from llvmlite.binding import address_of_symbol")
_THREADS = """\
get_num_threads()  # makes the threads
threads_given = PYFUNCTYPE(c_int)(address_of_symbol("get_num_threads"))  # the same number, in a tenth of the time
"""
_SHARED_OUT = '''\
def shared_out(rows, parts, *arguments):
    """Run `rows` for all its parts: on threads, or in turn where another call has these."""
    if parts == 1:
        rows(*arguments, 0, 1)
    elif FORKED or not IN_USE.acquire(blocking=False):
        rows(*arguments, IN_TURN, parts)
    else:
        try:
            rows(*arguments, AT_ONCE, parts)
        finally:
            IN_USE.release()


AT_ONCE, IN_TURN = -1, -2  # all parts, on threads or one after the other
IN_USE = Lock()  # not all of numba's threading layers can be used by two callers at once
FORKED = []  # holds something in a forked process, which has none of its parent's threads
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: FORKED.append(True))
'''
_JOIN = '''\
def join(parts, add=np.add, kind=None):
    """Return the threads' parts together, in the order of the threads, rounded once."""
    with np.errstate(all="ignore"):
        return (parts[0] if len(parts) == 1 else add.reduce(parts, axis=0)).astype(kind or real)
'''
_JOIN_PRODUCTS = '''\
def join_products(parts, target):
    """Write the threads' parts of a sum of products together, in the order of the threads."""
    with np.errstate(all="ignore"):
        np.add.reduce(parts, axis=0, out=target)
'''
_NEGATED = '''\
@counted
def negated(x):
    """Return -x, for the left side of a product."""
    y = np.empty(x.shape, real)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = -x[i, j]
    return y
'''
_CLEAR = '''\
@inner
def clear_outside(row, start, stop):
    """Write zeros before `start` and from `stop` on."""
    for i in range(start):
        row[i] = real(0.0)
    for i in range(stop, row.size):
        row[i] = real(0.0)
'''
_ONE_COPY = '''\
@intrinsic
def one_copy(typing):
    """Let callers call this function and hold no copies of it: it runs seldom, and each takes time to compile."""

    def code(context, b, signature, arguments):
        b.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), code
'''
ONE_COPY_IMPORTS = ("from numba import types", "from numba.extending import intrinsic")
_GATHER = '''\
@inner
def gather(total, block):
    """Add a block of rows to the sums so far, and begin the next."""
    one_copy()
    for i in range(total.size):
        total[i] += block[i]
        block[i] = real(0.0)
'''
_ZEROS = '''\
@inner
def clear(array):
    """Write zeros over an array without gaps."""
    numbers = as_row(array)
    for i in range(numbers.size):
        numbers[i] = real(0.0)
'''
_UNKNOWN = '''\
def unknown(shape):
    """Return an array of nan: a row that no equation gives stays so."""
    array = empty(shape, real)
    array.fill(np.nan)
    return array
'''
_STRIP_LENGTH = '''\
@serial
def strip_length(places, beside):
    """Return how many rows have so many places together, at least one."""
    return max(places//max(beside, 1), 1)
'''
#: Measured with activations in calls that follow one another: a second thread costs as much as it gains at 7,700 in
#: float32 and 3,900 in float64, which takes twice as long. Two parts of a norm's gradients to add up make that 25,000.
FORK = {
    "float32": "FORK = 12_000  # nanoseconds of work below which one thread is faster than several",
    "float64": "FORK = 6_000  # nanoseconds of float32's work below which one thread is faster than several",
}

#: Name and source; a module holds those that it calls.
SHARING = (
    ("parts_for", _PARTS), ("threads_given", _THREADS), ("shared_out", _SHARED_OUT), ("everywhere", EVERYWHERE),
    ("addresses_of", ADDRESSES_OF), ("array_at", ARRAY_AT),
    *CUTS, ("alone", ALONE), ("join", _JOIN), ("join_products", _JOIN_PRODUCTS),
    ("negated", _NEGATED), ("clear_outside", _CLEAR), ("one_copy", _ONE_COPY),
    ("gather", _GATHER), *PHASES, *OUT, ("clear", _ZEROS), ("strip_length", _STRIP_LENGTH),
    ("clear_begun", CLEAR_BEGUN), ("fetch_ends", FETCH_ENDS), ("fetch_next", FETCH_NEXT), ("fetch_own", FETCH_OWN),
    ("unknown", _UNKNOWN),
    ("send", SEND), ("sent_places", SENT_PLACES), ("behind", BEHIND), ("all_sent", ALL_SENT),
)  # fmt: skip
