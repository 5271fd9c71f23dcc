"""The part of a fast module that does not depend on its equations: how functions are compiled and shared out."""

from __future__ import annotations

from gradproof.kernels.emission.alone import ALONE
from gradproof.kernels.emission.everywhere import EVERYWHERE
from gradproof.kernels.emission.phases import PHASES
from gradproof.kernels.emission.streams import ALL_SENT, BEHIND, SEND, SENT_PLACES

DECORATORS = """\
real = np.{dtype}
options = {{"error_model": "numpy", "nogil": True, "cache": True, "no_cfunc_wrapper": True}}
serial = njit(fastmath={{"contract", "nsz"}}, **options)
sums = njit(fastmath={{"contract", "nsz", "reassoc"}}, **options)
"""
#: For functions that generated functions alone call.
INNER = 'inner = njit(fastmath={"contract", "nsz"}, no_cpython_wrapper=True, **options)'
INNER_SUMS = 'inner_sums = njit(fastmath={"contract", "nsz", "reassoc"}, no_cpython_wrapper=True, **options)'
EMPTY = "empty = np.empty  # makes the arrays of results, and of what one region leaves for the next"
#: Numba cannot find again on disk what it compiled for the functions that it was given.
UNCACHED = 'uncached = njit(error_model="numpy", fastmath={"contract", "nsz"})  # for functions that are arguments'

_PARTS = '''\
def parts_for(n, nanoseconds, threads):
    """Return among how many threads n pieces of work are shared: one where waking others takes as long as the work."""
    if threads is None:
        threads = get_num_threads() if nanoseconds > FORK else 1
    return max(1, min(int(threads), n))
'''
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


get_num_threads()  # makes the threads
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
        return add.reduce(parts, axis=0).astype(kind or real)
'''
_NEGATED = '''\
@serial
def negated(x):
    """Return -x, for the left side of a product."""
    y = np.empty(x.shape, real)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = -x[i, j]
    return y
'''
_CLEAR = '''\
@serial
def clear_outside(row, start, stop):
    """Write zeros before `start` and from `stop` on."""
    for i in range(start):
        row[i] = real(0.0)
    for i in range(stop, row.size):
        row[i] = real(0.0)
'''
_GATHER = '''\
@serial
def gather(total, block):
    """Add a block of rows to the sums so far, and begin the next."""
    for i in range(total.size):
        total[i] += block[i]
        block[i] = real(0.0)
'''
_ZEROS = '''\
@serial
def clear(array):
    """Write zeros over an array without gaps."""
    numbers = array.reshape(-1)
    for i in range(numbers.size):
        numbers[i] = real(0.0)
'''
_STRIP_LENGTH = '''\
@serial
def strip_length(places, beside):
    """Return how many rows have so many places together, at least one."""
    return max(places//max(beside, 1), 1)
'''
_CHECK_OUT = '''\
def check_out(out, names, inputs):
    """Refuse arrays for results that there are not, and arrays that overlap with others or with what comes in."""
    for place, (name, array) in enumerate(out.items()):
        if name not in names:
            raise ValueError(f"out holds {name!r}, expected arrays for {', '.join(names)}")
        for other in list(out)[:place]:
            if np.may_share_memory(array, out[other]):
                raise ValueError(f"out[{name!r}] shares memory with out[{other!r}]: pass an array of its own")
        for other, value in inputs.items():
            if (array is value and name == other) or not np.may_share_memory(array, value):
                continue
            if name != other or array.ctypes.data != value.ctypes.data:
                raise ValueError(f"out[{name!r}] shares memory with the input {other}: pass an array of its own")
'''
_OUTPUT = '''\
def output(out, name, shape):
    """Return the caller's array for a result, or a new one."""
    if out is None or name not in out:
        return empty(shape, real)
    array = out[name]
    if not isinstance(array, np.ndarray) or array.dtype != real or array.shape != shape:
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ValueError(f"out[{name!r}] is {found}, expected an array of {real.__name__} {shape}")
    if not (array.flags.c_contiguous and array.flags.writeable):
        raise ValueError(f"out[{name!r}] is not contiguous or cannot be written")
    return array
'''
_UPDATED = '''\
def updated(out, name, value):
    """Return the array in which a value is updated: the caller's, which may be the value itself, or a copy."""
    array = output(out, name, value.shape)
    if array is not value:
        array[...] = value
    return array
'''
_HANDED = '''\
def handed(out, name, value):
    """Return a result; where the caller has given an array for it, in that."""
    if out is None or name not in out:
        return value
    array = output(out, name, value.shape)
    array[...] = value
    return array
'''
FORK = "FORK = 20_000  # nanoseconds of work below which one thread is faster than several"

#: Name and source; a module holds those that it calls.
SHARING = (
    ("parts_for", _PARTS), ("shared_out", _SHARED_OUT), ("everywhere", EVERYWHERE), ("alone", ALONE), ("join", _JOIN),
    ("negated", _NEGATED), ("clear_outside", _CLEAR), ("gather", _GATHER), ("check_out", _CHECK_OUT),
    *PHASES, ("output", _OUTPUT), ("updated", _UPDATED), ("handed", _HANDED),
    ("clear", _ZEROS), ("strip_length", _STRIP_LENGTH),
    ("send", SEND), ("sent_places", SENT_PLACES), ("behind", BEHIND), ("all_sent", ALL_SENT),
)  # fmt: skip
