"""A GPU as benchmarks use it: is there one, how long does work take by its own events, how fast does it copy.

`python -m gradproof.bench.device` measures and prints as JSON; `device_limits()` runs that in a process of its own and
keeps the answer for the process.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gradproof.bench.limits import Limits, Streams

#: Bytes that a copy reads and writes together: what fits into a GPU's cache, and what does not.
WORKING_SETS = (16 << 20, 256 << 20, 2 << 30)
_COPIES, _ROUNDS = 20, 7


@dataclass(frozen=True, slots=True)
class Events:
    """How a library sees the device's clock.

    Attributes:
        record: queues an event and returns it.
        seconds: the time between two events, when the device has reached the second.
    """

    record: Callable[[], Any]
    seconds: Callable[[Any, Any], float]

    def timed(self, run: Callable[[], Any]) -> Callable[[int], float]:
        """Return the function that gives the device's seconds for so many calls, one after the other."""

        def measured(count: int) -> float:
            begun = self.record()
            for _ in range(count):
                run()
            return self.seconds(begun, self.record())

        return measured


def lacking() -> str:
    """Return in a sentence what is missing to measure on a GPU; "" where nothing is."""
    if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in {"", "0"}:
        return "NUMBA_ENABLE_CUDASIM is set, and times in numba's simulator say nothing: unset it"
    if importlib.util.find_spec("numba_cuda") is None:
        return "numba-cuda is not installed: pip install 'gradproof[cuda]'"
    try:
        from numba import cuda

        usable = bool(cuda.is_available())
    except Exception as error:  # noqa: BLE001  (the driver fails in many ways)
        return f"numba-cuda cannot be used, `gradproof doctor` tells more: {' '.join(str(error).split())[:200]}"
    return "" if usable else "numba-cuda finds no GPU that it can use, `gradproof doctor` tells more"


def numba_events(cuda: Any) -> Events:
    """Return the events of numba's default stream."""
    return _events(cuda.event, lambda begun, ended: begun.elapsed_time(ended))


def torch_events(torch: Any) -> Events:
    """Return the events of PyTorch's current stream."""
    return _events(lambda: torch.cuda.Event(enable_timing=True), lambda begun, ended: begun.elapsed_time(ended))


def cupy_events(cupy: Any) -> Events:
    """Return the events of CuPy's current stream."""
    return _events(cupy.cuda.Event, cupy.cuda.get_elapsed_time)


def _events(make: Callable[[], Any], milliseconds: Callable[[Any, Any], float]) -> Events:
    def record() -> Any:
        event = make()
        event.record()
        return event

    def seconds(begun: Any, ended: Any) -> float:
        ended.synchronize()
        return float(milliseconds(begun, ended)) / 1e3

    return Events(record, seconds)


def measure(cuda: Any, events: Events, working_sets: tuple[int, ...] = WORKING_SETS) -> dict[str, Any]:
    """Return how fast the device copies, reads and writes both counted, and what it is called."""
    free = cuda.current_context().get_memory_info()[0]
    sets = [n for n in working_sets if n <= free // 2] or [min(working_sets)]
    return {"about": about(cuda), "copy": [[n, _copy(cuda, events, n)] for n in sets]}


def _copy(cuda: Any, events: Events, working_set: int) -> float:
    """Return bytes a second: the median of rounds of copies within the device."""
    import numpy as np

    count = working_set // 8
    source, target = (cuda.to_device(np.zeros(count, np.float32)) for _ in range(2))
    timed = events.timed(lambda: target.copy_to_device(source))
    timed(_COPIES)
    seconds = statistics.median(timed(_COPIES) for _ in range(_ROUNDS))
    return 8 * count * _COPIES / max(seconds, 1e-12)


def about(cuda: Any) -> dict[str, str]:
    """Return the device's name, its compute capability and memory, and the driver's CUDA."""
    device, context = cuda.get_current_device(), cuda.current_context()
    name = device.name.decode() if isinstance(device.name, bytes) else str(device.name)
    capability = ".".join(map(str, device.compute_capability))
    return {
        "device": name,
        "compute capability": capability,
        "device memory": f"{context.get_memory_info()[1] / 2**30:.0f} GiB",
        "CUDA runtime": ".".join(map(str, cuda.runtime.get_version())),
    }


@lru_cache(1)
def told() -> dict[str, Any]:
    """Return what was measured now, in a process of its own."""
    from gradproof.bench.processes import environment

    command = [sys.executable, "-m", "gradproof.bench.device"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(1))  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def device_limits() -> Limits:
    """Return the device's limits: its copy bandwidth, for all that moves; nothing is known of its products."""
    return Limits(1, tuple(Streams(n, rate, rate, rate) for n, rate in told()["copy"]), {})


def main() -> None:
    """Print what was measured."""
    from numba import cuda

    sys.stdout.write(json.dumps(measure(cuda, numba_events(cuda))) + "\n")


if __name__ == "__main__":
    main()
