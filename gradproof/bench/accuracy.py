"""How far results in float32 are from those in float64, ours beside the peers'."""

from __future__ import annotations

from collections.abc import Sequence

from gradproof.bench.row import Row

#: 2**-23, the distance from 1 to the next number of float32.
_ULP = 2.0**-23
LEGEND = (
    "How far float32 results are from the same work in float64, outputs and gradients: the largest difference over the "
    "largest entry, in units of 2**-23; from the same inputs, drawn in float32."
)


def errors(rows: Sequence[Row], kinds: Sequence[str]) -> list[list[str]]:
    """Return the table: a head, then a row for each kernel in float32 whose results were compared."""
    known = [r for r in rows if r.dtype == "float32" and r.errors]
    names = ["ours", *kinds]
    return [["kernel", *names], *([f"{r.kernel} {r.sizes}", *(_units(r, n) for n in names)] for r in known)]


def _units(row: Row, name: str) -> str:
    error = row.errors.get(name)
    return "-" if error is None else f"{error / _ULP:.2g}"


def accuracy(rows: Sequence[Row], kinds: Sequence[str]) -> list[str]:
    """Return the table as lines of Markdown, its legend first; nothing where no results were compared."""
    head, *body = errors(rows, kinds)
    if not body:
        return []
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return [LEGEND, "", *(f"| {' | '.join(line)} |" for line in lines)]
