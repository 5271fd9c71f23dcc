"""Very many arrays of a function: it gets their addresses in one array, and knows their shapes by the sizes.

Of each array that a compiled function gets by itself, numba takes apart and hands on some nine numbers: in the wrapper
for Python, at the head of the function, and where it calls itself on threads. For 60 arrays that is more than a third
of what LLVM compiles of the largest functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: From so many arrays on. An address costs a call of the function about a microsecond more than the array itself.
MANY = 24

ADDRESSES_OF = '''\
def addresses_of(*arrays):
    """Return where arrays without gaps begin, one after the other in one array."""
    return np.array([a.__array_interface__["data"][0] for a in arrays], np.uint64)
'''
ARRAY_AT_IMPORTS = (
    "from llvmlite import ir",
    "from numba import types",
    "from numba.core import cgutils",
    "from numba.extending import intrinsic",
)
ARRAY_AT = '''\
@intrinsic
def array_at(typing, addresses, place, shape, number):
    """Return the array of that shape and type of numbers, without gaps, whose address stands at that place."""
    kind = types.Array(number.instance_type, len(shape), "C")

    def code(context, b, signature, arguments):
        addresses, place, shape, _ = arguments
        lengths, steps, word = cgutils.unpack_tuple(b, shape), [], ir.IntType(64)
        view = context.get_value_type(kind)(ir.Undefined)
        nothing, number = ir.IntType(8).as_pointer()(None), context.get_data_type(kind.dtype)
        size = step = word(context.get_abi_sizeof(number))
        for n in reversed(lengths):
            steps.insert(0, size)
            size = b.mul(size, n)
        start = b.load(b.gep(b.extract_value(addresses, 4), [place]))
        data = b.inttoptr(start, number.as_pointer())
        for k, value in enumerate((nothing, nothing, b.sdiv(size, step), step, data)):
            view = b.insert_value(view, value, k)
        for axis, (length, step) in enumerate(zip(lengths, steps)):
            view = b.insert_value(b.insert_value(view, length, [5, axis]), step, [6, axis])
        return view

    return kind(addresses, types.int64, shape, number), code
'''


@dataclass(frozen=True, slots=True)
class Shaped:
    """How an array looks: its shape and its type of numbers, as text."""

    shape: str
    number: str


def shape_text(lengths: Iterable[str]) -> str:
    """Return a tuple's text.

    >>> shape_text(["T", "N"]), shape_text(["T"])
    ('(T, N)', '(T,)')
    """
    lengths = tuple(lengths)
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def by_address(arrays: Mapping[str, Shaped]) -> tuple[list[str], list[str]]:
    """Return the line that takes the addresses of arrays, and those with which a function gets its arrays from them."""
    taken = [f"addresses = addresses_of({', '.join(arrays)})"]
    return taken, [
        f"{name} = array_at(addresses, {k}, {array.shape}, {array.number})"
        for k, (name, array) in enumerate(arrays.items())
    ]
