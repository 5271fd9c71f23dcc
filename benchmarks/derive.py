"""How long derivations take: the catalogue, networks of growing depth, and beside them SymPy's own diff and JAX.

Run from the root of the repository: `python -m benchmarks.derive [--runs N] [NAME ...]`. Prints Markdown tables, for
the catalogue entries named (all of them, where none is). Every time is that of the first derivation in a process of
its own, forked after the imports and the derivative of one product: nothing that was computed before helps. SymPy and
JAX differentiate fixed small sizes, gradproof all sizes at once. Ratios are of medians from this one run. JAX is left
out, with a sentence, where it is not installed.

Two times are given: of the clock, and of the processor for the process alone. A derivation is one thread, so on a
machine that does nothing else the two are the same; the clock's time grows with what else runs. What is promised, and
the ratios, are judged by the processor's.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.others import CASES, unrolled
from gradproof.catalogue import names, read

DEPTHS = (6, 12, 24, 48)
#: Seconds that are promised: for an entry, for one that is a whole block of layers, for the deepest network.
PROMISED, PROMISED_BLOCK, PROMISED_DEEP = 0.3, 1.5, 2.0
BLOCKS = ("encoder_block", "decoder_block")
_DERIVE = """
import json, os, sys, time
import gradproof as gp
gp.derive(gp.system("given z, phi\\na = z*phi"))
for text in json.load(sys.stdin):
    if os.fork() == 0:
        system = gp.system(text)
        begun, worked = time.perf_counter(), time.process_time()
        gp.derive(system)
        print(time.perf_counter() - begun, time.process_time() - worked, flush=True)
        os._exit(0)
    os.wait()
"""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Medians of the times of one thing: of the clock, and of the processor."""

    clock: float
    processor: float


def seconds(program: Sequence[str], text: str, runs: int) -> list[Seconds]:
    """Return the medians, line by line, of what the program prints, run so often, the text at its input."""
    found: list[list[tuple[float, float]]] = []
    for _ in range(runs):
        done = subprocess.run([sys.executable, *program], input=text, capture_output=True, text=True, check=True)
        found.append([(float(a), float(b)) for a, b in map(str.split, done.stdout.splitlines())])
    lines = [zip(*line, strict=True) for line in zip(*found, strict=True)]
    return [Seconds(*map(statistics.median, line)) for line in lines]


def derived(texts: Sequence[str], runs: int) -> list[Seconds]:
    """Return the median times of deriving each of the systems."""
    return seconds(("-c", _DERIVE), json.dumps(texts), runs)


def catalogue(chosen: Sequence[str], runs: int) -> str:
    """Return the table of entries, slowest first."""
    found = zip(derived([read(n) for n in chosen], runs), chosen, strict=True)
    times = sorted(found, key=lambda t: -t[0].processor)
    rows = [f"| `{n}` | {1000 * t.clock:.0f} | {1000 * t.processor:.0f} | {_kept(t, _promised(n))} |" for t, n in times]
    return "\n".join(["| entry | ms | ms of the processor | promised |", "|---|---:|---:|---|", *rows])


def _promised(name: str) -> float:
    return PROMISED_BLOCK if name in BLOCKS else PROMISED


def _kept(time: Seconds, promised: float) -> str:
    return "kept" if time.processor <= promised else f"**missed**: {promised} s"


def depths(runs: int) -> str:
    """Return the table of unrolled networks: seconds, and how they grow with the layers."""
    times = list(zip(DEPTHS, derived([unrolled(n) for n in DEPTHS], runs), strict=True))
    least = times[0][1].processor / times[0][0]
    rows = [f"| {n} | {t.clock:.2f} | {t.processor:.2f} | {t.processor / n / least:.2f} |" for n, t in times]
    head = ["| layers | s | s of the processor | of it for a layer, against 6 layers |", "|---:|---:|---:|---:|"]
    deepest = _kept(times[-1][1], PROMISED_DEEP)
    return "\n".join([*head, *rows]) + f"\n\n48 layers in at most {PROMISED_DEEP} s: {deepest}."


def beside(runs: int) -> str:
    """Return the table of others on fixed small sizes, with the ratio of their time to that of gradproof."""
    rows = []
    owns = derived([case.text for case in CASES.values()], runs)
    for (name, case), own in zip(CASES.items(), owns, strict=True):
        for library in case.libraries:
            if importlib.util.find_spec(library) is None:
                rows.append(f"| {name} | {1000 * own.processor:.0f} | {library} is not installed: left out | |")
                continue
            other = seconds(("-m", "benchmarks.others", name, library), "", runs)[0]
            times = f"{1000 * own.processor:.0f} | {library}: {1000 * other.processor:.0f}"
            rows.append(f"| {name} | {times} | {other.processor / own.processor:.2f} |")
    head = "| system | gradproof, ms of the processor | beside it, ms | its to ours |"
    return "\n".join([head, "|---|---:|---|---:|", *rows])


def machine() -> str:
    """Return what the times were taken with: the versions, and the processor where the system names it."""
    packages = [n for n in ("sympy", "jax") if importlib.util.find_spec(n) is not None]
    found = [f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in packages)]
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return ", ".join([*found, platform.system(), *(models[:1] or [platform.machine()])])


def main() -> None:
    """Measure and print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{machine()}. Medians of {options.runs}.\n")
    print(catalogue(options.names or names(), options.runs), end="\n\n")
    print(depths(options.runs), end="\n\n")
    print(beside(options.runs))


if __name__ == "__main__":
    main()
