"""How long derivations take: the catalogue, networks of growing depth, and beside them SymPy's own diff and JAX.

Run from the root of the repository: `python -m benchmarks.derive [--runs N] [NAME ...]`. Prints Markdown tables, for
the catalogue entries named (all of them, where none is). Every time is that of the first derivation in a process of
its own, after the imports: nothing that was computed before helps. SymPy and JAX differentiate fixed small sizes,
gradproof all sizes at once. Ratios are of medians from this one run. JAX is left out, with a sentence, where it is not
installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.others import CASES
from gradproof.catalogue import names, read

DEPTHS = (6, 12, 24, 48)
#: Seconds that are promised: for an entry, for one that is a whole block of layers, for the deepest network.
PROMISED, PROMISED_BLOCK, PROMISED_DEEP = 0.3, 1.5, 2.0
BLOCKS = ("encoder_block", "decoder_block")
_DERIVE = """
import sys, time
import gradproof as gp
gp.derive(gp.system("given z, phi\\na = z*phi"))
system = gp.system(sys.stdin.read())
begun = time.perf_counter()
gp.derive(system)
print(time.perf_counter() - begun)
"""


def unrolled(depth: int) -> str:
    """Return a tanh network of that many layers, each with weights and sizes of its own, and its squared error."""
    layers = range(1, depth + 1)
    lines = [f"given h0[m,d0], y[m,d{depth}]"]
    lines += [f"param W{n}[d{n - 1},d{n}], b{n}[d{n}]" for n in layers]
    lines += [f"h{n}[i,j] = tanh(sum[k] h{n - 1}[i,k]*W{n}[k,j] + b{n}[j])" for n in layers]
    return "\n".join([*lines, f"L = 1/m*sum[i,j] (h{depth}[i,j] - y[i,j])**2"])


def seconds(program: Sequence[str], text: str, runs: int) -> float:
    """Return the median of what the program prints, run so often in a process of its own, the text at its input."""
    found = []
    for _ in range(runs):
        done = subprocess.run([sys.executable, *program], input=text, capture_output=True, text=True, check=True)
        found.append(float(done.stdout))
    return statistics.median(found)


def derived(text: str, runs: int) -> float:
    """Return the median time of deriving a system."""
    return seconds(("-c", _DERIVE), text, runs)


def catalogue(chosen: Sequence[str], runs: int) -> str:
    """Return the table of entries, slowest first."""
    times = sorted(((derived(read(n), runs), n) for n in chosen), reverse=True)
    rows = [f"| `{n}` | {1000 * t:.0f} | {_kept(t, PROMISED_BLOCK if n in BLOCKS else PROMISED)} |" for t, n in times]
    return "\n".join(["| entry | ms | promised |", "|---|---:|---|", *rows])


def _kept(time: float, promised: float) -> str:
    return "kept" if time <= promised else f"**missed**: {promised} s"


def depths(runs: int) -> str:
    """Return the table of unrolled networks: seconds, and how they grow with the layers."""
    times = [(n, derived(unrolled(n), runs)) for n in DEPTHS]
    least = times[0][1] / times[0][0]
    rows = [f"| {n} | {t:.2f} | {t / n / least:.2f} |" for n, t in times]
    end = f"\n\n48 layers in at most {PROMISED_DEEP} s: {_kept(times[-1][1], PROMISED_DEEP)}."
    return "\n".join(["| layers | s | a layer, against 6 layers |", "|---:|---:|---:|", *rows]) + end


def beside(runs: int) -> str:
    """Return the table of others on fixed small sizes, with the ratio of their time to that of gradproof."""
    rows = []
    for name, case in CASES.items():
        own = derived(case.text, runs)
        for library in case.libraries:
            if importlib.util.find_spec(library) is None:
                rows.append(f"| {name} | {1000 * own:.0f} | {library} is not installed: left out | |")
                continue
            other = seconds(("-m", "benchmarks.others", name, library), "", runs)
            rows.append(f"| {name} | {1000 * own:.0f} | {library}: {1000 * other:.0f} | {other / own:.2f} |")
    return "\n".join(["| system | gradproof, ms | beside it, ms | ratio |", "|---|---:|---|---:|", *rows])


def main() -> None:
    """Measure and print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, medians of {options.runs}\n")
    print(catalogue(options.names or names(), options.runs), end="\n\n")
    print(depths(options.runs), end="\n\n")
    print(beside(options.runs))


if __name__ == "__main__":
    main()
