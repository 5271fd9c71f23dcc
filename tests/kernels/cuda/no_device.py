"""Run as a program, without the simulator: the function around launches with numba-cuda's own arrays, and no device.

Arrays are numba's, at addresses where there is no memory; what would go to the driver is noted instead. So the types of
arguments, reshaped and cut arrays, streams and launch shapes are those that a device would get. Each argument is
`NAME:WHAT:DTYPE`; a line is printed for each, `ok` or what is wrong.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count, product
from types import MethodType, SimpleNamespace
from typing import Any

import numpy as np
from numba.core.sigutils import normalize_signature
from numba.cuda import dispatcher
from numba.cuda.cudadrv import devices, driver

import gradproof as gp
from benchmarks.ptx.compiled import SUPPORT, signatures
from gradproof.kernels import Kernel
from gradproof.loading import load
from tests.kernels.cuda.verdicts import print_verdicts
from tests.kernels.planner.test_plans import _point
from tests.kernels.support import reference

#: What CUDA takes: blocks along the first axis, threads of a block, bytes of arguments before compute capability 7.0
#: and in drivers before CUDA 12.1.
BLOCKS, THREADS, ARGUMENTS = 2**31 - 1, 1024, 4096


class Device:
    """What would be asked of a driver.

    Attributes:
        launches: (kernel, types of its arguments, blocks, threads, stream, bytes of arguments) of each.
        copies: the stream of each copy within the device.
        asked: the bytes of each array that numba would ask the driver for.
    """

    def __init__(self) -> None:
        self.launches: list[tuple[str, tuple[Any, ...], int, int, int, int]] = []
        self.copies: list[int] = []
        self.asked: list[int] = []
        self.addresses = count(1)
        self.device = SimpleNamespace(id=0)
        self.create_external_stream = MethodType(driver.Context.create_external_stream, self)
        self.get_default_stream = MethodType(driver.Context.get_default_stream, self)

    def memalloc(self, size: int) -> Any:
        """Return memory that is nowhere."""
        self.asked.append(size)
        return driver.MemoryPointer(self, driver.binding.CUdeviceptr(next(self.addresses) << 40), size)

    def copy(self, dst: Any, src: Any, size: int, stream: Any = 0) -> None:
        """Note a copy within the device."""
        assert 0 < size <= min(dst.alloc_size, src.alloc_size)
        self.copies.append(int(driver._stream_handle(stream)))

    def launch(self, kernel: Any, args: tuple[Any, ...], launch: Any) -> None:
        """Note a launch."""
        self.ready(kernel, args, launch)

    def ready(self, kernel: Any, args: tuple[Any, ...], launch: Any) -> list[Any]:
        """Note a launch, and return its arguments, which numba-cuda makes ready as for a device."""
        types, ready = tuple(kernel.typeof_pyval(a) for a in args), []
        one = SimpleNamespace(extensions=())
        one._prepare_args = MethodType(dispatcher._Kernel._prepare_args, one)
        for kind, value in zip(types, args, strict=True):
            one._prepare_args(kind, value, launch.stream, [], ready)
        assert launch.griddim[1:] == launch.blockdim[1:] == (1, 1)
        stream = launch.stream if isinstance(launch.stream, int) else int(launch.stream.handle)
        self.launches.append(
            (kernel.py_func.__name__, types, launch.griddim[0], launch.blockdim[0], stream, 8 * len(ready))
        )
        return ready


@contextmanager
def no_device(found: Device | None = None) -> Iterator[Device]:
    """Let numba-cuda work without a driver; gives what it would be asked."""
    found, runtime = found or Device(), devices._runtime
    before = driver._to_core_stream, driver.device_to_device, dispatcher.CUDADispatcher.call
    runtime.get_or_create_context = lambda number: found
    runtime.ensure_context = nullcontext
    driver._to_core_stream = lambda stream: stream
    driver.device_to_device = found.copy
    dispatcher.CUDADispatcher.call = lambda kernel, args, launch: found.launch(kernel, args, launch)  # noqa: PLW0108
    try:
        yield found
    finally:
        driver._to_core_stream, driver.device_to_device, dispatcher.CUDADispatcher.call = before
        del runtime.get_or_create_context, runtime.ensure_context


class Foreign:
    """An array of another library: CuPy's and PyTorch's say no more of theirs where they have no gaps."""

    addresses = count(1)

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)
        data = (next(Foreign.addresses) << 50 if 0 not in self.shape else 0, False)
        self.__cuda_array_interface__ = {
            "shape": self.shape, "strides": None, "typestr": self.dtype.str, "data": data, "version": 2,
        }  # fmt: skip


STREAM = 77


class Cublas:
    """What nvmath's bindings take: whole numbers, one after the other."""

    def create(self) -> int:
        return 17

    def set_stream(self, handle: int, stream: int) -> None:
        assert (handle, stream) == (17, STREAM)

    def __getattr__(self, name: str) -> Any:
        count = {"s": 18, "d": 18}.get(name.removesuffix("gemm_strided_batched_64"), 23)
        assert name.endswith(("gemm_strided_batched_64", "gemm_strided_batched_ex_64"))

        def called(*given: Any) -> None:
            assert len(given) == count, name
            assert all(type(n) is int for n in given), given

        return called


