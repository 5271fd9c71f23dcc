"""Regions of an array: what integers name, triangles, rows and blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.study import Point, Study

Where = Callable[[Point], Array]
#: What is 0 to this share of the largest entry is 0.
_ZERO = 1e-12


def named_entries(study: Study, k: int) -> Iterator[tuple[str, str, Where]]:
    """Yield: the entries of each row that an integer input names (labels), and all but those, where that is 0."""
    shape = study.here.true[k].shape
    if len(shape) != 2:
        return
    for place, a in enumerate(study.case.inputs):
        labels = np.asarray(a)
        if labels.dtype.kind not in "iu" or labels.shape != shape[:1] or labels.min() < 0 or labels.max() >= shape[1]:
            continue
        hot = np.zeros(shape, dtype=bool)
        hot[np.arange(shape[0]), labels] = True
        name = study.case.names[place]
        claimed = study.here.claimed[k]
        if np.max(np.abs(claimed[~hot]), initial=0.0) <= _ZERO * np.max(np.abs(claimed), initial=0.0):
            words = f"off the entries that `{name}` names (the diagonal of a softmax's Jacobian)"
            yield "diagonal", words, lambda _, f=~hot: f  # type: ignore[misc]
        yield "term", f"in the entries that `{name}` names", lambda _, f=hot: f  # type: ignore[misc]


def triangles(study: Study, k: int, wrong: Array) -> Iterator[tuple[str, str, Where]]:
    """Yield, of a square matrix whose wrong entries are off by one factor: a triangle of it, its diagonal."""
    n = len(wrong)
    if wrong.ndim != 2 or wrong.shape != (n, n) or n < 3:
        return
    for words, full in (
        ("below the diagonal", np.tri(n, k=-1) > 0),
        ("above the diagonal", np.tri(n, k=-1).T > 0),
        ("on the diagonal", np.eye(n) > 0),
        ("off the diagonal", np.eye(n) == 0),
    ):
        ratio = _ratio(study.here, k, full)
        if ratio is not None:
            yield "factor" if ratio else "term", words, lambda _, f=full: f  # type: ignore[misc]


def _ratio(p: Point, k: int, inside: Array) -> float | None:
    """Return claimed over right, where that is one number."""
    with np.errstate(all="ignore"):
        ratios = p.claimed[k][inside] / p.true[k][inside]
    return float(ratios[0]) if np.all(np.isfinite(ratios)) and np.ptp(ratios) <= 1e-6 * abs(ratios[0]) else None


def lines(wrong: Array) -> Iterator[tuple[str, str, Where]]:
    """Yield: all of some indices of one axis, at the edge, or a block of equal blocks."""
    for axis, n in enumerate(wrong.shape):
        others = tuple(j for j in range(wrong.ndim) if j != axis)
        hit = np.flatnonzero(np.any(wrong, axis=others))
        if len(hit) == n:
            continue
        full = np.zeros_like(wrong)
        full[(slice(None),) * axis + (hit,)] = True
        if 2 * np.sum(wrong) < np.sum(full):
            continue
        where: Where = lambda _, f=full & wrong: f  # type: ignore[misc]  # noqa: E731
        what = (
            "entries"
            if wrong.ndim == 1
            else ("rows" if axis == 0 else f"indices of axis {axis}" if axis > 1 else "columns")
        )
        if set(hit.tolist()) <= {0, n - 1} and n > 2:
            ends = {(0,): "first", (n - 1,): "last", (0, n - 1): "first and last"}[tuple(hit.tolist())]
            yield "edge", f"in the {ends} of {n} {what}", where
            continue
        length = len(hit)
        if (
            hit[-1] - hit[0] + 1 == length
            and n % length == 0
            and hit[0] % length == 0
            and n // length in (2, 3, 4, 6, 8)
        ):
            if length > 1:
                which = f"{hit[0]} to {hit[-1]}, block {hit[0] // length} of {n // length} equal ones (a gate, a head)"
                yield "block", f"in the {what} {which}", where
            elif n > 2:
                yield "entry", f"in the {what[:-1]} {hit[0]} of {n}", where
