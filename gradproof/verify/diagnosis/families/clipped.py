"""Rounded, clipped, or scaled to a norm."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.hypothesis import Hypothesis, exactly
from gradproof.verify.diagnosis.study import Point, Study

#: Types coarser than float64, and the error that their rounding may grow to, of the largest entry.
_COARSE = ((np.float32, 1e-5, "single precision (float32)"), (np.float16, 0.05, "half precision (float16)"))


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: rounded to a coarser type; clipped entry by entry; clipped or scaled by the norm."""
    for dtype, most, words in _COARSE:
        text = (
            f"the gradient of {{of}} is computed in {words}: its numbers are of that type, and its error its rounding"
        )
        yield exactly(k, "precision", text, lambda p, t=dtype, m=most: _rounded(p, k, t, m))  # type: ignore[misc]
    yield from _clipped(study, k)
    norm = float(np.linalg.norm(study.here.claimed[k]))
    text = f"the gradient of {{of}} is scaled to the norm {norm:.6g}: clipped by its norm, or normalised"
    yield exactly(k, "clipped", text, lambda p: _to_norm(p.true[k], norm))


def _rounded(p: Point, k: int, dtype: type, most: float) -> Array | None:
    """Return the claim itself where it is made of numbers of that type and is off by no more than rounding."""
    claimed, true = p.claimed[k], p.true[k]
    with np.errstate(over="ignore"):
        same = np.array_equal(claimed.astype(dtype).astype(np.float64), claimed)
    off = float(np.max(np.abs(claimed - true), initial=0.0))
    small = off <= most * float(np.max(np.abs(true), initial=0.0))
    return claimed if same and small and claimed.size and np.any(claimed != np.round(claimed)) else None


def _clipped(study: Study, k: int) -> Iterator[Hypothesis]:
    claimed = study.here.claimed[k]
    if not claimed.size:
        return
    high, low = float(np.max(claimed)), float(np.min(claimed))
    both = max(high, -low)
    cases = [(-both, both), (low, high), (-np.inf, high), (low, np.inf)]
    for a, b in cases:
        held = (claimed == a) | (claimed == b)
        if np.sum(held) >= 2 and np.sum(~held) >= 2 and 0 not in (a, b):
            bounds = (
                f"to [{a:.6g}, {b:.6g}]" if np.isfinite(a) and np.isfinite(b) else f"at {b if a == -np.inf else a:.6g}"
            )
            text = f"the gradient of {{of}} is clipped {bounds}"
            yield exactly(k, "clipped", text, lambda p, a=a, b=b: np.clip(p.true[k], a, b))  # type: ignore[misc]


def _to_norm(true: Array, norm: float) -> Array:
    size = float(np.linalg.norm(true))
    return true * (norm / size) if size else true
