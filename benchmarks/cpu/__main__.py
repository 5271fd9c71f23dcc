"""Generated CPU kernels beside their peers, and beside what the machine can do.

Run from the root of the repository, on a machine that does nothing else:

    python -m benchmarks.cpu                          all rows; writes benchmarks/results/cpu.md and cpu.json
    python -m benchmarks.cpu --only sigmoid,lstm --quick --dtype float32

Prints the machine's limits, then the table. Each peer runs in a process of its own, all in turns, on the same inputs
(seeded), on two threads; each result is compared with the same work in float64. A row that fails, or that gradproof
cannot do yet, is shown with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.cpu.rows import DTYPES, Entry, chosen
from gradproof.bench.accuracy import accuracy
from gradproof.bench.limits import limits
from gradproof.bench.machine import machine
from gradproof.bench.measure import Bench, Pace, bench
from gradproof.bench.row import Row
from gradproof.bench.table import LEGEND, compiling, doubts, limit_lines, markdown, notes, rich_table

PEERS = ("numpy", "torch", "torch.compile", "torch fused", "jax")
#: Above this load before the first measurement, somebody else is at work.
_IDLE = 0.5
_RESULTS = Path(__file__).parent.parent / "results"


def main() -> None:
    """Measure and print; write the files where all rows were measured or `--output` names them."""
    options = _options()
    try:
        entries = chosen(options.only)
    except ValueError as error:
        sys.exit(f"error: {error}")
    kinds = [p for p in options.peers.split(",") if p]
    rounds, seconds = (3, 0.05) if options.quick else (7, 0.15)
    pace = Pace(rounds, seconds, options.patience, options.threads, options.compiling)
    about = {**machine(pace.threads), "load before": f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else ""}
    told = limits(pace.threads)
    print(", ".join(f"{k} {v}" for k, v in about.items() if v), *limit_lines(told), sep="\n", flush=True)
    asked = [(e, dtype) for dtype in options.dtype.split(",") for e in entries]
    begun, rows = time.perf_counter(), []
    # What there is when a run is broken off is shown.
    with suppress(KeyboardInterrupt), bench(["ours", *kinds], pace, _tell) as workers:
        for k, (entry, dtype) in enumerate(asked, 1):
            rows.append(measured(workers, entry, dtype))
            _tell(f"{k}/{len(asked)} rows, {time.perf_counter() - begun:.0f} s")
    if hasattr(os, "getloadavg"):
        about["load after"] = f"{os.getloadavg()[0]:.2f}"
    _show(rows, kinds)
    if options.output or not (options.only or len(rows) < len(asked)):
        _write(Path(options.output) if options.output else _RESULTS / "cpu.json", about, rows, kinds)


def measured(workers: Bench, entry: Entry, dtype: str) -> Row:
    """Return the row; whatever stands against it is its reason."""
    row = entry.row(dtype)
    try:
        workers.row(entry.case(dtype), row)
    except Exception as error:  # noqa: BLE001  (the row is shown, with what happened)
        row.reasons["ours"] = f"{type(error).__name__}: {error}"
    return row


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="kernels, a comma list; a beginning stands for all that begin so")
    parser.add_argument("--dtype", default=",".join(DTYPES), help="float32, float64 or both")
    parser.add_argument("--peers", default=",".join(PEERS), help="a comma list")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter turns")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--patience", type=float, default=120.0, help="seconds that one call may take")
    parser.add_argument("--compiling", type=float, default=3600.0, help="seconds that torch.compile may compile in all")
    parser.add_argument("--output", default="", help="a file for the results: JSON there, Markdown beside it")
    return parser.parse_args()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(rows: list[Row], kinds: list[str]) -> None:
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 240
    Console(width=wide).print(rich_table(rows, kinds, targets=True))
    print(f"\n{LEGEND}", *_below(rows), sep="\n")


def _below(rows: list[Row]) -> list[str]:
    """Return what stands below the table, a line each."""
    return [*compiling(rows), *notes(rows), *doubts(rows)]


def _write(path: Path, about: dict[str, str], rows: list[Row], kinds: list[str]) -> None:
    told = limits(int(about["threads"]))
    streams = [{n: getattr(s, n) for n in ("working_set", "copy", "read", "in_place")} for s in told.streams]
    data: dict[str, Any] = {"machine": about, "limits": {"streams": streams, "product": told.product}}
    path.write_text(json.dumps({**data, "rows": [r.as_json() for r in rows]}, indent=1) + "\n", encoding="utf-8")
    lines: list[str] = ["# CPU kernels", "", ", ".join(f"{k} {v}" for k, v in about.items() if v), ""]
    lines += [f"- {line}" for line in limit_lines(told)] + ["", LEGEND, "", *_warning(about)]
    lines += [markdown(rows, kinds, targets=True), "", *(f"- {note}" for note in _below(rows))]
    lines += ["", *accuracy(rows, kinds)]
    path.with_suffix(".md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _warning(about: dict[str, str]) -> list[str]:
    """Return what a reader must know of a table that was made on a machine with other work."""
    if float(about.get("load before") or 0) < _IDLE:
        return []
    return [f"**The machine had other work (load {about['load before']} before it began): these times are rough.**", ""]


if __name__ == "__main__":
    main()
