"""A block of equal blocks (a gate, a head) that has another block's gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.hypothesis import Hypothesis, exactly
from gradproof.verify.diagnosis.study import Study

_COUNTS = (2, 3, 4, 6, 8)
#: Blocks that are the same to this share are taken for the same.
_SAME = 1e-6


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: of an axis in equal blocks, some have the gradient that belongs to another."""
    true, claimed = study.here.true[k], study.here.claimed[k]
    if not np.all(np.isfinite(true)):
        return
    for axis, n in enumerate(true.shape):
        for count in _COUNTS:
            if n % count or true.size // count < 2:
                continue
            right, given = np.split(true, count, axis), np.split(claimed, count, axis)
            taken = [_same(block, right, j) for j, block in enumerate(given)]
            found = [t for t in taken if t is not None]
            if len(found) == count and found != list(range(count)):
                moved = ", ".join(f"block {j} has that of block {t}" for j, t in enumerate(found) if j != t)
                along = "" if true.ndim == 1 else f" along axis {axis}"
                text = f"of {count} equal blocks of the gradient of {{of}}{along} (gates, heads), {moved}"
                yield exactly(k, "block", text, lambda p, a=axis, t=tuple(found): _moved(p.true[k], a, t))  # type: ignore[misc]


def _same(block: Array, right: list[Array], mine: int) -> int | None:
    size = max(float(np.max(np.abs(r), initial=0.0)) for r in right)
    order = [mine, *(j for j in range(len(right)) if j != mine)]
    return next((j for j in order if np.max(np.abs(block - right[j]), initial=0.0) <= _SAME * size), None)


def _moved(true: Array, axis: int, taken: tuple[int, ...]) -> Array:
    parts = np.split(true, len(taken), axis)
    return np.concatenate([parts[t] for t in taken], axis)
