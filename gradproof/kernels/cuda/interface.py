"""The part of a CUDA module between its functions and their caller: arrays of any library, streams, memory."""

from __future__ import annotations

_DEVICE_VIEW = '''\
def device_view(name, value):
    """Return the value as numba's array on the device, without a copy and without waiting, or say that it is none."""
    if not hasattr(value, "__cuda_array_interface__"):
        kind = type(value).__name__
        raise TypeError(f"{name} is a {kind}, expected an array on the device: cuda.to_device makes one")
    check_device(name, value)
    return cuda.as_cuda_array(value, sync=False).bind(0)


def current_device():
    """Return the number of the device that launches go to."""
    return cuda.current_context().device.id


def extent(array):
    """Return where the array's memory begins and ends."""
    begin = array.__cuda_array_interface__["data"][0]
    return begin, begin + array.nbytes
'''
_SIMULATED_VIEW = '''\
def device_view(name, value):
    """Return the value, an array of the simulator's device, or say that it is none."""
    if not isinstance(value, type(cuda.device_array(0))):
        kind = type(value).__name__
        raise TypeError(f"{name} is a {kind}, expected an array on the device: cuda.to_device makes one")
    check_device(name, value)
    return value


def current_device():
    """Return the number of the device that launches go to."""
    return cuda.gpus.current.id


def extent(array):
    """Return where the array's memory begins and ends."""
    return array.ctypes.data, array.ctypes.data + array.nbytes
'''
CHECK_DEVICE = '''\
def check_device(name, value):
    """Refuse an array that says that it is on another device than the current one."""
    if hasattr(value, "__dlpack_device__"):
        kind, number = value.__dlpack_device__()  # 1 is the host
        if kind != 1 and number != (current := current_device()):
            raise ValueError(f"{name} is on device {number}, not on {current}: call in `with cuda.gpus[{number}]:`")
'''
ON_DEVICE = '''\
def on_device(name, value, axes, kinds=(real,)):
    """Return the value as an array on the device, or say what is wrong with it; `axes` names its axes."""
    array = device_view(name, value)
    rank = axes.count(",") + 1 if axes else 0
    if array.dtype not in kinds:
        raise TypeError(f"{name} holds {array.dtype}, expected {' or '.join(k.__name__ for k in kinds)}")
    if len(array.shape) != rank:
        raise ValueError(f"{name} has shape {array.shape}, expected {rank} axes: [{axes}]")
    if not array.is_c_contiguous():
        raise ValueError(f"{name} is not contiguous, and copies are not made silently: pass a contiguous copy")
    return array
'''
AS_NUMBER = '''\
def as_number(name, value):
    """Return a number of the host as `real`, or say what is wrong with it."""
    if hasattr(value, "__cuda_array_interface__") or np.ndim(value) != 0:
        kind = type(value).__name__
        raise TypeError(f"{name} is a {kind}, expected one number of the host: it goes with each launch")
    return real(value)
'''
AS_LABEL = '''\
def as_label(name, value):
    """Return a label of the host, or say what is wrong with it."""
    if hasattr(value, "__cuda_array_interface__") or np.ndim(value) != 0 or np.asarray(value).dtype.kind not in "iu":
        raise TypeError(f"{name} is {value!r}, expected one integer of the host: it goes with each launch")
    return int(value)
'''
AS_STREAM = '''\
def as_stream(stream):
    """Return numba's stream for another library's or a handle; numba's own and 0 as they are."""
    handle = getattr(stream, "cuda_stream", getattr(stream, "ptr", stream))  # PyTorch's, CuPy's
    if hasattr(handle, "__cuda_stream__") and not hasattr(handle, "__int__"):
        handle = handle.__cuda_stream__()[1]  # cuda.core's: numba's arrays take int() of theirs
    return cuda.external_stream(handle) if isinstance(handle, int) and handle else handle or 0
'''
MAKER = '''\
def maker(empty, stream):
    """Return new(shape, kind), which makes arrays on the device: with the caller's `empty`, or in memory of numba's."""

    def new(shape, kind=real):
        if empty is not None:
            return device_view("what empty() returns", empty(shape, kind))
        try:
            return cuda.device_array(shape, kind, stream=stream)
        except Exception as error:
            if "OUT_OF_MEMORY" not in str(error):
                raise
            size = prod(shape)*np.dtype(kind).itemsize
            what = f"{size} bytes for an array of shape {shape}"
            raise MemoryError(f"the device has no {what}: pass smaller arrays, or free some") from error

    return new
'''
OUTPUT = '''\
def output(out, name, shape, new, kind=real):
    """Return the array that the caller gives for a result, or a new one."""
    if out is None or name not in out:
        return new(shape, kind)
    array = on_device(f"out[{name!r}]", out[name], ", ".join("?"*len(shape)), (kind,))
    if array.shape != shape:
        raise ValueError(f"out[{name!r}] has shape {array.shape}, expected {shape}")
    return array
'''
CHECK_OUT = '''\
def check_out(out, names, /, **inputs):
    """Refuse arrays for results that the kernel does not have, or whose memory something else has too."""
    taken = {name: extent(array) for name, array in inputs.items()}
    for name, value in out.items():
        if name not in names:
            raise ValueError(f"out has {name!r}, expected some of {', '.join(names)}")
        begin, end = extent(device_view(f"out[{name!r}]", value))
        for other, (first, last) in taken.items():
            # a parameter may be updated in its own array
            if begin < last and first < end and (other, first, last) != (name, begin, end):
                raise ValueError(f"out[{name!r}] shares memory with {other}: pass an array of its own")
        taken[f"out[{name!r}]"] = begin, end
'''
WITH_ROWS = '''\
def with_rows(array, low, high, new, stream):
    """Return a copy with rows before the first and after the last, which hold nan until start rows are written."""
    target = new((low + array.shape[0] + high, *array.shape[1:]))
    fill(target, real(np.nan), stream)
    if prod(array.shape):
        target[low:low + array.shape[0]].copy_to_device(array, stream)
    return target
'''
HANDED = '''\
def handed(out, name, value, stream):
    """Return a result; where the caller has given an array for it, copied into that."""
    if out is None or name not in out:
        return value
    return copied(output(out, name, value.shape, None, value.dtype.type), value, stream)
'''
COPIED = '''\
def copied(target, value, stream):
    """Return the target with the values copied into it, which the stream does when it gets there."""
    if prod(value.shape):
        target.copy_to_device(value, stream)
    return target
'''


def device_view(*, simulated: bool) -> str:
    """Return the definition of the function that takes an array of any library."""
    return _SIMULATED_VIEW if simulated else _DEVICE_VIEW
