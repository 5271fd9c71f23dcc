"""What this machine can do: how fast memory is copied, read and changed in place, and the peak of a matrix product.

`python -m gradproof.bench.limits THREADS` measures and prints them as JSON; `limits(threads)` runs that in a process
of its own and keeps the answer for the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: Bytes that a stream works on: in the first-level cache, the second-level ones, the last-level one, and memory.
WORKING_SETS = (32 << 10, 256 << 10, 8 << 20, 256 << 20)
_ROUNDS, _SECONDS, _LONG_ENOUGH = 2, 0.15, 2e-3
_PRODUCT = 1536


@dataclass(frozen=True, slots=True)
class Streams:
    """Bytes a second at one working set, reads and writes both counted; the best seen, since they are limits."""

    working_set: int
    copy: float
    read: float
    in_place: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Attributes:
    threads: how many were used.
    streams: by working set, smallest first; each the better of one thread and all.
    product: floating-point operations a second of NumPy's matrix product, by type.
    """

    threads: int
    streams: tuple[Streams, ...]
    product: dict[str, float]

    def at(self, working_set: float) -> Streams:
        """Return the streams of the smallest working set measured that holds this one, else the largest."""
        return next((s for s in self.streams if s.working_set >= working_set), self.streams[-1])


@lru_cache(8)
def limits(threads: int) -> Limits:
    """Return what was measured now, in a process of its own."""
    from gradproof.bench.processes import environment

    command = [sys.executable, "-m", "gradproof.bench.limits", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(threads))  # noqa: S603
    found = json.loads(done.stdout)
    return Limits(found["threads"], tuple(Streams(**s) for s in found["streams"]), found["product"])


def measure(threads: int) -> dict[str, Any]:
    """Return the limits as plain data: the best of some rounds, for a processor that is shared is slow for seconds."""
    rounds = [_round(threads) for _ in range(_ROUNDS)]
    return {
        "threads": threads,
        "streams": [_largest(at) for at in zip(*(r["streams"] for r in rounds), strict=True)],
        "product": _largest([r["product"] for r in rounds]),
    }


def _largest(found: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the largest of each figure.

    >>> _largest([{"copy": 2.0, "read": 1.0}, {"copy": 1.0, "read": 3.0}])
    {'copy': 2.0, 'read': 3.0}
    """
    return {name: max(f[name] for f in found) for name in found[0]}


def _round(threads: int) -> dict[str, Any]:
    return {
        "streams": [_at(n, threads) for n in WORKING_SETS],
        "product": {dtype: _product(dtype) for dtype in ("float32", "float64")},
    }


def _at(working_set: int, threads: int) -> dict[str, float]:
    import numpy as np

    from gradproof.bench.streams import STREAMS

    found: dict[str, float] = {"working_set": working_set}
    for name, arrays in (("copy", 2), ("read", 1), ("in_place", 1)):
        count = working_set // (4 * arrays)
        x, y = np.ones(count, np.float32), np.zeros(count, np.float32)
        alone, together = STREAMS[name]
        calls = (lambda n: alone(x, y, n), lambda n: together(x, y, threads, n))  # noqa: B023  (called at once)
        found[name] = 4 * count * (1 if name == "read" else 2) / min(_seconds(call) for call in calls[:threads])
    return found


def _seconds(run: Callable[[int], Any]) -> float:
    """Return the time of one pass: the best of many calls, with more passes a call until starting costs nothing."""
    run(1)
    passes, best, until = 1, float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < until or best == float("inf"):
        begun = time.perf_counter()
        run(passes)
        seconds = time.perf_counter() - begun
        best = min(best, seconds / passes)
        passes *= 2 if seconds < _LONG_ENOUGH else 1
    return best


def _best(run: Callable[[], Any]) -> float:
    """Return the time of a call, the best of several."""
    best, until, calls = float("inf"), time.perf_counter() + 3 * _SECONDS, 0
    while time.perf_counter() < until or calls < 3:
        begun = time.perf_counter()
        run()
        best, calls = min(best, time.perf_counter() - begun), calls + 1
    return best


def _product(dtype: str) -> float:
    import numpy as np

    a = np.ones((_PRODUCT, _PRODUCT), dtype)
    out = np.empty_like(a)
    return 2.0 * _PRODUCT**3 / _best(lambda: np.dot(a, a, out=out))


def main() -> None:
    """Print the limits."""
    from gradproof.bench.worker import keep_to_cores

    keep_to_cores()
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("NUMBA_NUM_THREADS", sys.argv[1])
    main()
