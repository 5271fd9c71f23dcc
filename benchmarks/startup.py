"""How long the command line takes to answer, beside the interpreter and the libraries that it avoids loading.

Run from the root of the repository: `python -m benchmarks.startup [--runs N]`. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

GRADPROOF = ("-m", "gradproof")
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the interpreter alone", ("-c", "pass")),
    ("gradproof --help", (*GRADPROOF, "--help")),
    ("gradproof list", (*GRADPROOF, "list")),
    ("gradproof derive sigmoid", (*GRADPROOF, "derive", "sigmoid")),
    ("gradproof derive softmax_cross_entropy", (*GRADPROOF, "derive", "softmax_cross_entropy")),
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {runs} runs each\n")
    print(table([measure(name, arguments, runs) for name, arguments in CASES]))


if __name__ == "__main__":
    main()
