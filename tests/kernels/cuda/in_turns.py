"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: what threads that take turns show of kernels that are wrong.

Each argument is the name of a kernel; a line is printed for each.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numba import cuda

from tests.kernels.cuda.verdicts import print_verdicts

BLOCKS, THREADS = 16, 4


@cuda.jit
def waits(out: Any) -> None:
    """Each thread reads what its neighbour has written, after all have written."""
    room, t = cuda.shared.array(THREADS, np.float64), cuda.threadIdx.x
    room[t] = t
    cuda.syncthreads()
    out[cuda.grid(1)] = room[(t + 1) % THREADS]


@cuda.jit
def reads_too_early(out: Any) -> None:
    """No thread waits for the one after it."""
    room, t = cuda.shared.array(THREADS, np.float64), cuda.threadIdx.x
    room[t] = t
    out[cuda.grid(1)] = room[min(t + 1, THREADS - 1)]


@cuda.jit
def reads_too_early_below(out: Any) -> None:
    """No thread waits for the one before it."""
    room, t = cuda.shared.array(THREADS, np.float64), cuda.threadIdx.x
    room[t] = t
    out[cuda.grid(1)] = room[max(t - 1, 0)]


@cuda.jit
def reads_what_nobody_wrote(out: Any) -> None:
    """Only the first block writes."""
    room = cuda.shared.array(THREADS, np.float64)
    if cuda.blockIdx.x == 0:
        room[cuda.threadIdx.x] = 1
    cuda.syncthreads()
    out[cuda.grid(1)] = room[cuda.threadIdx.x]


@cuda.jit
def leaves(out: Any) -> None:
    """One thread does not wait with the others."""
    if cuda.threadIdx.x == 2:
        return
    cuda.syncthreads()
    out[cuda.grid(1)] = 0


@cuda.jit
def parts(out: Any) -> None:
    """Threads wait at different places."""
    if cuda.threadIdx.x == 2:
        cuda.syncthreads()
    else:
        cuda.syncthreads()
    out[cuda.grid(1)] = 0


@cuda.jit
def reads_past_the_end(out: Any) -> None:
    """One thread raises an error while others wait."""
    if cuda.threadIdx.x == 3:
        out[out.size] = 0
    cuda.syncthreads()


def check(name: str) -> str:
    """Return the error, or in how many of the 64 places there is nan."""
    out = cuda.to_device(np.zeros(BLOCKS * THREADS))
    try:
        globals()[name][BLOCKS, THREADS](out)
    except (RuntimeError, IndexError) as error:
        return f"{type(error).__name__}: {error}"
    return str(np.isnan(out.copy_to_host()).sum())


if __name__ == "__main__":
    print_verdicts(check, sys.argv[1:])
