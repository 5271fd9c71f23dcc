"""Columns that threads go down; see `columns`."""

from __future__ import annotations

from gradproof.kernels.cuda.online_rows import OnlineRows
from gradproof.kernels.cuda.state import STARTS
from gradproof.kernels.planner.tree import Row


class ColumnRows(OnlineRows):
    """Writes them."""

    def columns(self) -> None:
        """Write a loop over columns that the threads share, and in it one over the rows of the block's stretch."""
        (row,) = self.launch.nodes
        assert isinstance(row, Row)
        grid, down = self.launch.grid, [part.tensor for part in self.parts]
        with self.shared((row.index,)):
            self.opened = (row.index,)
            self._hold_outside(grid, row.statements)
            totals = {name: self._total(name) for name in down}
            mine = {s: (totals[s.name], "") for s in row.statements if s.name in totals}
            with self.shared(grid, begin="lo", end="hi", step="1" if len(grid) > 1 else ""):
                self._places(grid, row.statements, mine)
            self.writer.held.clear()
            for name, total in totals.items():
                self.frame.put(f"{self._part_entry(name)} = {total}")
            self.opened = ()

    def _total(self, name: str) -> str:
        """Start what a thread adds up; what runs on from an earlier step of the host goes on from there."""
        s = self.running[name].statement
        part = next(p for p in self.parts if p.tensor == name)
        total = self.frame.name(f"{self.places.array(name)}_total")
        self.frame.put(f"{total} = {STARTS[s.kind] if part.last is None else self._part_entry(name)}")
        return total

    def _part_entry(self, name: str) -> str:
        return self.writer.entry(self.running_entry(self.running[name].statement))
