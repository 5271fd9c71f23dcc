"""What became of the claims of a page, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradproof.errors import Span


@dataclass(frozen=True, slots=True)
class Values:
    """A point at which the two sides certainly differ.

    Attributes:
        entry: the entry that differs most: `[j]` at its numbers, "" for a number.
        expected: the value of what the line before says, or of the derivation, 15 digits.
        claimed: the value of what is claimed.
        sizes: the sizes.
        inputs: the inputs, as nested lists.
        agreeing: at how many points tried the two agree.
        tried: how many points were tried.
    """

    entry: str
    expected: str
    claimed: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, Any]
    agreeing: int
    tried: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one equals sign.

    Attributes:
        line: where the right side stands, from 1.
        left: the left side as the page has it.
        right: the right side.
        verdict: "right", "wrong" or "undecided"; "condition" for an equation that the text says is none for all values.
        strength: "proved" or "certified", where it is right.
        reason: why it is undecided, or where it was refuted.
        place: where the right side stands.
        used: the page's equations that it was judged by: (name, line).
        values: the counterexample, where it is wrong.
        correct: what should stand at the right, in LaTeX; "" where that is not known.
        notation: the same in the notation of gradproof.
        causes: what is wrong with it, in words; () where no simple mistake explains it.
        notes: how it was read.
        readings: (reading, verdict), where it may be read in several ways.
        derived: whether the left side is a derivative, or was shown to be it, so that its value is the true one.
        first: whether it is the first equals sign of the claim.
    """

    line: int
    left: str
    right: str
    verdict: str
    strength: str = ""
    reason: str = ""
    place: Span | None = None
    used: tuple[tuple[str, int], ...] = ()
    values: Values | None = None
    correct: str = ""
    notation: str = ""
    causes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    derived: bool = False
    first: bool = False

    @property
    def begins(self) -> str:
        """The left side, where the line begins with it; "" where it goes on with `=`."""
        return f"{self.left} " if self.first else ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as docs/json.md documents it."""
        found = self.values
        return {
            "line": self.line,
            "left": self.left,
            "right": self.right,
            "verdict": self.verdict,
            "strength": self.strength,
            "reason": self.reason,
            "used": [{"name": name, "line": line} for name, line in self.used],
            "counterexample": None
            if found is None
            else {
                "entry": found.entry,
                "expected": found.expected,
                "claimed": found.claimed,
                "sizes": dict(found.sizes),
                "inputs": dict(found.inputs),
                "agreeing": found.agreeing,
                "tried": found.tried,
            },
            "correct": self.correct,
            "notation": self.notation,
            "causes": list(self.causes),
            "notes": list(self.notes),
            "readings": [{"reading": r, "verdict": v} for r, v in self.readings],
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim of a page and the verdicts on its steps, in order.

    Attributes:
        line: where it begins.
        latex: its text.
        steps: a verdict for each equals sign.
    """

    line: int
    latex: str
    steps: tuple[Verdict, ...]

    @property
    def verdict(self) -> str:
        """The worst of the steps' verdicts."""
        met = {s.verdict for s in self.steps}
        return next((v for v in ("wrong", "undecided", "condition") if v in met), "right")
