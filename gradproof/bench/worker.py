"""A process that runs one peer: a message a line comes in, an answer a line goes out.

`python -m gradproof.bench.worker KIND` is started by `gradproof.bench.processes`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from gradproof.bench.processors import used

#: A measurement shorter than this holds several calls: reading the clock takes a fortieth of a microsecond.
_SHORTEST = 2e-4
#: The part of a turn before it counts: threads wake, and caches that others filled are filled anew.
_WARM = 0.25
#: prctl's PR_SET_PDEATHSIG, from <linux/prctl.h>.
_DIES_WITH_PARENT = 1


class Worker:
    """One peer and the case that it holds at the time."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.runner: Any = None

    def load(self, case: dict[str, Any], folder: str, save: str = "") -> dict[str, Any]:
        """Prepare a case, run it once, and write what that gives; say how long it took, or that it is not known.

        The first run is the one whose results are compared: an optimiser's later steps start somewhere else.
        """
        import numpy as np

        from gradproof.bench import peers
        from gradproof.bench.case import Case

        self.drop()
        told = Case(**case)
        kind = np.dtype(told.dtype)
        inputs = {p.stem: _of_type(np.load(p), kind) for p in sorted(Path(folder).glob("*.npy"))}
        begun = time.perf_counter()
        self.runner = peers.runner(self.kind, told, inputs)
        if self.runner is None:
            return {"known": False}
        found = self.runner.run()
        seconds = time.perf_counter() - begun
        for name, array in self.runner.named(found).items() if save else ():
            np.save(Path(save) / f"{name}.npy", array)
        return {"known": True, "first_s": seconds}

    def time(self, seconds: float) -> dict[str, Any]:
        """Return the times of calls, each in seconds, over about so many seconds and at least one call.

        Beside them: wall time, processor time, and what threads waited for a processor, over the calls that count.
        """
        clock = time.perf_counter
        count = max(1, int(_SHORTEST / min(self._calls(1, _WARM * seconds))))
        begun, (cpu, waited) = clock(), used()
        times = self._calls(count, seconds)
        wall, (cpu_after, waited_after) = clock() - begun, used()
        return {"times": times, "wall_s": wall, "cpu_s": cpu_after - cpu, "waited_s": waited_after - waited}

    def _calls(self, count: int, seconds: float) -> list[float]:
        """Return the seconds of a call, measured so many at a time until the time is over."""
        clock, timed = time.perf_counter, self.runner.timed or self._timed
        times: list[float] = []
        begun = clock()
        while not times or clock() - begun < seconds:
            times.append(max(timed(count), 1e-7) / count)
        return times

    def _timed(self, count: int) -> float:
        """Return the seconds of so many calls."""
        run, clock = self.runner.run, time.perf_counter
        before = clock()
        for _ in range(count):
            run()
        return clock() - before

    def drop(self) -> dict[str, Any]:
        """Forget the case and hand its memory back to the system."""
        self.runner = None
        gc.collect()
        gc.freeze()
        _trim()
        return {}


def _of_type(array: Any, kind: Any) -> Any:
    """Return the array in the case's type, unless it holds integers."""
    return array.astype(kind) if array.dtype.kind == "f" and array.dtype != kind else array


def _trim() -> None:
    """Ask the C library to give free memory back; where it has no such function, nothing is done."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def serve(kind: str, answers: TextIO) -> None:
    """Answer messages until the input ends; a failure is an answer too."""
    worker = Worker(kind)
    for line in sys.stdin:
        message = json.loads(line)
        try:
            answer = getattr(worker, message.pop("do"))(**message)
        except Exception as error:  # noqa: BLE001  (told in the table: the row stays)
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def keep_to_cores() -> None:
    """Stay on the cores that the starting process named, where the system has such a thing."""
    cores = os.environ.get("GRADPROOF_BENCH_CORES", "")
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(c) for c in cores.split(",")})


def end_with_parent() -> None:
    """Ask Linux to end this process with the one that started it, which may have stopped it just then."""
    import ctypes
    import signal

    set_option = getattr(ctypes.CDLL(None), "prctl", None) if os.name == "posix" else None
    if set_option is not None:
        set_option(_DIES_WITH_PARENT, signal.SIGKILL)


def main() -> None:
    """Keep the answers apart from what libraries print, keep to the cores that are asked for, and serve."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    keep_to_cores()
    end_with_parent()
    gc.disable()
    serve(sys.argv[1], answers)


if __name__ == "__main__":
    main()
