"""The report: a verdict of three values, its strength, the worst entries first, and how to see them again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Remainder:
    """How f changes over a step h along d: `zeroth` is |f(x + hd) - f(x)|, `first` |f(x + hd) - f(x) - h g.d|.

    `first` falls as h**2 where the claimed gradient is right, as h where it is wrong.
    """

    step: float
    zeroth: float
    first: float

    def to_dict(self) -> dict[str, Any]:
        """Return the three numbers as plain data."""
        return {"step": self.step, "zeroth": self.zeroth, "first": self.first}


@dataclass(frozen=True)
class Report:
    """The verdict on a gradient. `str(report)` is plain text; rich prints it in colour.

    Attributes:
        verdict: "right", "wrong" or "undecided".
        strength: "certified" (ball arithmetic, no tolerance), "measured" (finite differences with an error bar),
            "proved" (symbolic), or "" where nothing was decided.
        reason: why, in words.
        findings: entries in question, worst first.
        wrong: for each input with wrong entries, all their indices, [number of entries, number of axes].
        elsewhere: mistakes seen only at points that the tool chose itself.
        evaluations: calls of the function and of the gradient.
        checked: what was checked, in words; unchecked: what was not.
        notes: advice that does not change the verdict.
        seed: of the random points and directions.
        diagnosis: what explains the error, best first.
        advice: what to do about it, or about what else was seen.
        severity: how bad it is: "" (nothing), "mistake", or what only shows in the inputs' own type: "overflow",
            "digits lost".
        taylor: the Taylor remainder along a random direction, the greatest step first.
        gradients: of a wrong gradient for each input (claimed, expected), NaN where the latter is not known.
        again: a line to type that repeats the check.
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
    unchecked: tuple[str, ...] = ()
    taylor: tuple[Remainder, ...] = ()
    gradients: Mapping[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = field(default_factory=dict)
    again: str = ""

    def __str__(self) -> str:
        from gradproof.verify.report_text import lines_of

        return "\n".join(lines_of(self))

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        from gradproof.verify.report_rich import parts_of

        yield from parts_of(self)

    def plot(self, path: str | Path) -> None:
        """Write the Taylor-remainder plot and the error maps as SVG, PNG or PDF, by the path's suffix.

        Raises:
            InputError: matplotlib is not installed, or the suffix is another one.
        """
        from gradproof.verify.report_plot import plot

        plot(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data; docs/report.md says what each key holds."""
        return {
            "format": "gradproof-report",
            "version": 1,
            "verdict": self.verdict,
            "strength": self.strength,
            "severity": self.severity,
            "reason": self.reason,
            "diagnosis": [cause.to_dict() for cause in self.diagnosis],
            "findings": [f.to_dict() for f in self.findings],
            "wrong": {n: [[int(i) for i in row] for row in a] for n, a in self.wrong.items()},
            "elsewhere": [f.to_dict() for f in self.elsewhere],
            "checked": list(self.checked),
            "unchecked": list(self.unchecked),
            "advice": list(self.advice),
            "notes": list(self.notes),
            "taylor": [r.to_dict() for r in self.taylor],
            "evaluations": self.evaluations,
            "seed": self.seed,
            "again": self.again,
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
