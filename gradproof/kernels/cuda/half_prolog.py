"""The part of a module for half precision."""

from __future__ import annotations

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
