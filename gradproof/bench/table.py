"""Rows as a table: for the terminal with rich, and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradproof.bench.limits import Limits, Streams
from gradproof.bench.row import Row
from gradproof.bench.turns import SLOWED

if TYPE_CHECKING:
    from rich.table import Table

LEGEND = (
    "Times are medians of forward and backward together. Of a peer: its time over ours without allocation (ours fills "
    "the caller's arrays, the peer keeps its memory), then as users run both. Limit: the time in which the machine "
    "moves the inputs and outputs, or does the products."
)


def columns(kinds: Sequence[str], *, targets: bool) -> list[str]:
    """Return the head of the table for these peers."""
    return [
        "kernel",
        "type",
        "ours",
        "new outputs",
        "limit",
        "share",
        *kinds,
        *(["asked", "reached"] if targets else []),
    ]


def cells(row: Row, kinds: Sequence[str], *, targets: bool) -> list[str]:
    """Return a row's texts, as many as there are columns."""
    limit = f"{span(row.limit_s)} {row.limit_by}" if row.limit_s else ""
    share = f"{row.share:.0%}" if row.share else ""
    own = [f"{row.kernel} {row.sizes}", row.dtype, span(row.ours_s), span(row.ours_alloc_s), limit, share]
    asked = [_asked(row), {True: "yes", False: "no", None: "-"}[row.reached]] if targets else []
    return [*own, *(_ratios(row, kind) for kind in kinds), *asked]


def _ratios(row: Row, kind: str) -> str:
    if kind not in row.peers:
        return "-"
    mark = "!" if kind in row.reasons else ""
    found = [row.ratio(kind, allocating=allocating) for allocating in (False, True)]
    if found == [None, None]:  # ours did not run: the peer's own times
        return f"{span(row.peers_noalloc.get(kind))} / {span(row.peers[kind])}{mark}"
    return " / ".join("-" if r is None else f"{r:.3g}" for r in found) + mark


def _asked(row: Row) -> str:
    asked = [f"{r:g}" for r in (row.at_least, row.at_least_alloc) if r]
    return " / ".join(asked)


def span(seconds: float | None) -> str:
    """Return a time with its unit, three digits.

    >>> span(0.00123), span(4.5e-06), span(None)
    ('1.23 ms', '4.5 µs', '-')
    """
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def notes(rows: Sequence[Row]) -> list[str]:
    """Return why a time is missing or does not count, one line a reason with the kernels it stands for."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for name, reason in row.reasons.items():
            found.setdefault(f"{name}: {reason}", []).append(f"{row.kernel} {row.sizes} {row.dtype}")
    return [f"{reason} ({'; '.join(places) if len(places) < len(rows) or len(rows) == 1 else 'all rows'})"
            for reason, places in found.items()]  # fmt: skip


#: Above these shares of its time a worker's wait for a processor, and its turns' distance, are said below the table.
_WAITED, _APART = 0.1, 0.2


def doubts(rows: Sequence[Row]) -> list[str]:
    """Return which times are rough and why: threads that got no processor, turns that differ."""
    lines = []
    for row in rows:
        said = [text for name, turns in row.turns.items() if (text := _doubt(name, turns))]
        lines += [f"rough, {row.kernel} {row.sizes} {row.dtype}: {'; '.join(said)}"] if said else []
    return lines


def _doubt(name: str, turns: dict[str, float]) -> str:
    if turns["waited"] > _WAITED:
        had = f"had {turns['processors']:.1f} processors, its threads waited for one"
        return f"{name} {had} {turns['waited']:.0%} of the time"
    if turns["slowed"] > SLOWED:
        return f"{name} found the processor at {1 / turns['slowed']:.0%} of its speed"
    return f"{name}'s turns are {turns['spread']:.0%} apart" if turns["spread"] > _APART else ""


def compiling(rows: Sequence[Row]) -> list[str]:
    """Return how long compilers took before the first result, which no time holds."""
    found = sorted(row.first_s["torch.compile"] for row in rows if "torch.compile" in row.first_s)
    return [f"torch.compile: the first call took {span(found[0])} to {span(found[-1])}"] if found else []


def limit_lines(limits: Limits) -> list[str]:
    """Return the machine's limits in words."""
    lines = []
    for s in limits.streams:
        rates = (f"{name} {rate / 1e9:.0f} GB/s" for name, rate in _rates(s))
        lines.append(f"{_bytes(s.working_set)}: {', '.join(rates)}")
    products = ", ".join(f"{t} {p / 1e9:.0f} GF/s" for t, p in limits.product.items())
    return [*lines, f"product: {products}"] if products else lines


def copy_lines(limits: Limits) -> list[str]:
    """Return a device's limits in words: how fast it copies within its memory, by its own events."""
    return [f"{_bytes(s.working_set)}: copy {s.copy / 1e9:.0f} GB/s" for s in limits.streams]


def _rates(s: Streams) -> tuple[tuple[str, float], ...]:
    return ("copy", s.copy), ("read", s.read), ("in place", s.in_place)


def _bytes(n: int) -> str:
    return f"{n >> 20} MiB" if n >= 1 << 20 else f"{n >> 10} KiB"


def markdown(rows: Sequence[Row], kinds: Sequence[str], *, targets: bool) -> str:
    """Return the table as Markdown."""
    return markdown_lines(columns(kinds, targets=targets), [cells(r, kinds, targets=targets) for r in rows])


def markdown_lines(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table as Markdown, whose first two columns are words and the others figures."""
    every = [head, ["---", "---", *["---:"] * (len(head) - 2)], *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in every)


def rich_table(rows: Sequence[Row], kinds: Sequence[str], *, targets: bool) -> Table:
    """Return the table for rich."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for k, name in enumerate(columns(kinds, targets=targets)):
        table.add_column(name, justify="left" if k < 2 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(c) for c in cells(row, kinds, targets=targets)))
    return table
