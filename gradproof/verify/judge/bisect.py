"""All inputs of a point measured: small ones entry by entry, large ones along directions that are then bisected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradproof.verify.calls import Array
from gradproof.verify.judge.measured import EVERY_ENTRY, FEW, Measured, Ruler, alike
from gradproof.verify.meter import Spent

#: The share of an input that may be too small to be seen, and how small that is beside the largest entry.
_TAIL, _SMALL = 0.01, 1e-6
_FOUND = 12
_PROBES = 400


def measure(ruler: Ruler) -> Iterator[Measured]:
    """Yield the measured entries of every input of `wrt`; of a large one, the entries that a direction objects to."""
    for place, k in enumerate(ruler.problem.wrt):
        size = ruler.here.inputs[k].size
        if size == 0:
            continue
        if ruler.every_entry(place):
            yield from ruler.entries(place, range(size))
            continue
        for chosen in alike(ruler.here, place):
            yield from _group(ruler, place, chosen)


def _group(ruler: Ruler, place: int, chosen: Array) -> Iterator[Measured]:
    """Yield two directions through entries of one size; if one objects, the entries that it objects to."""
    if len(chosen) <= FEW:
        yield from ruler.entries(place, chosen.tolist())
        return
    probes = [ruler.along(place, chosen) for _ in range(2)]
    suspect = next((p for p in probes if p.slope.status != "right"), None)
    if suspect is None or all(is_tail(ruler, p) for p in probes):
        yield from probes
        return
    found: list[int] = []
    try:
        _bisect(ruler, place, chosen, found)
    except Spent:
        yield suspect
        raise
    # Found among so many, and hidden, they stand for all of these.
    yield from (replace(e, count=len(chosen)) for e in ruler.entries(place, found))
    if not found:
        yield suspect


def is_tail(ruler: Ruler, probe: Measured) -> bool:
    """Is this a small share of a large input, which f's rounding hides and which agrees as far as one can see?

    Among very many entries some are so small that no difference of f shows them.
    """
    size = ruler.here.inputs[probe.input].size
    if size <= EVERY_ENTRY or probe.count > _TAIL * size or probe.slope.status not in ("right", "unknown"):
        return False
    slope = probe.slope
    agrees = abs(slope.value - probe.claimed) <= 5 * slope.bar
    return slope.status == "right" or (agrees and slope.bar <= _SMALL * ruler.here.largest * probe.count**0.5)


def _bisect(ruler: Ruler, place: int, entries: Array, found: list[int]) -> None:
    """Add flat positions of wrong entries to `found`: halves that a random direction objects to are halved again."""
    todo = [entries]
    probes = 0
    while todo and len(found) < _FOUND and probes < _PROBES:
        chosen = todo.pop(0)
        if len(chosen) == 1:
            found.append(int(chosen[0]))
            continue
        first, second = np.array_split(chosen, 2)
        probes += 1
        if ruler.along(place, first, hasty=True).slope.status in ("right", "kink"):
            # Something is wrong in the whole: then it is in the other half.
            todo.append(second)
            continue
        todo.append(first)
        probes += 1
        if ruler.along(place, second, hasty=True).slope.status not in ("right", "kink"):
            todo.append(second)
        if len(todo) > 2 * _FOUND:
            # The error is dense: a sample of the entries tells as much as all of them.
            picked = ruler.rng.choice(np.concatenate(todo), _FOUND, replace=False)
            found += [int(i) for i in picked if int(i) not in found]
            break
    found.sort()
