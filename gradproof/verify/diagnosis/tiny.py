"""A wrong entry that is tiny beside the others: no norm sees it, its own digits do."""

from __future__ import annotations

import numpy as np

from gradproof.verify.diagnosis.case import Array, Cause
from gradproof.verify.diagnosis.study import Point, Study

#: Where the true gradient is known so well, an entry that is off by more than _OFF of itself is wrong.
_EXACT, _OFF = 1e-11, 1e-6
_FEW = 3


def tiny(study: Study) -> tuple[Cause, ...]:
    """Return: a few entries are off by one factor each, the same at all points, and all others are right."""
    if study.case.accuracy > _EXACT or not study.further:
        return ()
    found = []
    for k in range(len(study.case.wrt)):
        wrong = _wrong(study.here, k)
        if not np.any(wrong):
            continue
        ratio = _ratio(study.here, k, wrong)
        points = study.further
        if np.sum(wrong) > _FEW or wrong.size <= 2 * _FEW - 1 or not np.all(np.isfinite(ratio)):
            return ()
        if any(not np.array_equal(_wrong(p, k), wrong) for p in points):
            return ()
        if any(not np.allclose(_ratio(p, k, wrong), ratio, rtol=_OFF, atol=0.0) for p in points):
            return ()
        found.append(_cause(study, k, wrong, ratio))
    return tuple(found) if len(found) == 1 else ()


def _wrong(p: Point, k: int) -> Array:
    return np.asarray(np.abs(p.claimed[k] - p.true[k]) > _OFF * np.abs(p.true[k]))


def _ratio(p: Point, k: int, wrong: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(p.claimed[k][wrong] / p.true[k][wrong])


def _cause(study: Study, k: int, wrong: Array, ratio: Array) -> Cause:
    places = ", ".join(f"[{', '.join(map(str, i))}]" for i in np.argwhere(wrong).tolist())
    factors = ", ".join(f"{r:.6g}" for r in ratio)
    count = "one entry" if len(ratio) == 1 else f"{len(ratio)} entries"
    name = study.name(k)
    text = (
        f"the gradient of `{name}` is wrong only in {count} of {wrong.size}, {places}, tiny beside the others: there "
        f"it is {factors} times what it should be"
    )
    return Cause(text, 1.0, "entry", name)
