"""Which outputs a wrong derivative is of: the column of a Jacobian for an entry that is known to be wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradproof.verify.calls import Array, Failed
from gradproof.verify.judge.claims import Claim
from gradproof.verify.judge.differences import EPS, judge_slope
from gradproof.verify.judge.here import Here
from gradproof.verify.judge.standing import badness
from gradproof.verify.judge.steps import typical
from gradproof.verify.report import Finding

#: So many columns are looked at, and so many outputs of each.
_COLUMNS, _OUTPUTS = 12, 12


def with_outputs(claim: Claim, here: Here, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings with the outputs that they are of; as they were where no single output shows it."""
    found: list[Finding] = []
    for f in findings[:_COLUMNS]:
        try:
            found += _Column(claim, here, f).findings()
        except Failed:
            continue
    return tuple(sorted(found, key=badness)) or tuple(findings)


class _Column:
    """The derivatives of every output by one entry."""

    def __init__(self, claim: Claim, here: Here, finding: Finding) -> None:
        assert claim.column is not None
        self.claim, self.problem, self.here, self.finding = claim, claim.problem, here, finding
        if finding.input not in self.problem.names or finding.note:
            raise Failed("no single entry")
        self.k = self.problem.names.index(finding.input)
        x = here.inputs[self.k]
        if len(finding.index) != x.ndim:
            raise Failed("no single entry")
        self.middle = self.problem.value(here.inputs)
        flat = int(np.ravel_multi_index(finding.index, x.shape)) if x.ndim else 0
        self.claimed = claim.column(here.inputs, self.k, flat)
        own, usual = abs(float(x[finding.index])), typical(x)
        self.scale = own if own > 1e-3 * usual else usual
        self._values: dict[float, Array] = {0.0: self.middle.reshape(-1)}

    def findings(self) -> list[Finding]:
        """Return the outputs whose claimed derivative is certainly wrong."""
        step = 1e-4 * self.scale
        rough = (self._moved(step) - self._moved(-step)) / (2 * step)
        error = np.abs(self.claimed - rough)
        worst = np.argsort(-np.where(np.isfinite(error), error, np.inf), kind="stable")[:_OUTPUTS]
        return [f for row in worst for f in self._judged(int(row))]

    def _judged(self, row: int) -> list[Finding]:
        claimed = float(self.claimed[row])
        middle = float(self.middle.reshape(-1)[row])
        slope = judge_slope(
            lambda t: float(self._moved(t)[row]), middle, claimed, first=self.scale / 8, least=1e-13 * self.scale,
            sigma=EPS * abs(middle), slack=16 * self.problem.eps * abs(claimed), floor=0.0,
        )  # fmt: skip
        if slope.status != "wrong":
            return []
        name, index = self._output(row)
        return [Finding(name, (*index, *self.finding.index), claimed, slope.value, slope.bar, slope.why)]

    def _output(self, row: int) -> tuple[str, tuple[int, ...]]:
        """Return the name of the finding's pair and the output's index."""
        if self.claim.rows is None:
            return self.finding.input, tuple(int(i) for i in np.unravel_index(row, self.middle.shape))
        for name, shape in self.claim.rows:
            size = int(np.prod(shape))
            if row < size:
                single = len(self.claim.rows) == 1
                label = self.finding.input if single else f"{name}, {self.finding.input}"
                return label, tuple(int(i) for i in np.unravel_index(row, shape)) if shape else ()
            row -= size
        raise IndexError(row)

    def _moved(self, t: float) -> Array:
        if t not in self._values:
            moved = list(self.here.inputs)
            x = np.array(moved[self.k])
            x[self.finding.index] += t
            moved[self.k] = x
            self._values[t] = self.problem.value(moved).reshape(-1)
        return self._values[t]
