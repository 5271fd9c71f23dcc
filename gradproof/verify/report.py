"""The report: a verdict of three values, its strength, the worst entries first, and how to see them again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Verdict = Literal["right", "wrong", "undecided"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One entry of a gradient: what was claimed, and what it is.

    Attributes:
        input: the input's name.
        index: where in it; () for a scalar.
        claimed: the gradient's entry as it was given.
        expected: its value as it was found.
        error_bar: bound (certified) or estimate (measured) of the error of `expected`.
        note: what else there is to say, for example "kink: any value from 0 to 1 is right".
    """

    input: str
    index: tuple[int, ...]
    claimed: float
    expected: float
    error_bar: float
    note: str = ""

    @property
    def relative(self) -> float:
        """The error as a share of the larger of the two."""
        size = max(abs(self.claimed), abs(self.expected))
        return abs(self.claimed - self.expected) / size if size else 0.0

    def __str__(self) -> str:
        place = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        if self.note and self.claimed != self.claimed and self.expected != self.expected:
            return f"{self.input}{place}: {self.note}"
        note = f" ({self.note})" if self.note else ""
        expected = f"{self.expected:.10g} ± {self.error_bar:.1g}"
        return f"{self.input}{place}: claimed {self.claimed:.10g}, expected {expected}{note}"

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return {
            "input": self.input,
            "index": list(self.index),
            "claimed": self.claimed,
            "expected": self.expected,
            "error_bar": self.error_bar,
            "note": self.note,
        }


@dataclass(frozen=True)
class Report:
    """The verdict on a gradient.

    Attributes:
        verdict: "right", "wrong" or "undecided".
        strength: "certified" (ball arithmetic, no tolerance), "measured" (finite differences with an error bar),
            "proved" (symbolic), or "" where nothing was decided.
        reason: why, in words.
        findings: entries in question, worst first.
        wrong: for each input with wrong entries, all their indices, [number of entries, number of axes].
        elsewhere: mistakes seen only at points that the tool chose itself.
        evaluations: calls of the function and of the gradient.
        checked: what was checked and what was not, in words.
        notes: advice that does not change the verdict.
        seed: of the random points and directions.
        diagnosis: what explains the error, best first.
        advice: what to do about it, or about what else was seen.
        severity: how bad it is: "" (right), "mistake", or what only shows in the inputs' own type: "overflow",
            "digits lost".
    """

    verdict: Verdict
    strength: str
    reason: str
    findings: tuple[Finding, ...] = ()
    wrong: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    elsewhere: tuple[Finding, ...] = ()
    evaluations: int = 0
    checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0
    diagnosis: tuple[Any, ...] = ()
    advice: tuple[str, ...] = ()
    severity: str = ""

    def __str__(self) -> str:
        strength = f" ({self.strength})" if self.strength else ""
        lines = [f"gradient {self.verdict}{strength}: {self.reason}"]
        lines += [f"  because: {cause}" for cause in self.diagnosis]
        lines += [f"  {f}" for f in self.findings[:10]]
        if len(self.findings) > 10:
            lines.append(f"  ... and {len(self.findings) - 10} more")
        lines += [f"  elsewhere: {f}" for f in self.elsewhere[:3]]
        lines += [f"  checked: {c}" for c in self.checked]
        lines += [f"  advice: {a}" for a in self.advice]
        lines += [f"  note: {n}" for n in self.notes]
        lines.append(f"  {self.evaluations} evaluations, seed {self.seed}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data (for JSON)."""
        return {
            "verdict": self.verdict,
            "strength": self.strength,
            "reason": self.reason,
            "findings": [f.to_dict() for f in self.findings],
            "wrong": {n: [[int(i) for i in row] for row in a] for n, a in self.wrong.items()},
            "elsewhere": [f.to_dict() for f in self.elsewhere],
            "evaluations": self.evaluations,
            "checked": list(self.checked),
            "notes": list(self.notes),
            "seed": self.seed,
            "diagnosis": [cause.to_dict() for cause in self.diagnosis],
            "advice": list(self.advice),
            "severity": self.severity,
        }

    def to_json(self, **options: Any) -> str:
        """Return the report as JSON text; options as for `json.dumps`. Numbers that JSON lacks are null."""
        return json.dumps(plain_data(self.to_dict()), allow_nan=False, **options)


def plain_data(data: Any) -> Any:
    """Return the data with None for infinities and what is no number."""
    if isinstance(data, dict):
        return {key: plain_data(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain_data(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
