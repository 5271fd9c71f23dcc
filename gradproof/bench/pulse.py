"""How fast the processor is at the moment: arithmetic in registers, which no memory and no cache can slow down.

What a system shares with others (the two threads of a core, or a core that slows down) it does not always tell: no
thread waits, and all work takes up to twice as long, for milliseconds or minutes. This loop shows it.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

#: A slice takes a tenth of a millisecond; the median of so many says how fast the processor is.
_PASSES, _SLICES, _FIRST = 2000, 25, 20
#: Independent numbers: enough to keep every arithmetic unit of a core busy.
_NUMBERS = 128


def _worked(numbers: Any, passes: Any) -> None:
    for _ in range(passes):
        for k in range(numbers.size):
            x = numbers[k]
            for _ in range(16):
                x = x * np.float32(0.999) + np.float32(0.001)
            numbers[k] = x


class Pulse:
    """Measures how many times as long the same arithmetic takes as at best so far, on so many threads at once."""

    def __init__(self, threads: int) -> None:
        self._worked = njit(nogil=True, fastmath={"contract"})(_worked)
        self._numbers = [np.ones(_NUMBERS, np.float32) for _ in range(threads)]
        self._threads = ThreadPoolExecutor(threads)
        self._worked(self._numbers[0], 1)
        self._best = min(self._seconds() for _ in range(_FIRST))

    def __call__(self) -> float:
        """Return it: 1 at best, 2 at half the speed."""
        seconds = self._seconds()
        self._best = min(self._best, seconds)
        return seconds / self._best

    def _seconds(self) -> float:
        """Return the seconds of the slowest thread."""
        return max(self._threads.map(self._one, self._numbers))

    def _one(self, numbers: Any) -> float:
        """Return the median of slices: the first ones are slower, as a core that stood still is at first."""
        times = [time.perf_counter()]
        for _ in range(_SLICES):
            self._worked(numbers, _PASSES)
            times.append(time.perf_counter())
        return statistics.median(later - earlier for earlier, later in pairwise(times))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()
