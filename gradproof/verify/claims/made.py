"""Verdicts as they are made: of a reading, undecided between readings, in the words of layouts and derivatives."""

from __future__ import annotations

import re
from dataclasses import replace

from gradproof.derive.latex.stated.claim import Claim
from gradproof.verify.claims.attempt import Attempt
from gradproof.verify.claims.causes import expanded
from gradproof.verify.claims.correct import written
from gradproof.verify.claims.result import Verdict

Sides = tuple[int, int]
Read = tuple[str, Attempt]
"""A reading in words, and what became of the step in it."""

SHAPE = "the shape of the variable"
WORDS = {
    "denominator": "the axes of the variable first (denominator layout)",
    "numerator": "the axes of what is differentiated first (numerator layout)",
    "transposed": "the transposed shape of the variable (numerator layout)",
    "entries": "entry by entry",
}
THROUGH = "through all equations of the page"
DIRECT = "with all else that the equation reads held constant"
_STATED = {"numerator": re.compile(r"numerator[- ]layout"), "denominator": re.compile(r"denominator[- ]layout")}


def verdict(claim: Claim, sides: Sides, a: Attempt, word: str, **more: object) -> Verdict:
    """Return a verdict on `sides[0] = sides[1]`, with the equations and the notes of a reading."""
    step = a.step
    made = Verdict(
        line=claim.line_of(sides[1]),
        left=claim.text(sides[0]),
        right=claim.text(sides[1]),
        verdict=word,
        place=claim.place(sides[1]),
        derived=claim.is_derivative(sides[0]),
        first=sides[0] == 0,
        used=step.used if step is not None else (),
        notes=step.notes if step is not None else (),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def stated_layout(claim: Claim) -> str:
    """Return the layout that the page names, "mixed" if it names none or both."""
    named = [layout for layout, pattern in _STATED.items() if pattern.search(claim.page_text.lower())]
    return named[0] if len(named) == 1 else "mixed"


def has_both(a: Attempt) -> bool:
    r"""Do `d` and `\partial` both stand in the step?"""
    assert a.step is not None
    return {"d", "partial"} <= {w.sign for w in a.step.wanted}


def layouts(claim: Claim, sides: Sides, a: Attempt, holds: Read, fails: Read) -> Verdict:
    """Return that a step holds in one layout and not in the other."""
    reason = f"the page names no layout: right with {holds[0]}, wrong with {fails[0]}"
    return undecided(claim, sides, a, reason, (holds, fails))


def undecided(claim: Claim, sides: Sides, a: Attempt, reason: str, readings: tuple[Read, ...] = ()) -> Verdict:
    """Return `undecided`, with what each reading gives."""
    said = tuple((words, _gives(claim, sides, b)) for words, b in readings)
    return verdict(claim, sides, a, "undecided", reason=reason, readings=said, values=a.values)


def _gives(claim: Claim, sides: Sides, a: Attempt) -> str:
    """Return what becomes of a step in a reading, and what the derivative is there."""
    verdict = {"refuted": "wrong", "undecided": "it does not fit"}.get(a.verdict, "right")
    if a.found is None or not claim.is_derivative(sides[0]):
        return verdict
    correct, notation = written(claim, a, expanded(a))
    return f"{verdict}; it gives {correct}, in notation {notation}"
