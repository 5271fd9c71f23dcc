"""The part of a generated module that does not depend on its equations: decorators and checks of arguments."""

from __future__ import annotations

#: Scalar functions end inside the loops that call them, products and sums fused where the processor can: cached there.
SCALAR = 'scalar = njit(error_model="numpy", fastmath={"contract"}, forceinline=True, no_cfunc_wrapper=True)\n'
LOOPS = 'loops = njit(error_model="numpy", cache=True)\n'
DECORATORS = f"real = np.{{dtype}}\n{LOOPS}{SCALAR.replace('{', '{{').replace('}', '}}')}"

#: A kernel that takes functions is compiled anew for those it gets: numba cannot find it again on disk.
UNCACHED = '@njit(error_model="numpy")  # not cached on disk: compiled for the functions that it is given'

_AS_NUMBERS = '''\
def as_numbers(name, value):
    """Return the value as an array, or say why it is none."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and its mask would be ignored: pass {name}.filled(...)")
    if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        return np.from_dlpack(value)
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is no array: its rows differ in length") from None
'''
_AS_ARRAY = '''\
def as_array(name, value, axes):
    """Return the value as a contiguous array of `real`, or say what is wrong with it; `axes` names its axes."""
    rank = axes.count(",") + 1
    if type(value) is np.ndarray and value.dtype == REAL and value.flags.c_contiguous and value.ndim == rank:
        return value
    array = as_numbers(name, value)
    if array.dtype != REAL:
        wanted = real.__name__
        raise TypeError(f"{name} holds {array.dtype}, expected {wanted}: pass np.asarray({name}, {wanted!r})")
    if array.ndim != rank:
        raise ValueError(f"{name} has shape {array.shape}, expected {rank} axes: [{axes}]")
    return np.ascontiguousarray(array)
'''
_AS_SCALAR = '''\
def as_scalar(name, value):
    """Return a number as `real`, or say what is wrong with it."""
    if type(value) is real:
        return value
    array = np.asarray(value)
    if array.ndim != 0 or array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has shape {array.shape} and type {array.dtype}, expected one number")
    return real(array)
'''
_AS_LABELS = '''\
def as_labels(name, value, axes):
    """Return the value as a contiguous array of integers, or say what is wrong with it."""
    array = as_numbers(name, value)
    rank = len(axes.split(",")) if axes else 0
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} holds {array.dtype}, expected integers")
    if array.ndim != rank:
        raise ValueError(f"{name} has shape {array.shape}, expected {rank} axes: [{axes}]")
    if array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {array.max()}, which is no label: it does not fit into 64 bits with a sign")
    return np.ascontiguousarray(array, dtype=np.int64)
'''
_CHECK_LABELS = '''\
def check_labels(name, value, bound):
    """Refuse labels outside 0 .. bound - 1: they stand in indices."""
    if value.size and (value.min() < 0 or value.max() >= bound):
        raise ValueError(f"{name} holds values from {value.min()} to {value.max()}, expected 0 to {bound - 1}")
'''
_CHECK_SHAPE = '''\
def check_shape(name, value, shape, axes):
    """Refuse an array whose shape does not fit the sizes that the other arrays gave."""
    if value.shape != shape:
        raise ValueError(f"{name} has shape {value.shape}, expected {shape}: [{axes}]")
'''
_CHECK_SIZE = '''\
def check_size(name, value, least):
    """Return a size as an integer, or say what is wrong with it."""
    size = int(value)
    if size != value or size < least:
        raise ValueError(f"the size {name} is {value}, expected an integer of at least {least}")
    if size > np.iinfo(np.int64).max:
        raise ValueError(f"the size {name} is {value}, which does not fit into 64 bits")
    return size
'''
_CHECK_READ = '''\
def check_read(read, axis, start, spans, rows, runs):
    """Refuse a read that leaves its array: at `start` plus anything from 0 to each of `spans`; `rows` are there."""
    low, high = start + sum(min(s, 0) for s in spans), start + sum(max(s, 0) for s in spans)
    if all(n > 0 for n in runs) and not rows[0] <= low <= high < rows[1]:
        extent = f"whose rows are {rows[0]} to {rows[1] - 1}" if rows[0] else f"which has the length {rows[1]}"
        raise IndexError(f"{read} at {low if low < rows[0] else high} in axis {axis}, {extent}")
'''
_AS_FUNCTION = '''\
def as_function(name, value):
    """Return a function that numba has compiled, or say what came instead."""
    if not is_jitted(value):
        raise TypeError(f"{name} is {value!r}, expected a function compiled with numba.njit")
    return value
'''

#: Name and source; a module holds those that it calls.
CHECKS = (
    ("as_numbers", _AS_NUMBERS),
    ("as_array", _AS_ARRAY),
    ("as_scalar", _AS_SCALAR),
    ("as_labels", _AS_LABELS),
    ("check_labels", _CHECK_LABELS),
    ("check_shape", _CHECK_SHAPE),
    ("check_size", _CHECK_SIZE),
    ("check_read", _CHECK_READ),
    ("as_function", _AS_FUNCTION),
)
