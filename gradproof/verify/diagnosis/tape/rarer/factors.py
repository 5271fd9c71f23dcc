"""Another array stands for the right factor of a product of matrices, where the left one's gradient is taken."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.reverse import Edges
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

_OTHERS = 24


def with_other_right_factors(reach: Reach, units: list[Unit]) -> Iterator[Variant]:
    """Yield: an array of the right factor's size stands for it, as it is or transposed."""
    del units
    groups = reach.tape.groups
    values = np.array(reach.tape.values)
    for g, group in enumerate(groups):
        if group.name != "matmul" or 0 not in group.which or group.ids.ndim != 2 or not group.ids.size:
            continue
        key = (g, group.which.index(0))
        slot = group.slots[key[1]]
        rows, columns = group.ids.shape
        inner = len(slot.child) // group.ids.size
        if inner * group.ids.size != len(slot.child):
            continue
        near = [k for k, other in enumerate(groups) if k != g and other.ids.size == inner * columns]
        for k in sorted(near, key=lambda k: (abs(k - g), k))[:_OTHERS]:
            other = values[groups[k].ids.reshape(-1)]
            for way, factor in enumerate((other.reshape(inner, columns).T, other.reshape(columns, inner))):
                weight = np.broadcast_to(factor[None], (rows, columns, inner)).reshape(-1)
                said = "term-factor", "another array stands for the right factor in the derivative of the left one"
                edges = Edges({key: np.asarray(weight)})
                yield Variant("right factor: other", Unit((g,)), 0, edges, float(2 * (k - g) + way), said=said)
