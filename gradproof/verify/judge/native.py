"""A right algorithm in the inputs' own narrow type: does its gradient overflow there, or lose its digits?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradproof.verify.calls import Array, Problem
from gradproof.verify.frameworks.narrow import in_own_type
from gradproof.verify.meter import Spent
from gradproof.verify.report import Report
from gradproof.verify.safely import Failed


def in_given_type(problem: Problem, report: Report) -> Report:
    """Return the report with what float32 or half precision makes of the gradient, if the inputs are of that."""
    if report.verdict != "right" or not problem.is_single:
        return report
    try:
        own = _Own(problem)
        if not np.all(np.isfinite(own.value_in_own_type())):
            return replace(report, advice=(*report.advice, f"f itself is not finite in {own.kind}"))
        return in_own_type(own, report)
    except Failed as error:
        return replace(report, notes=(*report.notes, f"not judged in the inputs' own type: {error}"))
    except Spent:
        return replace(report, unchecked=(*report.unchecked, "the inputs' own type: the budget was spent"))


class _Own:
    """The user's functions for inputs in their own type and in float64.

    Attributes:
        inputs: those that are differentiated, in float64; names: what they are called.
        kind: the narrowest type among them; eps: its unit of roundoff.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.inputs = [problem.inputs[k] for k in problem.wrt]
        self.names = [problem.names[k] for k in problem.wrt]
        kinds = [problem.given[k].dtype for k in problem.wrt if problem.given[k].dtype.kind == "f"]
        self.kind = max(kinds, key=lambda kind: float(np.finfo(kind).eps))
        self.eps = float(np.finfo(self.kind).eps)

    def value(self, *inputs: Array) -> Array:
        """Return f in float64."""
        return self.problem.value(self._all(inputs))

    def value_in_own_type(self) -> Array:
        """Return f for the inputs as they were given."""
        return self.problem.value(self._narrow(self.inputs))

    def claimed(self, inputs: Sequence[Any], cotangent: Array, *, wide: bool) -> list[Any]:
        """Return the gradient, for inputs in float64 or in their own type."""
        passed = self._all(inputs) if wide else self._narrow(inputs)
        self.problem.value(passed)
        seed = cotangent if wide else cotangent.astype(self.kind)
        found = self.problem.gradient(passed, seed if self.problem.vjp is not None else None)
        return [g if isinstance(g, np.ndarray) else None for g in found]

    def _all(self, inputs: Sequence[Any]) -> list[Any]:
        passed = list(self.problem.inputs)
        for k, x in zip(self.problem.wrt, inputs, strict=True):
            passed[k] = np.asarray(x, dtype=np.float64)
        return passed

    def _narrow(self, inputs: Sequence[Any]) -> list[Any]:
        """Return all inputs in the types that they were given in."""
        passed = list(self.problem.given)
        for k, x in zip(self.problem.wrt, inputs, strict=True):
            passed[k] = np.asarray(x).astype(self.problem.given[k].dtype)
        return passed
