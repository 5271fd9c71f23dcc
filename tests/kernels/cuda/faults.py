"""Run as a program, without the simulator: kernels that a device would run somehow, and the machine refuses.

A line is printed for each: `NAME ok`, or that nothing was found, or something else than there is to find.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from tests.kernels.cuda.emulated import emulated
from tests.kernels.cuda.ptx.memory import Fault
from tests.kernels.cuda.verdicts import print_verdicts

THREADS = 64


@cuda.jit
def reversed_with_barrier(x, out):  # type: ignore[no-untyped-def]
    """What is right: the other cases differ from it in one point."""
    shared = cuda.shared.array(THREADS, np.float32)
    k = cuda.threadIdx.x
    shared[k] = x[k]
    cuda.syncthreads()
    out[k] = shared[THREADS - 1 - k]


@cuda.jit
def reversed_without(x, out):  # type: ignore[no-untyped-def]
    shared = cuda.shared.array(THREADS, np.float32)
    k = cuda.threadIdx.x
    shared[k] = x[k]
    out[k] = shared[THREADS - 1 - k]


@cuda.jit
def written_again_too_early(x, out):  # type: ignore[no-untyped-def]
    shared = cuda.shared.array(THREADS, np.float32)
    k = cuda.threadIdx.x
    shared[k] = x[k]
    cuda.syncthreads()
    found = shared[THREADS - 1 - k]
    shared[k] = found
    out[k] = found


@cuda.jit
def past_the_end(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    out[k] = x[k + 1]


@cuda.jit
def past_the_end_of_the_result(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    out[k + 1] = x[k]


@cuda.jit
def what_nobody_wrote(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    out[k] = out[k] + x[k]


@cuda.jit
def one_place_for_all(x, out):  # type: ignore[no-untyped-def]
    out[0] = x[cuda.threadIdx.x]


@cuda.jit
def blocks_at_one_place(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    out[k] = x[k] + cuda.blockIdx.x


@cuda.jit
def barrier_for_some(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    if x[k] > 0:
        cuda.syncthreads()
        out[k] = x[k]
    else:
        cuda.syncthreads()
        out[k] = -x[k]


@cuda.jit
def shuffle_of_some(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    value = x[k]
    if k % 3:
        value = cuda.shfl_down_sync(0xFFFFFFFF, value, 1)
    out[k] = value


@cuda.jit
def without_end(x, out):  # type: ignore[no-untyped-def]
    k = cuda.threadIdx.x
    value = x[k]
    while value < 10:
        value = value * np.float32(0.5)
    out[k] = value


_CASES: dict[str, tuple[Callable[..., Any], int, str]] = {
    "reversed_with_barrier": (reversed_with_barrier, 1, ""),
    "reversed_without": (reversed_without, 1, "what another thread wrote, with no barrier"),
    "written_again_too_early": (written_again_too_early, 1, "writes where another thread has been"),
    "past_the_end": (past_the_end, 1, "1 threads: one reads at global memory"),
    "past_the_end_of_the_result": (past_the_end_of_the_result, 1, "1 threads: one writes at global memory"),
    "what_nobody_wrote": (what_nobody_wrote, 1, "64 threads: one reads, but nobody wrote"),
    "one_place_for_all": (one_place_for_all, 1, "writes where another thread writes"),
    "blocks_at_one_place": (blocks_at_one_place, 2, "writes where another thread"),
    "barrier_for_some": (barrier_for_some, 1, "wait at different barriers"),
    "shuffle_of_some": (shuffle_of_some, 1, "a shuffle without all threads of a warp"),
    "without_end": (without_end, 1, "did not end"),
}
NAMES = tuple(_CASES)


def check(name: str) -> str:
    """Return "ok", or what was found in place of what there is to find."""
    kernel, blocks, expected = _CASES[name]
    x = np.linspace(-3, 3, THREADS, dtype=np.float32)
    with emulated():
        given, out = cuda.to_device(x), cuda.device_array(THREADS, np.float32)
        try:
            kernel[blocks, THREADS](given, out)
        except Fault as fault:
            return "ok" if expected and expected in str(fault) else str(fault)
        if expected:
            return "nothing was found"
        return "ok" if (out.copy_to_host() == x[::-1]).all() else "a wrong result"


if __name__ == "__main__":
    print_verdicts(check, sys.argv[1:] or NAMES)
