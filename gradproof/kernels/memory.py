"""Memory of large arrays, used again once nobody holds them: fresh pages cost more time than most kernels."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

#: Smaller arrays are NumPy's own: the C library keeps their memory by itself.
_LEAST = 1 << 20
#: So many numbers of any type are a small array.
_FEW = _LEAST // 16
#: Bytes that may wait for their next use, all together.
_MOST = 1 << 29
#: A block is not handed out for less than this share of it.
_FILLED = 0.75
#: A block that has waited while so many others were asked for goes back to the system.
_PATIENCE = 32


class _Block:
    """Memory that waits: `age` counts what was asked for since."""

    __slots__ = ("age", "bytes")

    def __init__(self, memory: np.ndarray[Any, Any]) -> None:
        self.bytes, self.age = memory, 0


class _Lease:
    """Memory in use, as the base of an array: when the last array on it is gone, it waits for its next use."""

    __slots__ = ("__array_interface__", "memory")

    def __init__(self, memory: np.ndarray[Any, Any], shape: tuple[int, ...], kind: np.dtype[Any]) -> None:
        self.memory = memory
        place = memory.__array_interface__["data"]
        self.__array_interface__ = {"shape": shape, "typestr": kind.str, "data": place, "version": 3}

    def __del__(self) -> None:
        if _waiting is not None:  # None where the interpreter ends
            _keep(self.memory)


_waiting: list[_Block] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_waiting.clear)


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
    """Return an array without values, as np.empty does; a large one stands in memory that an earlier one has left."""
    count = math.prod(shape)
    if count < _FEW:
        return np.empty(shape, dtype)
    kind = np.dtype(dtype)
    size = count * kind.itemsize
    if size < _LEAST:
        return np.empty(shape, kind)
    return np.asarray(_Lease(_taken(size), shape, kind))


def release() -> None:
    """Give all memory that waits for its next use back to the system."""
    _waiting.clear()


def _taken(size: int) -> np.ndarray[Any, Any]:
    """Return the smallest block that waits and is not much too large, or a new one."""
    waiting = tuple(_waiting)
    for block in waiting:
        block.age += 1
        if block.age > _PATIENCE:
            _removed(block)
    fitting = [b for b in waiting if b.bytes.size * _FILLED <= size <= b.bytes.size]
    for block in sorted(fitting, key=lambda b: b.bytes.size):
        if _removed(block):
            return block.bytes
    return np.empty(size, np.uint8)


def _keep(memory: np.ndarray[Any, Any]) -> None:
    """Let a block wait; where too much waits, the oldest go."""
    _waiting.append(_Block(memory))
    while sum(b.bytes.size for b in tuple(_waiting)) > _MOST:
        _waiting.pop(0)


def _removed(block: _Block) -> bool:
    """Take a block out of those that wait; false where another thread has taken it."""
    try:
        _waiting.remove(block)
    except ValueError:
        return False
    return True
