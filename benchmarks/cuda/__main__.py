"""Generated CUDA kernels beside their peers, and beside what the device can copy.

Run from the root of the repository, on a machine with a GPU that does nothing else:

    python -m benchmarks.cuda                          all rows; writes benchmarks/results/cuda.md and cuda.json
    python -m benchmarks.cuda --only sigmoid,layer_norm --quick

Times are the device's own, between two of its events. Each peer runs in a process of its own, all in turns, on the same
inputs (seeded); each result is compared with the same work in float64, on the device. A row that fails, or that a peer
is not written for, is shown with the reason. Peers: PyTorch (eager, compiled, its fused operators), CuPy, and
Liger-Kernel's Triton kernels where they are installed.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cpu.rows import Entry, chosen
from benchmarks.cuda.asked import as_json, judged
from benchmarks.cuda.rows import ASKED, ENTRIES
from gradproof.bench import device
from gradproof.bench.limits import Limits
from gradproof.bench.machine import machine
from gradproof.bench.measure import Bench, Pace, bench
from gradproof.bench.row import Row
from gradproof.bench.table import compiling, copy_lines, doubts, markdown, notes

PEERS = ("torch", "torch.compile", "torch fused", "cupy", "liger")
_RESULTS = Path(__file__).parent.parent / "results"
LEGEND = (
    "Times are medians of forward and backward together, by the device's events. Of a peer: its time over ours, ours "
    "into the caller's arrays, then with new outputs. Limit: the time in which the device copies the inputs and "
    "outputs within its memory, as measured above."
)
JUDGED = (
    "Found of what is asked. Copy bandwidth: inputs and outputs, each counted once, over our time, as a share of what "
    "the device copies. Of a peer: its time over ours, ours into the caller's arrays. A kernel whose results differ "
    "from the reference reaches nothing."
)


def main() -> int:
    """Measure and print; write the files where all rows were asked for or `--output` names them."""
    options = _options()
    try:
        entries = chosen(options.only, ENTRIES)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if what := device.lacking():
        print(f"error: no GPU to measure on: {what}", file=sys.stderr)
        return 2
    about, limits = {**device.told()["about"], **machine(options.threads)}, device.device_limits()
    kinds = [p for p in options.peers.split(",") if p]
    rounds = (3, 0.05) if options.quick else (7, 0.2)
    pace = Pace(*rounds, options.patience, options.threads)
    with bench(["ours", *kinds], pace, lambda text: print(text, file=sys.stderr, flush=True)) as workers:
        rows = [measured(workers, entry, dtype) for dtype in options.dtype.split(",") for entry in entries]
    text = report(about, limits, rows, kinds)
    print(text)
    if options.output or not options.only:
        path = Path(options.output) if options.output else _RESULTS / "cuda.json"
        path.write_text(json.dumps(data(about, limits, rows), indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return 0


def measured(workers: Bench, entry: Entry, dtype: str) -> Row:
    """Return the row; whatever stands against it is its reason."""
    row = entry.row(dtype)
    try:
        workers.row(replace(entry.case(dtype), target="cuda"), row)
    except Exception as error:  # noqa: BLE001  (the row is shown, with what happened)
        row.reasons["ours"] = f"{type(error).__name__}: {error}"
    return row


def report(about: dict[str, str], limits: Limits, rows: list[Row], kinds: list[str]) -> str:
    """Return the table and what is to be known of it, as Markdown."""
    lines = ["# CUDA kernels", "", ", ".join(f"{k} {v}" for k, v in about.items() if v), ""]
    lines += [f"- {line}" for line in copy_lines(limits)] + ["", LEGEND, "", markdown(rows, kinds, targets=False), ""]
    lines += ["## What is asked", "", JUDGED, "", judged(rows, ASKED), "", "## Notes", ""]
    return "\n".join([*lines, *(f"- {note}" for note in (*notes(rows), *compiling(rows), *doubts(rows)))]).rstrip()


def data(about: dict[str, str], limits: Limits, rows: list[Row]) -> dict[str, Any]:
    """Return the same as plain data."""
    copies = [{"working_set": s.working_set, "copy": s.copy} for s in limits.streams]
    asked = [as_json(r, ASKED[r.kernel]) if r.kernel in ASKED else [] for r in rows]
    found = [{**r.as_json(), "asked": a} for r, a in zip(rows, asked, strict=True)]
    return {"machine": about, "copy": copies, "rows": found}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="kernels, a comma list; a beginning stands for all that begin so")
    parser.add_argument("--dtype", default="float32", help="float32, float64 or both, a comma list")
    parser.add_argument("--peers", default=",".join(PEERS), help="a comma list")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter turns")
    parser.add_argument("--threads", type=int, default=4, help="of the host, for compiling")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds that one call may take")
    parser.add_argument("--output", default="", help="a file for the results: JSON there, Markdown beside it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
