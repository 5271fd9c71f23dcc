"""Run as a program, without the simulator: what other programs compare, with the PTX that a device would get.

numba-cuda's own arrays and the functions around launches are as on a device; each kernel is compiled to PTX, which a
machine of ours runs (`tests.kernels.cuda.ptx`). It stops where threads race, or read what nobody wrote. Arguments are
a program of this folder, and its cases: `simulated softmax:fused:float32:edge`.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from numba import cuda
from numba.cuda.cudadrv import driver

from benchmarks.ptx.compiled import asked
from tests.kernels.cuda import no_device
from tests.kernels.cuda.ptx.machine import launch
from tests.kernels.cuda.ptx.memory import Fault, Global
from tests.kernels.cuda.ptx.reader import Program, read
from tests.kernels.cuda.verdicts import print_verdicts

CAPABILITY = (8, 0)


class Device(no_device.Device):
    """A device with memory, on which kernels run."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Global()
        self.programs: dict[tuple[Any, ...], Program] = {}

    def memalloc(self, size: int) -> Any:
        """Return memory that nobody wrote."""
        return driver.MemoryPointer(self, driver.binding.CUdeviceptr(self.memory.take(size)), size)

    def copy(self, dst: Any, src: Any, size: int, stream: Any = 0) -> None:
        """Copy within the device."""
        super().copy(dst, src, size, stream)
        self.memory.put(_address(dst), self.memory.get(_address(src), size))

    def put(self, dst: Any, src: Any, size: int, stream: Any = 0) -> None:
        """Copy from the host."""
        self.memory.put(_address(dst), ctypes.string_at(driver.host_pointer(src, readonly=True), size))

    def get(self, dst: Any, src: Any, size: int, stream: Any = 0) -> None:
        """Copy to the host."""
        ctypes.memmove(driver.host_pointer(dst), self.memory.get(_address(src), size), size)

    def launch(self, kernel: Any, args: tuple[Any, ...], config: Any) -> None:
        """Run a kernel."""
        ready = self.ready(kernel, args, config)
        types = self.launches[-1][1]
        key = kernel.py_func, types
        if key not in self.programs:
            with asked(CAPABILITY):
                self.programs[key] = read(cuda.compile_ptx(kernel.py_func, types, cc=CAPABILITY)[0])
        values = [getattr(v, "value", v) for v in ready]
        launch(self.programs[key], self.memory, config.griddim[0], config.blockdim[0], values)


def _address(array: Any) -> int:
    return int(driver.device_pointer(array))


@contextmanager
def emulated(given: Device | None = None) -> Iterator[Any]:
    """Let numba-cuda work on a device that is none."""
    before = driver.host_to_device, driver.device_to_host
    with no_device.no_device(given or Device()) as device:
        assert isinstance(device, Device)
        driver.host_to_device, driver.device_to_host = device.put, device.get
        try:
            yield device
        finally:
            driver.host_to_device, driver.device_to_host = before


def main(program: str, cases: list[str]) -> None:
    """Print a line for each case of a program: `simulated`, `halves` or `extremes`."""
    check = import_module(f"tests.kernels.cuda.{program}").check

    def checked(*parts: str) -> str:
        with emulated():
            try:
                return str(check(*parts))
            except Fault as fault:
                return str(fault)

    print_verdicts(checked, cases)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
