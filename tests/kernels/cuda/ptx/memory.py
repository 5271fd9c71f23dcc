"""The memory of a device: what a program may touch, and what it says when it does otherwise.

Addresses are bytes. Arrays stand apart from each other; the windows of a block's shared memory and of a thread's own
lie where no array does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Where arrays begin, and how far they are apart at least.
FIRST, APART = 1 << 32, 256
#: Where generic addresses mean memory of a block, and of a thread.
SHARED, LOCAL = 1 << 56, 1 << 57
#: Nobody, and more than one.
_NOBODY, _SEVERAL = -1, -2
#: States of a byte.
_NOWHERE, _UNWRITTEN, _WRITTEN = 0, 1, 2
#: Threads meet at places of so many bytes.
_PLACE = 2


class Fault(Exception):
    """A program did with memory what it must not."""


@dataclass(frozen=True, slots=True)
class Who:
    """Threads that do something at once, one at each place: their numbers in a launch, their blocks', and how many
    barriers each has passed.
    """

    threads: Any
    blocks: Any
    barriers: Any


class Last:
    """Who was last at each place: a thread or several of a block, since a barrier of it; or several blocks."""

    def __init__(self, size: int) -> None:
        self.block = np.full(size, _NOBODY, np.int32)
        self.thread, self.barrier = self.block.copy(), self.block.copy()

    def meets(self, at: Any, who: Who) -> Any:
        """Return which threads find another at their place: of another block, or with no barrier between."""
        block = self.block[at]
        near = (self.barrier[at] == who.barriers) & (self.thread[at] != who.threads)
        return (block != _NOBODY) & ((block != who.blocks) | near)

    def note(self, at: Any, who: Who) -> None:
        """Note these threads beside who was there."""
        block, thread = self.block[at], self.thread[at]
        since = (block == who.blocks) & (self.barrier[at] == who.barriers) & (thread != who.threads)
        far = (block != _NOBODY) & (block != who.blocks)
        self.block[at], self.barrier[at] = np.where(far, _SEVERAL, who.blocks), who.barriers
        self.thread[at] = mine = np.where(since, _SEVERAL, who.threads)
        self.thread[at[self.thread[at] != mine]] = _SEVERAL  # several of these at one place
        self.block[at[(self.block[at] != who.blocks) & ~far]] = _SEVERAL


#: Told of what threads do: the space, the places, how many bytes at each, the threads, and whether they write.
Watch = Callable[["Space", Any, int, Who, bool], None]


class Space:
    """Bytes from 0 on."""

    def __init__(self, name: str, size: int, state: int = _UNWRITTEN, watch: Watch | None = None) -> None:
        self.name, self.watch = name, watch
        self.data = np.zeros(size + (-size) % 16, np.uint8)
        self.state = np.full(self.data.size, state, np.uint8)
        self.forget()

    def forget(self) -> None:
        """Begin a launch: nobody has been anywhere."""
        size = self.data.size // _PLACE
        self.readers, self.writers = Last(size), Last(size)

    def load(self, at: Any, kind: Any, count: int, who: Who) -> list[Any]:
        """Return `count` numbers that follow each other, for each thread."""
        self._check(at, kind.itemsize * count, "reads")
        if self.watch:
            self.watch(self, at, kind.itemsize * count, who, False)
        if (self.state[at] < _WRITTEN).any() or (self.state[at + kind.itemsize * count - 1] < _WRITTEN).any():
            self._fault(at, self.state[at] < _WRITTEN, "reads, but nobody wrote,")
        for place in self._places(at, kind.itemsize * count):
            self._meet(at, self.writers.meets(place, who), "reads what another thread wrote")
            self.readers.note(place, who)
        numbers = self.data.view(kind)
        return [numbers[at // kind.itemsize + k] for k in range(count)]

    def store(self, at: Any, values: list[Any], who: Who) -> None:
        """Write numbers that follow each other, for each thread."""
        unit = values[0].dtype.itemsize
        self._check(at, unit * len(values), "writes")
        if self.watch:
            self.watch(self, at, unit * len(values), who, True)
        for place in self._places(at, unit * len(values)):
            met = self.writers.meets(place, who) | self.readers.meets(place, who)
            self._meet(at, met, "writes where another thread has been")
            self.writers.note(place, who)
            self._meet(at, self.writers.thread[place] == _SEVERAL, "writes where another thread writes")
        numbers = self.data.view(values[0].dtype)
        for k, value in enumerate(values):
            numbers[at // unit + k] = value
        for k in range(unit * len(values)):
            self.state[at + k] = _WRITTEN

    def _places(self, at: Any, width: int) -> list[Any]:
        """Return the first and the last place of each access; single bytes are not watched."""
        return [at // _PLACE + k for k in sorted({0, width // _PLACE - 1})] if width >= _PLACE else []

    def _check(self, at: Any, width: int, what: str) -> None:
        outside = (at < 0) | (at + width > self.data.size)
        if outside.any():
            self._fault(at, outside, what)
        dead = (self.state[at] == _NOWHERE) | (self.state[at + width - 1] == _NOWHERE)
        if dead.any():
            self._fault(at, dead, what)
        if (at % width).any():
            self._fault(at, at % width != 0, f"{what}, {width} bytes at once, not aligned,")

    def _meet(self, at: Any, met: Any, what: str) -> None:
        if met.any():
            raise Fault(f"a thread {what}, with no barrier between: {self.name} + {int(at[met][0])}")

    def _fault(self, at: Any, wrong: Any, what: str) -> None:
        raise Fault(f"{int(wrong.sum())} threads: one {what} at {self.name} + {int(at[wrong][0])}")


class Global(Space):
    """The memory of arrays: `take` gives an address, `put` and `get` are the host's."""

    def __init__(self) -> None:
        super().__init__("global memory", 1 << 16, _NOWHERE)
        self.top = APART

    def take(self, size: int) -> int:
        """Return the address of so many bytes that nobody wrote."""
        at = self.top
        self.top += size + (-size) % APART + APART
        if self.top > self.data.size:
            more = np.zeros(max(self.top, 2 * self.data.size) - self.data.size, np.uint8)
            self.data, self.state = np.concatenate([self.data, more]), np.concatenate([self.state, more])
            self.forget()
        self.state[at : at + size] = _UNWRITTEN
        return FIRST + at

    def put(self, address: int, data: bytes) -> None:
        """Write bytes, as the host does."""
        here = self._inside(address, len(data))
        self.data[here], self.state[here] = np.frombuffer(data, np.uint8), _WRITTEN

    def get(self, address: int, size: int) -> bytes:
        """Read bytes that somebody wrote, as the host does."""
        here = self._inside(address, size)
        if (self.state[here] != _WRITTEN).any():
            raise Fault(f"the host reads at {address - FIRST}, of {size} bytes, what nobody wrote")
        return self.data[here].tobytes()

    def _inside(self, address: int, size: int) -> slice:
        here = slice(address - FIRST, address - FIRST + size)
        if (self.state[here] == _NOWHERE).any() or len(self.state[here]) < size:
            raise Fault(f"the host is outside of its arrays, at {address - FIRST} with {size} bytes")
        return here
