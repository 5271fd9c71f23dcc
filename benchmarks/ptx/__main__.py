"""Figures of the PTX that CUDA kernels compile to, for the whole catalogue; no device is needed.

    python -m benchmarks.ptx                          writes benchmarks/results/ptx.md, and says what changed in it
    python -m benchmarks.ptx --only sigmoid,softmax   these entries' lines alone

Needs numba-cuda, with NVIDIA's packages nvidia-nvvm and nvidia-cuda-nvrtc; registers and spills need `ptxas`, on the
path or from the package nvidia-cuda-nvcc. `tests/kernels/cuda/test_ptx.py` compares the kernels with the table; those
whose text is as it was (`benchmarks/results/ptx_texts.txt` tells) are compiled again by its `-m ptx` alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from typing import Any

from benchmarks.ptx import kept
from benchmarks.ptx.compiled import ENTRIES
from benchmarks.ptx.kept import Rows
from benchmarks.ptx.table import (
    PATH,
    SHARED,
    comparable,
    differences,
    digests_of,
    listed,
    parsed,
    rows_of,
    versions,
    written,
)

Key = tuple[str, str]


def main() -> int:
    """Compile, count, print what changed, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", default="", help="entries of the catalogue, a comma list: the others stay as they are"
    )
    only = [n for n in parser.parse_args().only.split(",") if n]
    if lacking := _lacking(only):
        print(f"error: {lacking}", file=sys.stderr)
        return 2
    before, made_with = parsed(PATH.read_text(encoding="utf-8")) if PATH.exists() else ({}, {})
    if only and made_with != versions():
        print("error: other versions made the table's other lines: all have to be made anew", file=sys.stderr)
        return 2
    rows: Rows = {}
    texts: kept.Digests = {}
    for name in only or ENTRIES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows |= rows_of([name], known=rows)
        texts |= digests_of(name)
    compared = {k: row for k, row in before.items() if not only or k in rows or k[0] in only}
    for line in differences(compared, rows, comparable(made_with, versions())) if made_with else ():
        print(line)
    known = kept.parsed(kept.PATH.read_text(encoding="utf-8"), before, listed(versions())) if kept.PATH.exists() else {}
    after = merged(before, rows, only)
    PATH.write_text(written(after, versions()), encoding="utf-8")
    kept.PATH.write_text(kept.written(merged(known, texts, only), after, listed(versions())), encoding="utf-8")
    return 0


def merged(before: dict[Key, Any], now: dict[Key, Any], only: list[str]) -> dict[Key, Any]:
    """Return the table's rows: those of now, and of what was not compiled now those from before."""
    if not only:
        return now
    rest = {k: row for k, row in before.items() if k[0] not in only} | now
    order = {name: k for k, name in enumerate((SHARED, *ENTRIES))}
    return dict(sorted(rest.items(), key=lambda item: order[item[0][0]]))


def _lacking(only: list[str]) -> str:
    if unknown := [n for n in only if n not in ENTRIES]:
        return f"no entry of the catalogue with CUDA kernels is called {unknown[0]}"
    if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0"):
        return "NUMBA_ENABLE_CUDASIM is set, and the simulator does not compile: unset it"
    if importlib.util.find_spec("numba_cuda") is None:
        return 'numba-cuda is not installed: pip install "gradproof[cuda]" nvidia-nvvm nvidia-cuda-nvrtc'
    return ""


if __name__ == "__main__":
    sys.exit(main())
