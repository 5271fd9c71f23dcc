"""The verdict at one point, by the exact path or by the measured one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradproof.verify.balls.exactly import DIRECTIONS
from gradproof.verify.calls import Problem
from gradproof.verify.judge.bisect import is_tail, measure
from gradproof.verify.judge.clarke import outside_hull
from gradproof.verify.judge.compare import HIDDEN, Exact, compare_exactly
from gradproof.verify.judge.here import Here
from gradproof.verify.judge.lost import lost_in_floats, severity_of
from gradproof.verify.judge.measured import Measured, Ruler, alike
from gradproof.verify.meter import Spent
from gradproof.verify.report import Finding, Verdict

_STEPS = "f moves by steps (is it rounded?), between which its derivative is 0: judged by its slope over many of them"


#: Places in the interval of one-sided slopes, from -1 to 1, and their names.
_TAKEN = ((-1.0, "the lower one"), (1.0, "the upper one"), (0.0, "the middle"))
_AT = 0.01


@dataclass(frozen=True)
class Outcome:
    """What was found at one point (`here`); the other fields are those of a report."""

    verdict: Verdict
    strength: str
    reason: str
    findings: tuple[Finding, ...] = ()
    checked: str = ""
    elsewhere: tuple[Finding, ...] = ()
    unchecked: tuple[str, ...] = ()
    severity: str = ""
    here: Here | None = None


def exact_outcome(
    problem: Problem, here: Here, rng: np.random.Generator, *, given: bool = True, rtol: float = 0.0
) -> Outcome:
    """Return the verdict by ball arithmetic, set beside float64 differences: if they contradict it, nothing is decided.

    At a point that is not the given one, a large gradient is tried along one direction, and a right one is not
    measured once more.

    Raises:
        Untraceable: f cannot be followed in balls, or has a kink exactly there.
    """
    found = compare_exactly(problem, here, rng, DIRECTIONS if given else 1, rtol=rtol)
    names = ", ".join(problem.names[k] for k in problem.wrt)
    every = found.directions is None
    checked = f"every entry of {names}" if every else f"{found.directions} random directions through {names}"
    lost = lost_in_floats(problem, here, found.gradients, rtol) if given and not found.findings else ()
    if lost:
        return Outcome("wrong", "certified", lost[0].note, lost, checked, severity=severity_of(lost))
    if (given or found.findings) and _contradicted(problem, found, here, rng, rtol):
        if found.findings and all(f.expected == 0 for f in found.findings):
            measured = measured_outcome(problem, here, rng, rtol=rtol)
            if measured.verdict == "right":
                problem.notes[_STEPS] = None
                return measured
        text = "exact arithmetic and float64 differences of f contradict each other: f behaves differently in floats"
        return Outcome("undecided", "", f"{text} (casts, rounding, state)", (), checked)
    if found.findings:
        reason = _worst(found.findings, searched=not every)
        return Outcome("wrong", "certified", reason, found.findings, checked)
    if found.unclear:
        text = f"{_count(found.unclear, 'entry is', 'entries are')} {HIDDEN}, the worst in {found.unclear[0].input}"
        return Outcome("undecided", "", text, found.unclear, checked)
    if found.certified:
        return Outcome("right", "certified", "equal to the exact derivative, to 40 digits", (), checked)
    why = found.why_floats or "its constants are rounded to floats"
    return Outcome("right", "measured", f"equal to the exact derivative to its rounding ({why})", (), checked)


def _contradicted(problem: Problem, found: Exact, here: Here, rng: np.random.Generator, rtol: float) -> bool:
    """Does a float64 difference exclude the exact value, beyond its own error bar?

    It is taken at the worst wrong entry; where none is wrong, along random directions through each input.
    """
    if found.findings:
        worst = found.findings[0]
        if worst.note:  # along a random direction: no entry
            return False
        place = problem.wrt.index(problem.names.index(worst.input))
        shape = here.inputs[problem.wrt[place]].shape
        flat = int(np.ravel_multi_index(worst.index, shape)) if shape else 0
        return Ruler(problem, here, rng, rtol=rtol).entry(place, flat, worst.expected).slope.status == "wrong"
    if found.gradients:
        here = replace(here, gradients=list(found.gradients))
    sizes = [here.inputs[k].size for k in problem.wrt]
    groups = [(p, chosen) for p, n in enumerate(sizes) if n for chosen in alike(here, p)]
    ruler = Ruler(problem, here, rng, rtol=rtol)
    doubtful = [(p, chosen) for p, chosen in groups if not ruler.agrees_roughly(p, chosen)]
    return any(ruler.along(p, chosen).slope.status == "wrong" for p, chosen in doubtful)


def measured_outcome(problem: Problem, here: Here, rng: np.random.Generator, *, rtol: float = 0.0) -> Outcome:
    """Return the verdict by finite differences with error bars."""
    ruler = Ruler(problem, here, rng, rtol=rtol)
    entries: list[Measured] = []
    spent = False
    try:
        for entry in measure(ruler):
            # One by one: what was measured before the budget ended counts.
            entries.append(entry)  # noqa: PERF402
    except Spent:
        spent = True
    status = {s: [e for e in entries if e.slope.status == s] for s in ("wrong", "unknown", "kink")}
    checked = f"{len(entries)} finite differences"
    _note_kinks(problem, status["kink"])
    if status["wrong"]:
        findings = tuple(_finding(problem, e) for e in sorted(status["wrong"], key=_error, reverse=True))
        return Outcome("wrong", "measured", _worst(findings), findings, checked)
    tail = [e for e in status["unknown"] if is_tail(ruler, e)]
    status["unknown"] = [e for e in status["unknown"] if e not in tail]
    outside = outside_hull(ruler, status["kink"]) if not spent else ()
    if outside:
        return Outcome("wrong", "measured", _worst(outside), outside, checked)
    if spent:
        text = (
            f"the budget ({problem.meter.budget}) was spent after {len(entries)} finite differences, all right so far"
        )
        return Outcome("undecided", "", text, (), checked)
    why = _doubt(entries, status["unknown"])
    if why:
        return Outcome("undecided", "", why, tuple(_finding(problem, e) for e in status["unknown"]), checked)
    reason = f"within the error bars of finite differences{_widest(entries)}"
    return Outcome("right", "measured", reason, (), checked, unchecked=_tails(problem, tail))


def _note_kinks(problem: Problem, kinks: Sequence[Measured]) -> None:
    """Note which of the one-sided slopes the gradient takes at kinks."""
    taken: dict[str, int] = {}
    for e in kinks:
        share = (e.claimed - e.slope.value) / e.slope.bar if e.slope.bar else 0.0
        name = next((name for at, name in _TAKEN if abs(share - at) < _AT), "a value between the one-sided slopes")
        taken[name] = taken.get(name, 0) + 1
    for name, count in taken.items():
        text = "1 entry" if count == 1 else f"{count} entries"
        problem.notes[f"{text} at a kink, where any value between the one-sided slopes is right: {name} is taken"] = (
            None
        )


def _tails(problem: Problem, tail: Sequence[Measured]) -> tuple[str, ...]:
    """Say which entries are too small to be seen."""
    counts: dict[str, int] = {}
    for e in tail:
        counts[problem.names[e.input]] = counts.get(problem.names[e.input], 0) + e.count
    return tuple(f"{n} entries of {name}: too small beside f's rounding" for name, n in counts.items())


def _doubt(entries: Sequence[Measured], unknown: Sequence[Measured]) -> str:
    """Say why nothing can be decided; "" if it can."""
    if unknown:
        count = "1 entry" if len(unknown) == 1 else f"{len(unknown)} entries"
        return f"{count} undecided: {unknown[0].slope.why}"
    return "" if entries else "there is nothing to compare: every input is empty"


def _widest(entries: Sequence[Measured]) -> str:
    """Say how wide the error bars are where it matters; "" where they are narrow."""
    shares = [e.slope.bar / abs(e.slope.value) for e in entries if e.slope.status == "right" and e.slope.value]
    widest = max((s for s in shares if s <= 0.1), default=0.0)
    return f" (the widest: {widest:.1%} of its entry)" if widest > 1e-3 else ""


def _finding(problem: Problem, e: Measured) -> Finding:
    note = e.slope.why or ("along a random direction" if e.index is None else "")
    return Finding(problem.names[e.input], e.index or (), e.claimed, e.slope.value, e.slope.bar, note)


def _worst(findings: Sequence[Finding], *, searched: bool = False) -> str:
    """Say how many entries differ; those that were searched for are not all."""
    least = "at least " if searched else ""
    return f"{least}{_count(findings, 'entry differs', 'entries differ')}, the worst in {findings[0].input}"


def _count(findings: Sequence[Finding], one: str, several: str) -> str:
    return f"1 {one}" if len(findings) == 1 else f"{len(findings)} {several}"


def _error(e: Measured) -> float:
    difference = abs(e.claimed - e.slope.value)
    return float("inf") if np.isnan(difference) else difference
