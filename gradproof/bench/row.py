"""What was measured of a kernel, and how it reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Row:
    """A kernel at one size and type. Times are medians, in seconds, of forward and backward together.

    Attributes:
        kernel: its name.
        sizes: its sizes, as text.
        dtype: its type.
        at_least: what is asked of the ratio to the best peer where neither allocates; 0 for nothing.
        at_least_alloc: the same where both do.
        ours_s: with outputs that the caller owns; None where it did not run.
        ours_alloc_s: with new outputs at each call.
        limit_s: below which this machine cannot do it.
        limit_by: what sets that.
        peers: {peer: seconds}, as its users call it.
        peers_noalloc: {peer: seconds}, with memory that it keeps from call to call.
        errors: {peer: the largest difference from the reference in float64, over the largest entry}.
        reasons: {peer: why it has no time, or why its time does not count}.
        reference: who computed the values that all were compared with.
        first_s: {peer: seconds of the first call, compilation included}.
        turns: {peer: of its turns: how many were taken and count, the least median, how far the medians are spread, and
            how many processors it had, for what share of the time threads waited for one, and how many times as long
            as at best the processor took for the same arithmetic beside them (medians)}.
    """

    kernel: str
    sizes: str
    dtype: str
    at_least: float = 0.0
    at_least_alloc: float = 0.0
    ours_s: float | None = None
    ours_alloc_s: float | None = None
    limit_s: float | None = None
    limit_by: str = ""
    peers: dict[str, float] = field(default_factory=dict)
    peers_noalloc: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    first_s: dict[str, float] = field(default_factory=dict)
    turns: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """The share of the machine's limit that our kernel reaches."""
        return self.limit_s / self.ours_s if self.limit_s and self.ours_s else None

    def ratio(self, peer: str, *, allocating: bool) -> float | None:
        """Return the peer's time over ours: both allocate, or neither."""
        theirs = (self.peers if allocating else self.peers_noalloc).get(peer)
        ours = self.ours_alloc_s if allocating else self.ours_s
        return theirs / ours if theirs and ours else None

    def best(self, *, allocating: bool) -> float | None:
        """Return the smallest of those ratios: against the best peer."""
        found = [self.ratio(p, allocating=allocating) for p in self.peers]
        return min((r for r in found if r is not None), default=None)

    @property
    def reached(self) -> bool | None:
        """Is what is asked reached, with right results? None where nothing is asked or nothing was measured."""
        asked = [(self.at_least, self.best(allocating=False)), (self.at_least_alloc, self.best(allocating=True))]
        known = [(least, found) for least, found in asked if least and found is not None]
        if not known:
            return None
        return "ours" not in self.reasons and all(found >= least for least, found in known)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "share": self.share}
