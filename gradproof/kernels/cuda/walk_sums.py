"""Sums for each place of a row over all rows of a block, in rows of which threads keep values; see `walks`.

A thread has the same places of every row: it adds up its first ones in registers, and those of longer rows in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gradproof.derive.index import Index
from gradproof.kernels.cuda.column_rows import ColumnRows
from gradproof.kernels.cuda.hazards import Touch
from gradproof.kernels.cuda.state import KINDS, STARTS, over
from gradproof.kernels.cuda.steps import Walk
from gradproof.kernels.emission.terms import term_lines, value_of
from gradproof.kernels.plan import Statement


@dataclass(slots=True)
class Total:
    """A sum that may stand in registers.

    Attributes:
        at: how many lines there are before it starts.
        array: the name of what a thread has of it, once there is something; length: how many of them, as text.
    """

    at: int
    array: str = ""
    length: str = ""


class WalkSums(ColumnRows):
    """Writes them."""

    @cached_property
    def totals(self) -> dict[Statement, Total]:
        """What stands in registers, where anything does."""
        return {}

    def fill_part(self, s: Statement, axes: tuple[Index, ...]) -> None:
        """Start a part of a sum; how much of it stands in memory is known at the end."""
        if not any(isinstance(node, Walk) and node.index in axes for node in self.launch.nodes) or len(axes) > 1:
            super().fill_part(s, axes)
            return
        name = self.running[s.name].name
        self.touch([Touch(name, True, self._owner(over(name, axes), axes))])
        self.totals[s] = Total(len(self.frame.lines))

    def _term(self, s: Statement, mine: dict[Statement, tuple[str, str]]) -> None:
        """Write a term: of a sum over rows, at a thread's first places, to what it has in registers."""
        total = self.totals.get(s)
        if total is None or s in mine or self.kept is None or self.kept.at is None:
            super()._term(s, mine)
            return
        first, held = self.kept.at
        if not total.array:
            total.array, total.length = self.frame.name(f"{self.places.array(s.name)}_total"), self.kept.length
        tests, facts = self.tests(s)
        value = value_of(s, self.writer, facts)
        lines = [f"if {first} == thread:  # the sums of a thread's first places stand in registers"]
        lines += [f"    {line}" for line in term_lines(s, f"{total.array}[{held}]", value, self.writer)]
        into = self.writer.entry(self.running_entry(s), facts)
        lines += ["else:", *[f"    {line}" for line in term_lines(s, into, value, self.writer)]]
        if tests:
            self.frame.put(f"if {' and '.join(tests)}:")
        self.frame.put_all(f"    {line}" if tests else line for line in lines)

    def end_parts(self) -> None:
        """Store what stands in registers, and put the starts where they belong."""
        for s, total in self.totals.items():
            if total.array:
                self._own_places(s, total)
        for s, total in reversed(self.totals.items()):
            later = self.frame.lines[total.at :]
            del self.frame.lines[total.at :]
            self._start(s, total)
            self.frame.lines += later
        super().end_parts()

    def _own_places(self, s: Statement, total: Total) -> None:
        """Write what puts a thread's sums into memory."""
        (index,) = self.running[s.name].axes
        held = self.frame.name("held")
        self.frame.put(f"for {held} in range({total.length}):")
        with self.frame.block(), self.writer.scope.loop(index) as name:
            self.frame.put(f"{name} = thread + {held}*THREADS")
            self.frame.put(f"if {name} < {self.extent(index)}:")
            entry = self.writer.entry(self.running_entry(s))
            self.frame.put(f"    {entry} = {total.array}[{held}]")
        self.writer.scope.local.discard(held)

    def _start(self, s: Statement, total: Total) -> None:
        """Write how a sum starts: in registers, and in memory at the places behind them."""
        running, start = self.running[s.name], STARTS[s.kind]
        begin = "thread"
        if total.array:
            self.frame.put(f"{total.array} = cuda.local.array({total.length}, {KINDS[s.kind]})")
            held = self.frame.name("held")
            self.frame.put(f"for {held} in range({total.length}):")
            self.frame.put(f"    {total.array}[{held}] = {start}")
            self.writer.scope.local.discard(held)
            begin = f"thread + {total.length}*THREADS"
        with self.shared(running.axes, begin=begin):
            self.frame.put(f"{self.writer.entry(over(running.name, running.axes))} = {start}")
