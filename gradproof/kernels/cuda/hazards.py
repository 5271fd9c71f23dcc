"""Where the threads of a block have to wait for one another: between a write and another thread's read or write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gradproof.derive.index import Index

#: Who touches an entry: the thread that has the place of some indices (which stand in these axes); the first thread;
#: any.
Owner = tuple[object, ...]
FIRST: Owner = ("first",)
ANY: Owner = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """An access of an array in memory."""

    array: str
    writes: bool
    owner: Owner

    def meets(self, other: Touch) -> bool:
        """Could the two be of one entry and of different threads, and one of them a write?"""
        if self.array != other.array or not (self.writes or other.writes):
            return False
        return self.owner == ANY or self.owner != other.owner


def placed(indices: tuple[Index, ...], axes: tuple[int, ...], start: str) -> Owner:
    """Return the owner of entries whose axes are the places of indices that threads share."""
    return ("placed", indices, axes, start)


@dataclass
class Hazards:
    """What was touched since all threads last met.

    Attributes:
        pending: those accesses.
        exposed: for each loop that is open, what its body touches before the threads first meet in it.
        met_in: have they met in the body of the innermost loop, in that of the one around it, ...?
    """

    pending: set[Touch] = field(default_factory=set)
    exposed: list[set[Touch]] = field(default_factory=list)
    met_in: list[bool] = field(default_factory=list)

    def needs_barrier(self, touches: Iterable[Touch]) -> bool:
        """Must the threads meet before these accesses?"""
        return any(t.meets(p) for t in touches for p in self.pending)

    def met(self) -> None:
        """All threads have met, if the innermost loop runs at all."""
        self.pending.clear()
        if self.met_in:
            self.met_in[-1] = True

    def add(self, touches: Iterable[Touch]) -> None:
        """Note accesses."""
        touches = set(touches)
        self.pending |= touches
        if self.exposed and not self.met_in[-1]:
            self.exposed[-1] |= touches

    def enter(self) -> set[Touch]:
        """Begin the body of a loop; returns what was pending."""
        self.exposed.append(set())
        self.met_in.append(False)
        return set(self.pending)

    def leave(self, before: set[Touch]) -> bool:
        """End the body; returns whether the threads must meet before it runs again."""
        found, _ = self.exposed.pop(), self.met_in.pop()
        again = self.needs_barrier(found)
        if again:
            self.pending.clear()
        if self.exposed and not self.met_in[-1]:
            self.exposed[-1] |= found
        self.pending |= before
        return again
