"""What a process had of the processors: time on them, and time that its threads were ready and had none."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")


def used() -> tuple[float, float]:
    """Return the seconds of processor time of all threads so far, and those that they waited for a processor.

    Waiting is what Linux counts in `schedstat`: ready to run, and somebody else had the core. Elsewhere it is 0.
    """
    waited = 0
    for task in _TASKS.iterdir() if _TASKS.exists() else ():
        with suppress(OSError, IndexError, ValueError):  # a thread that ended meanwhile
            waited += int((task / "schedstat").read_text(encoding="ascii").split()[1])
    return time.process_time(), waited * 1e-9
