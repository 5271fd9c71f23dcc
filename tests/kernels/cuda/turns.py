"""Threads of a block take turns in numba's simulator: one runs until it waits for the others, then the next does.

The simulator starts a thread of Python for each thread of each block and asks all of them again and again whether they
wait, in a loop that takes the interpreter from them: a hundred times as much work as the kernel's. Here the same few
threads of Python stand for those of one block after the other, and none runs but the one whose turn it is.

- The turns go up or down the threads, by lot: where a thread reads what another writes, and neither waits for the
  other, it comes first in about half of the blocks.
- A barrier that some threads of a block come to and others do not is refused: a device may hang there.
- A block's shared memory holds nothing of use when the block begins.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
from numba.cuda.simulator import kernel, kernelapi

_LOTS = random.Random()
#: A place in a kernel's text.
_Place = tuple[CodeType, int]


class _Aborted(BaseException):
    """Another thread of the block has raised an error."""


class Lane(threading.Thread):
    """A thread of Python that stands for one thread of each block.

    Attributes:
        threadIdx, blockIdx, thread_id: as the simulator reads them.
        barrier: where it waits for the others; None when it has come to its end.
        error: what it raised.
    """

    def __init__(self, place: Sequence[int], number: int) -> None:
        super().__init__(daemon=True)
        self.threadIdx, self.blockIdx, self.thread_id = kernelapi.Dim3(*place), kernelapi.Dim3(0, 0, 0), number
        self.barrier: _Place | None = None
        self.error: Exception | None = None
        self._aborted = False
        self._work: Callable[[], None] = lambda: None
        self._turn, self._back = threading.Lock(), threading.Lock()
        self._turn.acquire()
        self._back.acquire()
        self.start()

    def begin(self, work: Callable[[], None], block: Sequence[int]) -> None:
        """Make it a thread of a block."""
        self._work, self.blockIdx = work, kernelapi.Dim3(*block)
        self.barrier, self.error, self._aborted = None, None, False

    def go(self) -> None:
        """Let it run to its next barrier, or to its end."""
        self._turn.release()
        self._back.acquire()

    def abort(self) -> None:
        """Let it end where it waits."""
        if self.barrier is not None:
            self._aborted = True
            self.go()

    def run(self) -> None:
        """Do the work of one block after the other."""
        while True:
            self._turn.acquire()
            try:
                self._work()
            except _Aborted:
                pass
            except Exception as error:  # noqa: BLE001 - raised again where the kernel was launched
                self.error = error
            self.barrier = None
            self._back.release()

    def syncthreads(self) -> None:
        """Wait for the others; the simulator's `cuda.syncthreads` calls this."""
        self.barrier = _place(sys._getframe(2))
        self._back.release()
        self._turn.acquire()
        if self._aborted:
            raise _Aborted


def _place(frame: Any) -> _Place:
    return frame.f_code, frame.f_lineno


@cache
def _lanes(shape: tuple[int, ...]) -> list[Lane]:
    places = sorted(np.ndindex(*shape), key=lambda place: place[::-1])  # the first axis is the fastest
    return [Lane(place, number) for number, place in enumerate(places)]


class Block:
    """Stands for the simulator's `BlockManager`."""

    def __init__(self, f: Callable[..., None], _grid: Sequence[int], block_dim: Sequence[int], _debug: bool) -> None:
        self._f, self._lanes = f, _lanes(tuple(block_dim))

    def run(self, grid_point: Sequence[int], *args: Any) -> None:
        """Run the threads of one block; raises what one of them raises."""
        kernel._get_kernel_context().shared._allocations.clear()
        for lane in self._lanes:
            lane.begin(lambda: self._f(*args), grid_point)
        while self._to_next_barrier(up=bool(_LOTS.getrandbits(1))):
            pass

    def _to_next_barrier(self, *, up: bool) -> bool:
        """Is there one? All threads run to it, or to their ends."""
        for lane in self._lanes if up else self._lanes[::-1]:
            lane.go()
            if lane.error is not None:
                self._abort()
                raise lane.error
        where = {lane.barrier for lane in self._lanes}
        if len(where) > 1:
            self._abort()
            said = sorted("at the end" if at is None else f"in {at[0].co_name}, line {at[1]}" for at in where)
            raise RuntimeError(f"threads of one block wait for each other {' and '.join(said)}")
        return where != {None}

    def _abort(self) -> None:
        for lane in self._lanes:
            lane.abort()


class Shared(kernelapi.FakeCUDAShared):
    """A line of the text has one array in each block, which holds what some other block may have left there."""

    def array(self, shape: Any, dtype: Any) -> Any:
        """Return the block's array of the line that asks for one."""
        at = _place(sys._getframe(1))
        if at not in self._allocations:
            self._allocations[at] = np.full(shape, -77 if np.dtype(dtype).kind in "iu" else np.nan, dtype)
        return self._allocations[at]


def take_turns(lots: str = "") -> None:
    """Let the simulator run blocks so, in this process; from the same text come the same lots."""
    _LOTS.seed(lots)
    kernel.BlockManager = Block
    kernelapi.FakeCUDAShared = Shared
