"""One order of all indices, outermost first: a vote of the axes of every access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradproof.derive.index import Index
from gradproof.derive.nodes import free_indices
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.classes import indices_of
from gradproof.kernels.planner.products import is_copy

#: What the last axis counts, whose neighbours lie side by side in memory, against one of the others.
_LAST = 4


def rank(statements: Sequence[Statement]) -> tuple[Index, ...]:
    """Return the indices of the statements, outermost first."""
    before: Counter[tuple[Index, Index]] = Counter()
    for s in statements:
        # Where terms are added says nothing of the order in which they are made.
        for access in (*(() if s.kind == "add" else (s.target,)), *reads(s)):
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
    return _around_windows(ranked, statements)


def _around_windows(ranked: list[Index], statements: Sequence[Statement]) -> tuple[Index, ...]:
    """Return the order with the places of a window just outside the last axis that it slides over.

    In `x[c, i + u, j + v]` the loops are c, i, u, v, j: the innermost is long, and its neighbours lie side by side.
    """
    inside: list[Index] = []
    anchors: list[Index] = []
    known: set[Index] = set()
    for s in (s for s in statements if not is_copy(s)):
        for access in reads(s):
            slots = [found for slot in access.indices if len(found := free_indices(slot)) > 1]
            new = [i for slot in slots for i in slot if i not in known]
            inside += [i for i in new if i in s.reduced]
            known |= set(new)
            anchors += [i for slot in slots[-1:] for i in slot if i not in inside]
    windows = [i for i in ranked if i in inside]
    rest = [i for i in ranked if i not in inside]
    first = min((rest.index(i) for i in anchors), default=0)
    return (*rest[:first], *windows, *rest[first:])
