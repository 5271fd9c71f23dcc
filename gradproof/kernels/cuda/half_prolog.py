"""The part of a module for half precision."""

from __future__ import annotations

from gradproof.kernels.cuda.prolog import PRODUCT

_WIDE = {
    "float16": '''\
@device
def wide(x):
    """Return a number of an array in `real`."""
    return real(x)
''',
    "bfloat16": '''\
@device
def wide(bits):
    """Return a number of an array in `real`: bfloat16 is the upper half of it."""
    return np.uint32(np.uint32(bits) << np.uint32(16)).view(np.float32)
''',
}
_ROUNDED = {
    "float16": '''\
@device
def rounded(x):
    """Return a number as an array holds it: the nearest, of two the even one."""
    return half(real(x))
''',
    "bfloat16": '''\
@device
def rounded(x):
    """Return a number as an array holds it: the nearest, of two the even one; nan stays nan."""
    bits = np.uint32(real(x).view(np.uint32))
    if x != x:
        return np.uint16(bits >> np.uint32(16) | np.uint32(64))
    even = bits >> np.uint32(16) & np.uint32(1)
    return np.uint16((bits + np.uint32(0x7fff) + even) >> np.uint32(16))
''',
}
CONSTANT = {
    "float16": "half = np.float16  # of the arrays that come in and go out",
    "bfloat16": "half = np.uint16  # of the arrays that come in and go out: the bits of bfloat16",
}
WIDENED = '''\
@cuda.jit
def widen_all(array, target):
    """Write every number in `real`."""
    lo, hi = stretch(array.shape[0])
    for k in range(lo + cuda.threadIdx.x, hi, THREADS):
        target[k] = wide(array[k])


def widened(array, new, stream):
    """Return a copy in `real`."""
    target, size = new(array.shape), prod(array.shape)
    if size:
        widen_all[blocks_for(size, THREADS), THREADS, stream](array.reshape(size), target.reshape(size))
    return target
'''
NARROWED = '''\
@cuda.jit
def round_all(array, target):
    """Write every number as the arrays of the caller hold it."""
    lo, hi = stretch(array.shape[0])
    for k in range(lo + cuda.threadIdx.x, hi, THREADS):
        target[k] = rounded(array[k])


def narrowed(out, name, value, new, stream):
    """Return a result that was made in `real`, rounded into the caller's array or a new one."""
    target, size = output(out, name, value.shape, new, half), prod(value.shape)
    if size:
        round_all[blocks_for(size, THREADS), THREADS, stream](value.reshape(size), target.reshape(size))
    return target
'''


#: Functions on single numbers, by their name, for each type.
NUMBERS = {"wide": _WIDE, "rounded": _ROUNDED}


ENTRY = '''\
@device
def entry(x, halved):
    """Return an entry of an operand in `real`, which is half precision or is `real`."""
    return wide(x) if halved else real(x)
'''


def _of_halves(text: str) -> str:
    """Return the text of a product whose operands may be in half precision: widened as they go to shared memory."""
    given = "factor, adds)\n"
    changes = [
        ('factor, adds):\n    """c = ', 'factor, adds, halves):\n    """c = '),
        ("many products are added up.", "many products are added up; `halves`, whether a and b are half precision."),
        ("a, b, c = a.reshape", "halves = a.dtype == half, b.dtype == half\n        a, b, c = a.reshape"),
        (f"c_at, {given}", f"c_at, {given[:-2]}, halves)\n"),
    ]
    for number, (tile, x, i, n, m) in enumerate((("left[k, i]", "a", "i", 3, 4), ("right[k, j]", "b", "j", 4, 3))):
        at = f"at_{x} + {i}*{x}_at[{n}] + (first + k)*{x}_at[{m}] + repeat*{x}_at[5]"
        widened = f"at = {at}\n                {tile} = entry({x}[at], halves[{number}])"
        changes.append((f"{tile} = {x}[{at}]", widened))
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


HALVES_PRODUCT = _of_halves(PRODUCT)
#: How a launch of a product gets an input that is multiplied with what was computed: cuBLAS takes two of one type.
OPERAND = {
    "own": '''\
def operand(array, new, stream):
    """Return what products take of an array that they multiply with `real`: as it is, they widen what they read."""
    return array
''',
    "cublas": '''\
def operand(array, new, stream):
    """Return what products take of an array that they multiply with `real`: a copy in `real`, where cuBLAS is."""
    return array if cublas is None else widened(array, new, stream)
''',
}
