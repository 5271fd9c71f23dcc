"""Views of arrays, which numba's own slices and shapes take long to compile."""

from __future__ import annotations

from collections.abc import Sequence

CUTS_IMPORTS = ("from llvmlite import ir", "from numba import types", "from numba.extending import intrinsic")
ROOM_IMPORTS = (
    "from llvmlite import ir",
    "from numba import types",
    "from numba.core import cgutils",
    "from numba.extending import intrinsic",
    "from numba.np.arrayobj import populate_array",
    "from numba.np.numpy_support import from_dtype",
)

# A slice `x[t, lo:hi]` becomes 250 lines for LLVM, most of them for bounds below 0, above the length, or out of order,
# a row `x[t]` 60, and a `reshape` some 300. These have none of it: 15 to 20 lines.
_SEEN_AS = '''\
def seen_as(context, b, kind, array, data, lengths, steps):
    """Return an array of that kind on the memory of another."""
    total = b.extract_value(array, 3).type(1)
    for n in lengths:
        total = b.mul(total, n)
    view, owner = context.get_value_type(kind)(ir.Undefined), [b.extract_value(array, k) for k in (0, 1)]
    for k, value in enumerate((*owner, total, b.extract_value(array, 3), data)):
        view = b.insert_value(view, value, k)
    for k, values in ((5, lengths), (6, steps)):
        for axis, value in enumerate(values):
            view = b.insert_value(view, value, [k, axis])
    if context.enable_nrt:
        context.nrt.incref(b, kind, view)
    return view
'''
_CUT = '''\
@intrinsic
def cut(typing, x, *places):
    """Return x[i, first:stop, ...] for places i, (first, stop), ... of its axes, all of them inside x."""
    numbers = [isinstance(place, types.Integer) for place in places]
    whole = x.layout == "C" and numbers == sorted(numbers, reverse=True) and numbers.count(False) < 2
    kind = x.copy(ndim=x.ndim - sum(numbers), layout="C" if whole else "A")

    def code(context, b, signature, arguments):
        array, places = arguments
        start, lengths, steps = b.extract_value(array, 4), [], []
        data = b.bitcast(start, ir.IntType(8).as_pointer())
        for axis in range(x.ndim):
            length, step = b.extract_value(array, [5, axis]), b.extract_value(array, [6, axis])
            if axis < len(numbers):
                first = b.extract_value(places, [axis] if numbers[axis] else [axis, 0])
                data = b.gep(data, [b.mul(first, step)])
                length = None if numbers[axis] else b.sub(b.extract_value(places, [axis, 1]), first)
            if length is not None:
                lengths.append(length)
                steps.append(step)
        return seen_as(context, b, kind, array, b.bitcast(data, start.type), lengths, steps)

    return kind(x, types.StarArgTuple(places)), code
'''
_AS_MATRIX = '''\
@intrinsic
def as_matrix(typing, x, rows, columns):
    """Return an array without gaps as a matrix of so many rows and columns."""
    if x.layout != "C":
        return None  # numba says what it was given
    kind = x.copy(ndim=2)

    def code(context, b, signature, arguments):
        array, rows, columns = arguments
        data, step = b.extract_value(array, 4), b.extract_value(array, 3)
        return seen_as(context, b, kind, array, data, (rows, columns), (b.mul(columns, step), step))

    return kind(x, types.int64, types.int64), code
'''
_AS_ROW = '''\
@intrinsic
def as_row(typing, x):
    """Return an array without gaps as one row."""
    if x.layout != "C":
        return None  # numba says what it was given
    kind = x.copy(ndim=1)

    def code(context, b, signature, arguments):
        (array,) = arguments
        data, count, step = (b.extract_value(array, k) for k in (4, 2, 3))
        return seen_as(context, b, kind, array, data, (count,), (step,))

    return kind(x), code
'''
# What numba makes of `np.empty` and `np.zeros` are four functions for each number of axes, inlined wherever one stands.
_NEW_ROOM = '''\
def new_room(lengths, zeros=False, number=real):
    """Return the signature and the code of what makes an array; numba owns it where it counts references."""
    kind = types.Array(from_dtype(np.dtype(number)), len(lengths), "C")

    def code(context, b, signature, arguments):
        lengths, steps = cgutils.unpack_tuple(b, arguments[0]), []
        word, address = lengths[0].type, ir.IntType(8).as_pointer()
        size = step = word(np.dtype(number).itemsize)
        fits = ir.IntType(1)(True)
        for n in reversed(lengths):
            steps.insert(0, size)
            product = b.smul_with_overflow(size, n)
            size, fits = b.extract_value(product, 0), b.and_(fits, b.not_(b.extract_value(product, 1)))
        most = word(1 << 62)  # no memory is so large, and what is asked for beside it makes no small number of it
        fits = b.and_(fits, b.icmp_unsigned("<", size, most))
        size = b.select(fits, size, most)
        array, owner, memory = context.make_array(kind)(context, b), None, None
        if context.enable_nrt:
            owner = context.nrt.meminfo_alloc_aligned(b, size, 64)
            data = context.nrt.meminfo_data(b, owner)
        else:
            allocate = cgutils.get_or_insert_function(b.module, ir.FunctionType(address, [word]), "NRT_Allocate")
            memory = b.call(allocate, [b.add(size, word(64))])
            cgutils.guard_memory_error(context, b, memory, "Allocation failed (probably too large).")
            data = b.inttoptr(b.and_(b.add(b.ptrtoint(memory, word), word(63)), word(-64)), address)
        data = b.bitcast(data, array.data.type)
        if zeros:
            cgutils.memset(b, data, size, 0)
        populate_array(array, data, lengths, steps, step, owner, memory)
        return array._getvalue()

    return kind(types.StarArgTuple(lengths)), code
'''
_ROOM = '''\
@intrinsic
def room(typing, *lengths):
    """Return an array of `real` of these lengths, up to give_back; anything may stand in it."""
    return new_room(lengths)
'''
_ZEROS = '''\
@intrinsic
def room_of_zeros(typing, *lengths):
    """Return an array of `real` of these lengths, up to give_back, full of zeros."""
    return new_room(lengths, zeros=True)
'''
_POSITIONS = '''\
@intrinsic
def room_of_positions(typing, *lengths):
    """Return an array of integers of 32 bits of these lengths, up to give_back; anything may stand in it."""
    return new_room(lengths, number=np.int32)
'''
_PLACES = '''\
@intrinsic
def room_of_places(typing, *lengths):
    """Return an array of integers of 64 bits of these lengths, up to give_back; anything may stand in it."""
    return new_room(lengths, number=np.int64)
'''
_GIVE_BACK = '''\
@intrinsic
def give_back(typing, *arrays):
    """Free the memory of arrays that room and those like it or pack made, but where numba does."""

    def code(context, b, signature, arguments):
        address = ir.IntType(8).as_pointer()
        free = cgutils.get_or_insert_function(b.module, ir.FunctionType(ir.VoidType(), [address]), "NRT_Free")
        for k in range(len(arrays)):
            b.call(free, [b.extract_value(arguments[0], [k, 1])])
        return context.get_dummy_value()

    return types.void(types.StarArgTuple(arrays)), code
'''
GIVE_BACK_IMPORTS = ROOM_IMPORTS[:4]
#: Name and source.
CUTS = (
    ("seen_as", _SEEN_AS), ("cut", _CUT), ("as_matrix", _AS_MATRIX), ("as_row", _AS_ROW),
    ("new_room", _NEW_ROOM), ("room", _ROOM), ("room_of_zeros", _ZEROS), ("room_of_positions", _POSITIONS),
    ("room_of_places", _PLACES), ("give_back", _GIVE_BACK),
)  # fmt: skip


def cut_text(array: str, cuts: Sequence[str | tuple[str, str]]) -> str:
    """Return the text of a view: a number for an axis, or where a stretch of it begins and ends.

    >>> cut_text("h", ["t", ("lo", "hi")]), cut_text("h", ["t"]), cut_text("h", [])
    ('cut(h, t, (lo, hi))', 'cut(h, t)', 'h')
    """
    if not cuts:
        return array
    places = [c if isinstance(c, str) else f"({c[0]}, {c[1]})" for c in cuts]
    return f"cut({', '.join([array, *places])})"
