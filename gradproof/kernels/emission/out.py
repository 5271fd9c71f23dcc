"""The part of a module that takes arrays for its results from the caller, or makes them."""

from __future__ import annotations

_CHECK_OUT = '''\
def check_out(out, names, inputs):
    """Refuse arrays for results that there are not, and arrays that overlap with others or with what comes in."""
    for name in out:
        if name not in names:
            raise ValueError(f"out holds {name!r}, expected arrays for {', '.join(names)}")
    others = [value for name, value in inputs.items() if value is not out.get(name)]
    if not all_own([*out.values(), *others]):
        check_apart(out, inputs)
'''
_ALL_OWN = '''\
def all_own(arrays):
    """Does each have an array's memory, its own or one that it views, to itself? Then no two of them overlap."""
    try:
        owners = [a if a.base is None else a.base for a in arrays]
        return len({*map(id, owners)}) == len(owners) and all([o.flags.owndata for o in owners])
    except AttributeError:  # no array of NumPy's
        return False
'''
_CHECK_APART = '''\
def check_apart(out, inputs):
    """Refuse arrays for results that share memory; what is updated may be given as it is."""
    inputs = {name: as_numbers(name, value) for name, value in inputs.items()}
    for place, (name, array) in enumerate(out.items()):
        for other in list(out)[:place]:
            if overlap(array, out[other]):
                raise ValueError(f"out[{name!r}] shares memory with out[{other!r}]: pass an array of its own")
        for other, value in inputs.items():
            if overlap(array, value) and (name != other or not same_places(array, value)):
                raise ValueError(f"out[{name!r}] shares memory with the input {other}: pass an array of its own")
'''
_OVERLAP = '''\
def overlap(a, b):
    """Do two arrays share a number? True also where it would take long to find out."""
    return np.may_share_memory(a, b, max_work=10_000)
'''
_SAME_PLACES = '''\
def same_places(a, b):
    """Is each number of one array where that of the other is?"""
    return a is b or (a.ctypes.data, a.shape, a.strides) == (b.ctypes.data, b.shape, b.strides)
'''
_OUTPUT = '''\
def output(out, name, shape):
    """Return the caller's array for a result, or a new one where there is none or it has gaps."""
    if out is None or name not in out:
        return empty(shape, real)
    array = out[name]
    if type(array) is np.ndarray and array.dtype == REAL and array.shape == shape and array.flags.carray:
        return array
    check_output(name, array, shape)
    return empty(shape, real)
'''
_CHECK_OUTPUT = '''\
def check_output(name, array, shape):
    """Refuse what a result cannot be written to."""
    if not isinstance(array, np.ndarray) or array.dtype != REAL or array.shape != shape:
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ValueError(f"out[{name!r}] is {found}, expected an array of {real.__name__} {shape}")
    if not array.flags.writeable:
        raise ValueError(f"out[{name!r}] cannot be written: pass an array that can")
    taken = array.itemsize  # bytes from the first number to the end of the last, along the axes so far
    for step, n in sorted((abs(step), n) for step, n in zip(array.strides, shape) if n > 1):
        if step < taken:
            raise ValueError(f"out[{name!r}] may hold several numbers in one place: pass an array of its own")
        taken += step*(n - 1)
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
def handed(out, results):
    """Return the results; those for which the caller has given arrays, in these."""
    for name, array in out.items():
        if array is not results[name]:
            check_output(name, array, results[name].shape)
            array[...] = results[name]
            results[name] = array
    return results
'''

#: Name and source.
OUT = (
    ("check_out", _CHECK_OUT), ("all_own", _ALL_OWN), ("check_apart", _CHECK_APART), ("overlap", _OVERLAP),
    ("same_places", _SAME_PLACES), ("output", _OUTPUT), ("check_output", _CHECK_OUTPUT), ("updated", _UPDATED),
    ("handed", _HANDED),
)  # fmt: skip
