"""The report on one claim or on several."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gradproof.verify.calls import Array
from gradproof.verify.judge.again import unchecked
from gradproof.verify.judge.course import Course
from gradproof.verify.judge.options import Options
from gradproof.verify.judge.outcome import Outcome
from gradproof.verify.judge.taylor import remainders
from gradproof.verify.judge.why import Why, diagnosed
from gradproof.verify.report import Remainder, Report

#: Relative errors that an inexact f may explain.
_NEARLY = 1e-3
_ORDER = ("wrong", "undecided", "right")
_STRENGTHS = ("", "measured", "certified", "proved")


def report_of(course: Course, outcome: Outcome) -> Report:
    """Return the report on one claim; a wrong one with its diagnosis."""
    wrong: dict[str, list[tuple[int, ...]]] = {}
    for f in outcome.findings if outcome.verdict == "wrong" else ():
        wrong.setdefault(f.input, []).append(f.index)
    problem, options, why = course.problem, course.options, Why()
    if outcome.verdict == "wrong" and outcome.here is not None:
        why = diagnosed(
            problem, outcome.here, outcome.findings, exact=course.exact, seed=options.seed, system=options.system
        )
    taylor: tuple[Remainder, ...] = ()
    if outcome.here is not None and course.deterministic:
        taylor = remainders(problem, outcome.here, options.seed)
    return Report(
        verdict=outcome.verdict,
        strength=outcome.strength,
        reason=outcome.reason,
        findings=outcome.findings,
        wrong={n: _indices(rows) for n, rows in wrong.items()},
        elsewhere=outcome.elsewhere,
        evaluations=problem.evaluations,
        checked=(outcome.checked,) if outcome.checked else (),
        notes=tuple(problem.notes),
        seed=options.seed,
        diagnosis=why.causes,
        advice=_advice(outcome, options),
        severity=outcome.severity or ("mistake" if outcome.verdict == "wrong" else ""),
        unchecked=(*unchecked(problem, options), *outcome.unchecked),
        taylor=taylor,
        gradients=_gradients(course, outcome, why),
    )


def _advice(outcome: Outcome, options: Options) -> tuple[str, ...]:
    """Say what a gradient that is wrong in its last digits alone may be: that of an f that is no more exact."""
    errors = [f.relative for f in outcome.findings]
    if outcome.verdict != "wrong" or outcome.severity or options.rtol or not errors:
        return ()
    worst = max(errors)
    if not 0 < worst < _NEARLY:
        return ()
    allowed = 10.0 ** math.ceil(math.log10(2 * worst))
    text = f"no entry is off by more than {worst:.1g} of itself: if f is no more exact than that (an iteration that"
    return (f"{text} stops at a tolerance, a table), rtol={allowed:.0e} allows for it",)


def _gradients(course: Course, outcome: Outcome, why: Why) -> dict[str, tuple[Array, Array]]:
    """Return (claimed, expected) for each input, where the latter was computed."""
    if outcome.here is None or not why.expected:
        return {}
    names = [course.problem.names[k] for k in course.problem.wrt]
    return {n: (g, e) for n, g, e in zip(names, outcome.here.gradients, why.expected, strict=True)}


def _indices(rows: list[tuple[int, ...]]) -> np.ndarray:
    """Return all indices, sorted; whole inputs (no index) stand for themselves."""
    longest = max(len(row) for row in rows)
    same = sorted({row for row in rows if len(row) == longest})
    return np.array(same, dtype=np.int64).reshape(len(same), -1)


def together(reports: Sequence[tuple[str, Report]]) -> Report:
    """Return one report on several claims: the worst verdict, the weakest strength, everything else side by side."""
    if len(reports) == 1:
        return reports[0][1]
    verdict = min((r.verdict for _, r in reports), key=_ORDER.index)
    deciding = [(n, r) for n, r in reports if r.verdict == verdict]
    strength = min((r.strength for _, r in deciding), key=_STRENGTHS.index)
    return Report(
        verdict=verdict,
        strength=strength,
        reason="; ".join(f"{n}: {r.reason}" for n, r in deciding),
        findings=tuple(f for _, r in deciding for f in r.findings),
        wrong={name: rows for _, r in reports for name, rows in r.wrong.items()},
        elsewhere=tuple(f for _, r in reports for f in r.elsewhere),
        evaluations=max(r.evaluations for _, r in reports),
        checked=tuple(f"{n}: {c}" for n, r in reports for c in r.checked),
        notes=tuple(dict.fromkeys(note for _, r in reports for note in r.notes)),
        seed=reports[0][1].seed,
        diagnosis=tuple(cause for _, r in reports for cause in r.diagnosis),
        unchecked=tuple(dict.fromkeys(u for _, r in reports for u in r.unchecked)),
        taylor=next((r.taylor for _, r in deciding if r.taylor), ()),
        gradients=next((r.gradients for _, r in deciding if r.gradients), {}),
        advice=tuple(dict.fromkeys(a for _, r in reports for a in r.advice)),
        severity=next((r.severity for _, r in deciding if r.severity), ""),
    )
