"""A stand-in for numba's `cuda`: launches do nothing, and arrays of any size take no memory.

With it the function around the launches runs as it stands, and what it asks memory for is counted.
"""

from __future__ import annotations

import re
import weakref
from math import prod
from types import SimpleNamespace
from typing import Any

import numpy as np


class Array(np.ndarray):
    """An array of one number that is shown at every place."""

    __cuda_array_interface__ = property(lambda self: {"data": (id(self) << 40, False), "shape": self.shape})

    def is_c_contiguous(self) -> bool:
        return True

    def bind(self, _: Any) -> Array:
        return self

    def copy_to_device(self, *_: Any, **__: Any) -> None:
        """Copy nothing."""


def array(shape: Any, number: Any) -> Array:
    """Return an array that takes no memory: a number, or 0 of a type, wherever one looks."""
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    number = number if isinstance(number, np.ndarray) else np.zeros((), number)
    return np.broadcast_to(number, shape).view(Array)


class Device:
    """Attributes:
    asked: the bytes of each array that was asked for, in order.
    live, peak: the bytes of those that somebody holds, now and at most.
    launches: how many kernels were launched.
    """

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.live = self.peak = 0
        self.launches = 0

    def empty(self, shape: Any, dtype: Any = np.float64, **_: Any) -> Array:
        """Return a new array, and count it."""
        number = np.zeros((), dtype)
        made = array(shape, number)
        size = prod(made.shape) * number.itemsize
        self.asked.append(size)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(number, self._given_back, size)  # what is shown of it keeps it
        return made

    def _given_back(self, size: int) -> None:
        self.live -= size

    def jit(self, *functions: Any, **_: Any) -> Any:
        """Return what launches nothing."""
        return self if functions else self.jit_device

    def jit_device(self, function: Any) -> Any:
        return function

    def __getitem__(self, _: Any) -> Any:
        def launch(*_: Any) -> None:
            self.launches += 1

        return launch

    def run(self, text: str, name: str, **arguments: Any) -> Any:
        """Run a module's function with arrays of this device."""
        cuda = SimpleNamespace(
            jit=self.jit,
            device_array=self.empty,
            as_cuda_array=lambda value, sync: value,
            current_context=lambda: SimpleNamespace(device=SimpleNamespace(id=0)),
            external_stream=lambda handle: handle,
        )
        space: dict[str, Any] = {"cuda": cuda, "__name__": name}
        exec(compile(re.sub(r"^from numba import cuda$", "", text, flags=re.MULTILINE), name, "exec"), space)  # noqa: S102
        return space[name](**arguments)
