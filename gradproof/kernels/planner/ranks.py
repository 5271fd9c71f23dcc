"""One order of all indices, outermost first: a vote of the axes of every access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradproof.derive.index import Index
from gradproof.derive.nodes import free_indices
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.classes import indices_of

#: What the last axis counts, whose neighbours lie side by side in memory, against one of the others.
_LAST = 4


def rank(statements: Sequence[Statement]) -> tuple[Index, ...]:
    """Return the indices of the statements, outermost first."""
    before: Counter[tuple[Index, Index]] = Counter()
    for s in statements:
        for access in (s.target, *reads(s)):
            slots = [free_indices(slot) for slot in access.indices]
            for axis, inner in enumerate(slots):
                weight = _LAST if axis == len(slots) - 1 else 1
                for outer in (i for earlier in slots[:axis] for i in earlier):
                    for i in inner:
                        before[outer, i] += weight
    left = list(dict.fromkeys(i for s in statements for i in indices_of(s)))
    ranked = []
    while left:
        first = min(left, key=lambda i: sum(before[j, i] - before[i, j] for j in left if j is not i))
        ranked.append(first)
        left.remove(first)
    return tuple(ranked)
