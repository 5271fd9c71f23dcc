"""An index that names a row twice: `a[i] += g` keeps one contribution, np.add.at keeps all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.support import mask
from gradproof.verify.diagnosis.hypothesis import Hypothesis, exactly
from gradproof.verify.diagnosis.study import Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: only rows are wrong that an integer input names more than once, and with other indices other rows."""
    shape = study.here.true[k].shape
    for place, a in enumerate(study.case.inputs):
        indices = np.asarray(a)
        if indices.dtype.kind in "iu" and indices.size > 1 and shape and _explains(study, k, place, indices):
            text = (
                f"the gradient of {{of}} is wrong only in rows that `{study.case.names[place]}` names more than once: "
                "`a[i] += g` keeps one of the contributions, np.add.at(a, i, g) adds all"
            )
            yield exactly(k, "duplicates", text, lambda p: p.claimed[k])


def _explains(study: Study, k: int, place: int, indices: Array) -> bool:
    rows = study.here.true[k].shape[0]
    twice = _twice(indices)
    if not twice or not (indices.min() >= 0 and indices.max() < rows):
        return False
    if not _rows(mask(study, study.here, k)) <= twice:
        return False
    moved = study.changed({place: _like(indices, (indices + 1) % rows)})
    if moved is None or not _rows(mask(study, moved, k)) <= _twice((indices + 1) % rows):
        return False
    if indices.size > rows:
        return True
    apart = study.changed({place: _like(indices, np.arange(indices.size).reshape(indices.shape))})
    return apart is None or float(np.max(np.abs(study.error(apart, k)))) <= 10 * study.noise(apart, k)


def _like(indices: Array, new: Any) -> Array:
    return np.asarray(new, dtype=indices.dtype)


def _twice(indices: Array) -> set[int]:
    values, counts = np.unique(indices, return_counts=True)
    return {int(v) for v in values[counts > 1]}


def _rows(wrong: Array) -> set[int]:
    return {int(i) for i in np.unique(np.nonzero(wrong)[0])}
