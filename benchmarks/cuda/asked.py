"""What is asked of each kernel on a GPU, and whether it is reached: share of the copy bandwidth, ratios to peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradproof.bench.row import Row
from gradproof.bench.table import markdown_lines

#: The peers that something is asked against, in the order of the columns.
PEERS = ("torch", "torch.compile", "torch fused")
COPY = "copy bandwidth"


@dataclass(frozen=True, slots=True)
class Asked:
    """Attributes:
    share: of the device's copy bandwidth, as measured in the same run; 0 for nothing.
    ratios: {peer: its time over ours, at least}, where neither allocates.
    """

    share: float
    ratios: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found beside what is asked; found is None where it was not measured.

    Attributes:
        what: the copy bandwidth, or a peer.
        right: do our results agree with the reference?
    """

    what: str
    asked: float
    found: float | None
    right: bool

    @property
    def reached(self) -> bool | None:
        """None where nothing was measured."""
        return None if self.found is None else self.right and self.found >= self.asked

    @property
    def text(self) -> str:
        """Return what a column says."""
        form = "{:.0%}" if self.what == COPY else "{:.3g}"
        found = "not measured" if self.found is None else form.format(self.found)
        word = {True: "yes", False: "no", None: "-"}[self.reached]
        return f"{found} of {form.format(self.asked)}: {word}" if self.found is not None else f"{found}: {word}"


def verdicts(row: Row, asked: Asked) -> tuple[Verdict, ...]:
    """Return what is asked of a row, each with what was found."""
    right = "ours" not in row.reasons
    share = row.share if row.limit_by != "product" else None
    copied = (Verdict(COPY, asked.share, share, right),) if asked.share else ()
    return (
        *copied,
        *(Verdict(p, asked.ratios[p], row.ratio(p, allocating=False), right) for p in PEERS if p in asked.ratios),
    )


def judged(rows: Sequence[Row], asked: Mapping[str, Asked]) -> str:
    """Return a table of what is asked of each row, as Markdown, and a sentence that counts."""
    head = ["kernel", "type", COPY, *PEERS]
    lines: list[list[str]] = []
    all_: list[Verdict] = []
    for row in rows:
        found = {v.what: v for v in verdicts(row, asked.get(row.kernel, Asked(0.0, {})))}
        lines.append([f"{row.kernel} {row.sizes}", row.dtype, *(found[n].text if n in found else "" for n in head[2:])])
        all_ += found.values()
    said = [sum(v.reached is is_so for v in all_) for is_so in (True, False, None)]
    counts = (
        f"Of {len(all_)} figures that are asked, {said[0]} are reached, {said[1]} are not, {said[2]} were not measured."
    )
    return f"{markdown_lines(head, lines)}\n\n{counts}"


def as_json(row: Row, asked: Asked) -> list[dict[str, Any]]:
    """Return what is asked of a row as plain data."""
    return [{"what": v.what, "asked": v.asked, "found": v.found, "reached": v.reached} for v in verdicts(row, asked)]
