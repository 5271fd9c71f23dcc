"""Turns of workers, one after the other: which count, how many are wanted, and what they say together.

A turn in which somebody else had the core is taken again, whosever turn it was, and so is one beside which the
processor was slow at other work; more are taken where a worker's turns differ. One rule for all: nobody's slow turns
are left out for being slow.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

#: A turn whose threads waited longer for a processor, over its wall time, does not count while there are others.
DISTURBED = 0.05
#: And one where the processor took more than so many times as long as at its best, just before the turn or after it.
SLOWED = 1.25
#: Turns are taken until their quartiles are so near one another, over their median.
_STEADY = 0.08
#: So many times the rounds asked for, at most.
_MOST = 3

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Turn:
    """Attributes:
    times: seconds of each call.
    processors: processor time over wall time.
    waited: time that threads were ready and had no processor, over wall time.
    slowed: how many times as long as at best the processor took for the same arithmetic, beside the turn.
    """

    times: tuple[float, ...]
    processors: float
    waited: float
    slowed: float = 1.0

    @classmethod
    def of(cls, said: dict[str, Any], slowed: float) -> Turn:
        """Return the turn that a worker told."""
        wall = max(said["wall_s"], 1e-9)
        return cls(tuple(said["times"]), said["cpu_s"] / wall, said["waited_s"] / wall, slowed)

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def disturbance(self) -> float:
        """At most 1 where the turn counts."""
        return max(self.waited / DISTURBED, (self.slowed - 1) / (SLOWED - 1))


def counted(turns: Sequence[Turn], rounds: int) -> list[Turn]:
    """Return the turns that count: those nobody disturbed, and if they are too few, the least disturbed ones."""
    quiet = [t for t in turns if t.disturbance <= 1]
    return quiet if len(quiet) >= rounds else sorted(turns, key=lambda t: t.disturbance)[:rounds]


def enough(turns: Sequence[Turn], rounds: int) -> bool:
    """Is there nothing to gain from another turn of this worker?"""
    quiet = [t.median for t in turns if t.disturbance <= 1]
    return len(turns) >= _MOST * rounds or (len(quiet) >= rounds and spread(quiet) <= _STEADY)


def spread(values: Sequence[float]) -> float:
    """Return the distance of the quartiles over the median; 0 of a single value.

    >>> spread([1.0, 1.0, 1.0]), spread([2.0])
    (0.0, 0.0)
    """
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def take_turns(keys: Sequence[K], rounds: int, turn: Callable[[K], Turn | None]) -> dict[K, list[Turn]]:
    """Return each worker's turns, taken in the order A B A B; None from a worker takes it out.

    All go on until all have enough, so that each has as many turns as the others.
    """
    found: dict[K, list[Turn]] = {key: [] for key in keys}
    while found and not all(enough(turns, rounds) for turns in found.values()):
        for key in list(found):
            taken = turn(key)
            if taken is None:
                del found[key]
            else:
                found[key].append(taken)
    return found
