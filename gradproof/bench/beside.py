"""One kernel beside its peers: a line for each, for the terminal and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.bench.row import Row
from gradproof.bench.table import doubts, span

if TYPE_CHECKING:
    from rich.table import Table

HEAD = ("", "memory kept", "new outputs", "over ours", "of the limit", "error", "first call")


def lines(row: Row, kinds: list[str]) -> list[tuple[str, ...]]:
    """Return a line for ours, for each peer, and for the machine's limit."""
    shown = [_line(row, "ours", row.ours_s, row.ours_alloc_s)]
    shown += [_line(row, k, row.peers_noalloc.get(k), row.peers.get(k)) for k in kinds if k in row.peers]
    limit = (span(row.limit_s), "", "", "", "", "") if row.limit_s else ()
    return [*shown, *([(f"limit: {row.limit_by}", *limit)] if limit else [])]


def _line(row: Row, name: str, kept: float | None, fresh: float | None) -> tuple[str, ...]:
    ratios = [row.ratio(name, allocating=allocating) for allocating in (False, True)]
    over = "" if name == "ours" else " / ".join("-" if r is None else f"{r:.3g}" for r in ratios)
    share = f"{row.limit_s / kept:.0%}" if row.limit_s and kept else "-"
    error = f"{row.errors[name]:.0e}" if name in row.errors else "-"
    return (name, span(kept), span(fresh), over, share, error, span(row.first_s.get(name)))


def title(row: Row, where: str) -> str:
    """Return what was measured, in a line."""
    return f"{row.kernel} {row.sizes}, {row.dtype}, forward and backward, {where}"


def remarks(row: Row) -> list[str]:
    """Return what the table does not say: who checked, who has no time, and which times are rough."""
    checked = [f"error: the largest difference from {row.reference}, over the largest entry"] if row.reference else []
    return [*checked, *(f"{name}: {reason}" for name, reason in row.reasons.items()), *doubts([row])]


def as_markdown(row: Row, kinds: list[str]) -> str:
    """Return the table as Markdown."""
    ruled = [HEAD, ("---", *["---:"] * (len(HEAD) - 1)), *lines(row, kinds)]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def as_table(row: Row, kinds: list[str]) -> Table:
    """Return the table for rich."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for k, name in enumerate(HEAD):
        table.add_column(name, justify="right" if k else "left")
    for line in lines(row, kinds):
        table.add_row(*(Text(cell) for cell in line))
    return table
