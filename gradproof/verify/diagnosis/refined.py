"""The true gradient from a tape where it was only measured: one that agrees knows its digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Array, Case
from gradproof.verify.diagnosis.tape.record import Untapeable
from gradproof.verify.diagnosis.tape.reverse import Edges, Reverse
from gradproof.verify.diagnosis.tape.run import run_on_tape

#: A gradient that is known so well needs no tape; one that is measured worse than the other tells nothing of a tape.
_WELL, _BADLY = 1e-11, 1e-3
#: How well a tape knows a gradient, and what a claim in single precision is good to.
_TAPED, _SINGLE = 1e-12, 3e-7
#: Of larger gradients a sample of entries is enough.
_LARGE = 2000


def refined(case: Case) -> Case:
    """Return the case with the tape's gradient for the measured one, where the two agree; else the case itself."""
    size = sum(np.size(c) for c in case.claimed)
    if case.function is None or size > _LARGE or not _WELL < case.accuracy <= _BADLY:
        return case
    found, again = _taped(case, case.inputs), _taped(case, case.inputs)
    if found is None or again is None or not all(np.array_equal(a, b) for a, b in zip(found, again, strict=True)):
        return case  # a function with noise
    if not all(_agree(case, g, e) for g, e in zip(found, case.expected, strict=True)):
        return case
    accuracy = _SINGLE if all(_is_single(np.asarray(c)) for c in case.claimed) else _TAPED
    return replace(case, expected=found, accuracy=accuracy, reference=lambda inputs: _taped(case, inputs))


def _taped(case: Case, inputs: Sequence[Any]) -> list[Array] | None:
    try:
        run = run_on_tape(case.function, inputs, case.wrt, case.code)  # type: ignore[arg-type]
        return [g[0] for g in Reverse(run, case.cotangent).gradients([Edges()])]
    except Untapeable:
        return None


def _agree(case: Case, taped: Array, measured: Array) -> bool:
    known = np.isfinite(measured)
    if not np.any(known) or not np.all(np.isfinite(taped)):
        return False
    size = float(np.max(np.abs(measured[known])))
    return bool(np.all(np.abs(taped - measured)[known] <= 3 * case.accuracy * size))


def _is_single(claimed: Array) -> bool:
    with np.errstate(over="ignore"):
        return np.array_equal(claimed.astype(np.float32).astype(np.float64), claimed)
