"""Products of matrices: gradproof's own beside np.dot on one thread, in billions of operations a second.

Run from the root of the repository: `python -m benchmarks.product [--runs N] [--output FILE] [ROWS,COLUMNS,DEPTH ...]`.
np.dot is OpenBLAS twice: as NumPy calls it, and as numba's compiled code calls it, which needs scipy. "packed" is our
product where the second matrix stays the same and was packed before. All work in turns on the same numbers, many calls
at a time; each result is compared with float64's in the same run. Times are the thread's own processor time: medians
of the runs. Ratios are medians of the ratios in each run, to the np.dot that is faster by that.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DTYPES = ("float32", "float64")
#: What is multiplied: rows, columns, depth, which operands are views of a transpose, and where that comes up.
SHAPES: tuple[tuple[int, int, int, str, str], ...] = (
    (128, 512, 784, "", "a layer, forward"),
    (64, 512, 784, "", "half of its rows"),
    (784, 512, 128, "a", "its weights' gradient"),
    (392, 512, 128, "a", "half of its rows"),
    (128, 784, 512, "b", "its inputs' gradient"),
    (128, 10, 512, "", "the last layer"),
    (512, 10, 128, "a", "its weights' gradient"),
    (128, 512, 10, "b", "its inputs' gradient"),
    (256, 256, 64, "b", "scores of an attention head"),
    (256, 64, 256, "", "values of an attention head"),
    (256, 64, 256, "a", "their gradient"),
    (16, 1024, 256, "", "a recurrent step, half a batch"),
    (32, 1024, 256, "", "a recurrent step"),
    (16, 256, 1024, "b", "a recurrent step, backward"),
    (64, 1024, 576, "", "a convolution's patches"),
    (37, 130, 77, "", "primes and edges"),
    (37, 130, 77, "ab", "the same, transposed"),
    (1, 512, 512, "", "one row"),
    (4, 512, 512, "", "four rows"),
    (32, 2048, 2048, "", "few rows, many weights"),
    (512, 2048, 512, "", "a transformer's layer, half a batch"),
    (512, 512, 2048, "b", "its inputs' gradient"),
    (256, 2048, 1024, "a", "its weights' gradient, half of their rows"),
    (512, 64, 256, "a", "the gradient of a head's weights"),
    (1024, 1024, 1024, "", "large"),
)
#: Operations in one measurement: half a millisecond or so of them.
_AMOUNT = 3e7


def ways(dtype: str) -> dict[str, Callable[..., Callable[[int], Any]]]:
    """Return {name: function of (a, b, c) that prepares a function of how often}."""
    import numpy as np
    from numba import njit

    from gradproof.kernels.product import shared_product

    product = shared_product(dtype)
    gemm, gemm_packed = product.gemm, product.gemm_packed
    pack_into, packed_columns = product.pack_into, product.packed_columns
    scratch = np.empty(product.SCRATCH, dtype)

    @njit(nogil=True)
    def own(a, b, c, scratch, times):  # type: ignore[no-untyped-def]
        for _ in range(times):
            gemm(a, b, c, False, scratch)

    @njit(nogil=True)
    def packed(a, b, c, scratch, times):  # type: ignore[no-untyped-def]
        for _ in range(times):
            gemm_packed(a, b, c, False, scratch)

    @njit
    def pack(b):  # type: ignore[no-untyped-def]
        made = np.empty((b.shape[0], packed_columns(b.shape[1])), b.dtype)
        pack_into(b, made)
        return made

    def numpy(a: Any, b: Any, c: Any) -> Callable[[int], Any]:
        return lambda times: [np.dot(a, b, out=c) for _ in range(times)] and None

    found: dict[str, Callable[..., Callable[[int], Any]]] = {
        "ours": lambda a, b, c: lambda times: own(a, b, c, scratch, times),
        "packed": lambda a, b, c: _with(packed, a, pack(b), c, scratch),
        "NumPy": numpy,
    }
    if importlib.util.find_spec("scipy") is not None:

        @njit(nogil=True)
        def dot(a, b, c, times):  # type: ignore[no-untyped-def]
            for _ in range(times):
                np.dot(a, b, c)

        found["numba"] = lambda a, b, c: lambda times: dot(a, b, c, times)
    return found


def _with(function: Callable[..., Any], *arguments: Any) -> Callable[[int], Any]:
    return lambda times: function(*arguments, times)


def seconds(dtype: str, shape: Sequence[Any], runs: int, found: dict[str, Any]) -> dict[str, list[float]]:
    """Return {name: seconds in each of the runs, which take turns}."""
    import numpy as np

    m, n, k, turned, _ = shape
    random = np.random.default_rng(0)
    a, b = random.normal(size=(m, k)).astype(dtype), random.normal(size=(k, n)).astype(dtype)
    a, b = (x.T.copy().T if name in turned else x for name, x in (("a", a), ("b", b)))
    exact, within = a.astype(float) @ b.astype(float), k * np.finfo(dtype).eps * (abs(a) @ abs(b))
    prepared = {}
    for name, way in found.items():
        c = np.full((m, n), np.nan, dtype)
        prepared[name] = way(a, b, c)
        prepared[name](1)
        if not (abs(c - exact) <= 2 * within).all():
            raise AssertionError(f"{name} is wrong for {shape}, {dtype}")
    times = max(1, int(_AMOUNT / (2 * m * n * k)))
    taken: dict[str, list[float]] = {name: [] for name in prepared}
    for _ in range(runs):
        for name, repeat in prepared.items():
            begun = time.thread_time()
            repeat(times)
            taken[name].append((time.thread_time() - begun) / times)
    return taken


def _ratio(taken: dict[str, list[float]], own: str) -> float:
    """Return by how much our speed is that of the faster np.dot."""
    others = [t for name, t in taken.items() if name not in {"ours", "packed"}]
    return min(statistics.median(y / x for x, y in zip(taken[own], t, strict=True)) for t in others)


def table(dtype: str, shapes: Sequence[Sequence[Any]], runs: int) -> str:
    """Return the table of one type, and the ratio of ours to the faster np.dot."""
    found = ways(dtype)
    names = list(found)
    lines = [f"| {dtype}: rows × columns × depth | where | {' | '.join(names)} | ours to np.dot | packed to it |"]
    lines.append(f"|---|---|{'---:|' * (len(names) + 2)}")
    for shape in shapes:
        m, n, k, turned, where = shape
        taken = seconds(dtype, shape, runs, found)
        views = "".join(f", {x}ᵀ" for x in turned)
        numbers = " | ".join(f"{2e-9 * m * n * k / statistics.median(taken[name]):.0f}" for name in names)
        ratios = f"{_ratio(taken, 'ours'):.2f} | {_ratio(taken, 'packed'):.2f}"
        lines.append(f"| {m} × {n} × {k}{views} | {where} | {numbers} | {ratios} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines)


_START = """
import time
import numba.core.registry
numba.core.registry.cpu_target.target_context.refresh()
from gradproof.kernels.product import shared_product
for dtype in ("float32", "float64"):
    begun, worked = time.perf_counter(), time.process_time()
    shared_product(dtype)
    print(time.perf_counter() - begun, time.process_time() - worked)
