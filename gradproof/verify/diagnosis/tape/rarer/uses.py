"""Mistakes with the uses of an input: one of them alone, or one for all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

_FEW, _MANY = 2, 8


def of_uses(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield: of several uses of an input only one is counted, or one is taken for all of them."""
    del units
    groups = reach.tape.groups
    for i, made in enumerate(groups):
        if made.name != "input":
            continue
        keys = [(g, s) for g, x in enumerate(groups) for s in range(len(x.slots)) if reach.parents(g, s) == {i}]
        if not _FEW <= len(keys) <= _MANY:
            continue
        for chosen in keys:
            for count in (1.0, float(len(keys))):
                weights = {k: np.zeros_like(groups[k[0]].slots[k[1]].weight) for k in keys}
                weights[chosen] = count * groups[chosen[0]].slots[chosen[1]].weight
                words = "only this use of it is counted" if count == 1 else "this use is taken for all of them"
                said = "shared", f"the input is used {len(keys)} times, and {words}:"
                where = Unit((chosen[0],))
                yield Variant(f"uses: {i}", where, groups[chosen[0]].which[chosen[1]], Edges(weights), count, said=said)
