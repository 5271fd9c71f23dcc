"""Sums down columns, of whole rows: a few rows are added up in the module's type, such blocks in float64.

`d_gamma[d] += d_y[n,d]*xhat` would read and write D numbers of float64 for every row. A block of 16 rows stays in the
nearest cache at half the size, and rounds 16 terms only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from gradproof.derive.index import Index
from gradproof.kernels.emission.sums import Running
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.tree import Loop, Row

if TYPE_CHECKING:
    from gradproof.kernels.emission.reductions import Reductions

#: Rows of a block.
ROWS = 16


def column_sums(loop: Loop, storage: Mapping[str, Storage], stretches: Mapping[Index, object]) -> list[Statement]:
    """Return the sums over the loop's index that rows in it add to, place by place of the row."""
    return [
        s
        for row in loop.body if isinstance(row, Row) and row.index not in stretches
        for s in row.statements
        if s.kind == "sum" and loop.index in s.reduced and s.free == (row.index,) and not storage[s.name].wide
    ]  # fmt: skip


class Blocks:
    """The blocks of one loop: sums run in them while it does."""

    def __init__(self, region: Reductions, loop: Loop) -> None:
        self.frame, self.running = region.frame, region.running
        self.whole: list[tuple[Running, Running]] = []
        for s in column_sums(loop, region.storage, region.places.stretches):
            total = self.running.get(s.name)
            if total is not None and total.axes == s.free and total.entry is None:
                size = region.writer.integer(s.free[0].size)
                name = region.head(f"room_of_zeros({size})", f"{region.places.array(s.name)}_block", s.name)
                self.running[s.name] = block = replace(total, name=name)
                self.whole.append((total, block))

    def step(self, counter: str) -> None:
        """Write the end of one step of the loop."""
        if self.whole:
            self.frame.put(f"if {counter} % {ROWS} == {ROWS - 1}:")
            with self.frame.block():
                self._gather()

    def end(self) -> None:
        """Write what follows the loop, whose last block may be shorter; sums run in float64 again."""
        self._gather()
        for total, _ in self.whole:
            self.running[total.statement.name] = total

    def _gather(self) -> None:
        for total, block in self.whole:
            self.frame.put(f"gather({total.name}, {block.name})")