HELD = {"float16": np.float16, "bfloat16": np.uint16}


def check(name: str, what: str, dtype: str) -> str:
    """Return "ok", or what is wrong."""
    d = gp.derive(load(name))
    k = gp.kernel(d, target="cuda", dtype=dtype, what=what)
    expected = _compiled(k, dtype)
    point = _point(d.joint)
    values = {**reference(d.joint, point.named()), **point.named()}
    given = {n: _foreign(values[n], HELD.get(dtype, dtype)) for n in k.unit.parameters}
    with no_device() as device:
        found = k(**given, stream=STREAM, empty=Foreign)
        if device.asked:
            return f"asks numba for {device.asked} bytes, though empty= is given"
        k(**given, stream=STREAM, empty=Foreign, out={n: Foreign(a.shape, a.dtype) for n, a in found.items()})
        k(**given, stream=STREAM)
        if "cublas" in vars(k.module):
            k.module.cublas = Cublas()
            k(**given, stream=STREAM, empty=Foreign)
    for kernel, types, blocks, threads, stream, arguments in device.launches:
        if str(types) not in expected[kernel]:
            return f"{kernel} is launched with {types}, compiled for {expected[kernel]}"
        if stream != STREAM:
            return f"{kernel} is launched on stream {stream}"
        if not (1 <= blocks <= BLOCKS and 1 <= threads <= THREADS and arguments <= ARGUMENTS):
            return f"{kernel} is launched with {blocks} blocks of {threads} threads and {arguments} bytes of arguments"
    missing = {kernel for kernel, *_ in device.launches} ^ set(expected)
    if set(device.copies) - {STREAM}:
        return f"copies are queued on {set(device.copies)}"
    return f"{sorted(missing)} are not launched" if missing - _SOMETIMES else "ok"


def _compiled(k: Kernel, dtype: str) -> dict[str, set[str]]:
    """Return the types of arguments for which each kernel is compiled to PTX; sums of parameters may be in float64."""
    found = {}
    for name, said in signatures(k.unit, k.source, dtype).items():
        texts = _mixes(said) if name == "multiply" else {said}
        texts |= {said.replace("float32", "float64")} if name in SUPPORT else set()
        found[name] = {str(normalize_signature(text)[0]) for text in texts}
    return found


def _mixes(said: str) -> set[str]:
    """Return the types of a product's arguments with each operand in float32 or in half precision."""
    first, *_, target = re.findall(r"\w+\[::1\]", said)
    parts = re.split(r"\w+\[::1\]", said)
    pairs = product((first, target), repeat=2)
    return {parts[0] + a + parts[1] + b + parts[2] + target + parts[3] for a, b in pairs}


#: Kernels for work that may be missing: a product's own where cuBLAS is, runs to merge where there are few terms.
_SOMETIMES = {"multiply", "widen_all", "merge_runs", "fill_all"}


def _foreign(value: Any, dtype: Any) -> Any:
    array = np.asarray(value)
    return Foreign(array.shape, np.int64 if array.dtype.kind in "iu" else dtype) if array.ndim else value


if __name__ == "__main__":
    print_verdicts(check, sys.argv[1:])
