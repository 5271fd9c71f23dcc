"""Functions of symmetric matrices that read one triangle only (Cholesky's), with a gradient shared by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.here import Here
from gradproof.verify.judge.outcome import Outcome
from gradproof.verify.report import Finding

#: What counts as equal, of the largest entry, beside the error bars.
_CLOSE = 1e-8


def shared_by_triangles(problem: Problem, here: Here, outcome: Outcome) -> Outcome:
    """Return a wrong outcome as right, where all its fault is that both triangles share what f takes from one.

    Such a gradient is that along symmetric changes: with a symmetric input, an f that reads one triangle, and a claim
    that is the symmetric part of the true gradient, no symmetric change tells the two apart.
    """
    if outcome.verdict != "wrong" or not outcome.findings:
        return outcome
    names = sorted({f.input for f in outcome.findings})
    if not all(name in problem.names for name in names):
        return outcome
    for name in names:
        k = problem.names.index(name)
        mine = [f for f in outcome.findings if f.input == name]
        if k not in problem.wrt or not _shared(here.inputs[k], here.gradients[problem.wrt.index(k)], mine):
            return outcome
    problem.notes[f"f reads one triangle of {', '.join(names)} only: the gradient is that along symmetric changes"] = (
        None
    )
    return replace(outcome, verdict="right", reason="the gradient along symmetric changes", findings=())


def _shared(a: Array, claimed: Array, findings: Sequence[Finding]) -> bool:
    if (
        a.ndim != 2
        or not np.array_equal(a, a.T)
        or any(len(f.index) != 2 or not np.isfinite(f.expected) for f in findings)
    ):
        return False
    true, bars = claimed.copy(), np.zeros(a.shape)
    for f in findings:
        true[f.index], bars[f.index] = f.expected, f.error_bar
    slack = _CLOSE * float(np.max(np.abs(true), initial=0.0)) + 3 * (bars + bars.T)
    empty = [bool(np.all(np.abs(part(true, 1 if part is np.triu else -1)) <= slack)) for part in (np.triu, np.tril)]
    if not any(empty) or all(empty) or not np.all(np.isfinite(claimed)):
        return False
    return bool(np.all(np.abs(claimed - (true + true.T) / 2) <= slack))
