"""Threads that go through a program at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.kernels.cuda.ptx.memory import Space, Watch, Who

#: Threads that shuffle with one another.
WARP = 32


class Lanes:
    """Threads of some blocks of a launch.

    Attributes:
        blocks, threads, grid: how many there are here, of a block, and blocks of the whole launch.
        barriers: how many have been passed.
    """

    def __init__(self, blocks: int, threads: int, grid: int) -> None:
        self.blocks, self.threads, self.grid = blocks, threads, grid
        self.count = blocks * threads
        self.block, self.thread = np.divmod(np.arange(self.count), threads)
        self.first, self.barriers = 0, 0
        self.shared, self.local = Space("shared memory", 0), Space("local memory", 0)
        self.shared_size = self.local_size = 0

    def begin(self, first: int, watch: Watch | None) -> None:
        """Be the blocks from `first` on, of whose shared memory somebody is told."""
        self.first, self.barriers = first, 0
        self.shared = Space("shared memory", self.shared_size * self.blocks, watch=watch)
        self.local = Space("local memory", self.local_size * self.count)

    def who(self, some: Any) -> Who:
        """Return these threads, as memory knows them."""
        block, thread = (x if some is None else x[some] for x in (self.block, self.thread))
        block = block + self.first
        return Who(block * self.threads + thread, block, np.full(len(block), self.barriers))

    def special(self, name: str) -> Any:
        """Return a special register's values, or None."""
        values: dict[str, Callable[[], Any]] = {
            "%tid.x": lambda: self.thread, "%ctaid.x": lambda: self.block + self.first,
            "%ntid.x": lambda: np.full(self.count, self.threads), "%nctaid.x": lambda: np.full(self.count, self.grid),
            "%laneid": lambda: self.thread % WARP,
        }  # fmt: skip
        return values.get(name)