"""


def starts(runs: int) -> str:
    """Return a sentence on how long the product takes to compile, and to load in a later process."""
    cold: list[tuple[float, ...]] = []
    cached: list[tuple[float, ...]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            for seconds in (cold, cached):
                known = os.environ | {"GRADPROOF_CACHE": folder}
                done = subprocess.run(
                    [sys.executable, "-c", _START], env=known, check=True, capture_output=True, text=True
                )
                seconds += [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
    (clock, worked), (clock2, worked2) = ([statistics.median(x) for x in zip(*s, strict=True)] for s in (cold, cached))
    return (
        f"One type compiles in {clock:.2f} s ({worked:.2f} s of the processor), once a machine; "
        f"later processes load it in {clock2:.3f} s ({worked2:.3f} s of the processor)."
    )


def _busy() -> bool:
    """Does the machine do more than this?"""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.5


def main() -> None:
    """Measure, print the tables, and write them where a file is named."""
    for library in ("OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"):
        os.environ[f"{library}_NUM_THREADS"] = "1"  # read when NumPy is imported, which is below
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*")
    parser.add_argument("--runs", type=int, default=51)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # numba says that np.dot is faster on contiguous arrays
    from gradproof.bench.machine import machine

    own = [(*map(int, text.split(",")), "", "") for text in options.shapes]
    made_with = ", ".join(f"{k} {v}" for k, v in machine(1).items())
    busy = f" Other work ran, too: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores." if _busy() else ""
    parts = [
        "# Products of matrices",
        __doc__.split("\n\n", 1)[1].strip() if __doc__ else "",
        f"{made_with}. Medians of {options.runs}, in GF/s.{busy}",
        *(table(dtype, own or SHAPES, options.runs) for dtype in DTYPES),
        starts(3),
    ]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
