"""How long the command line takes to answer, and how long the catalogue's kernels take to their first result.

Run from the root of the repository:

    python -m benchmarks.startup [--runs N]                 the command line, beside libraries that it avoids loading
    python -m benchmarks.startup --catalogue                every kernel, cold and cached; writes results/startup.*
    python -m benchmarks.startup --catalogue --only lstm,gru

Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compiling import Spent, as_json, verdict
from benchmarks.compiling import measure as measure_kernel
from benchmarks.compiling import table as kernel_table

_RESULTS = Path(__file__).parent / "results"

GRADPROOF = ("-m", "gradproof")
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the interpreter alone", ("-c", "pass")),
    ("gradproof --help", (*GRADPROOF, "--help")),
    ("gradproof list", (*GRADPROOF, "list")),
    ("gradproof derive sigmoid", (*GRADPROOF, "derive", "sigmoid")),
    ("gradproof derive softmax_cross_entropy", (*GRADPROOF, "derive", "softmax_cross_entropy")),
    ('gp.kernel("lstm"), made before', ("-c", "import gradproof as gp; gp.kernel('lstm').module")),
    ("import numpy", ("-c", "import numpy")),
    ("import sympy", ("-c", "import sympy")),
    ("import numba", ("-c", "import numba")),
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall-clock milliseconds of a command: the best and the median of the runs."""

    name: str
    best: float
    median: float


def measure(name: str, arguments: tuple[str, ...], runs: int) -> Timing:
    """Return the timing of a Python process, the first run (cold caches) left out."""
    command = [sys.executable, *arguments]
    times = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(1000 * (time.perf_counter() - begun))
    return Timing(name, min(times[1:]), statistics.median(times[1:]))


def table(timings: list[Timing]) -> str:
    """Return the timings as a Markdown table; "our own" is what comes on top of the interpreter."""
    bare = timings[0].best
    rows = [f"| `{t.name}` | {t.best:.0f} | {t.median:.0f} | {t.best - bare:.0f} |" for t in timings]
    return "\n".join(["| command | best, ms | median, ms | our own, ms |", "|---|---:|---:|---:|", *rows])


def main() -> None:
    """Measure every case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--catalogue", action="store_true", help="the kernels of the catalogue")
    parser.add_argument("--only", default="", help="of these entries, a comma list")
    options = parser.parse_args()
    if options.catalogue:
        kernels(options.only)
        return
    runs = options.runs
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {runs} runs each\n")
    print(table([measure(name, arguments, runs) for name, arguments in CASES]))


def kernels(only: str) -> None:
    """Measure kernels one after the other, print the table, and write it where all were measured."""
    from gradproof import catalogue
    from gradproof.bench.machine import machine

    spent: list[Spent] = []
    for name in only.split(",") if only else catalogue.names():
        spent.append(measure_kernel(name))
        print(f"{name}: {spent[-1].cold_cpu_s:.2f} s", file=sys.stderr, flush=True)
    about = machine(1)
    head = ", ".join(f"{k} {v}" for k, v in about.items() if k not in ("threads", "torch", "jax", "jaxlib"))
    text = "\n\n".join(["# The first result of a kernel, in seconds", head, verdict(spent), kernel_table(spent)])
    print(text)
    if not only:
        (_RESULTS / "startup.md").write_text(text + "\n", encoding="utf-8")
        data = {"machine": about, "kernels": as_json(spent)}
        (_RESULTS / "startup.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
