"""The verdict on a claim: each equals sign, in every way in which the page may be read there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from gradproof.derive.latex.stated.claim import Claim
from gradproof.derive.latex.stated.step import Reading
from gradproof.errors import Span
from gradproof.verify.claims.attempt import Attempt, at_points, attempt, diagonal, refuted
from gradproof.verify.claims.causes import causes_of, expanded
from gradproof.verify.claims.correct import correct_line, written
from gradproof.verify.claims.result import Judged, Verdict

Sides = tuple[int, int]
Quiet = Callable[[str], None]
Read = tuple[str, Attempt]
"""A reading in words, and what became of the step in it."""

_SHAPE = "the shape of the variable"
_WORDS = {
    "denominator": "the axes of the variable first (denominator layout)",
    "numerator": "the axes of what is differentiated first (numerator layout)",
    "transposed": "the transposed shape of the variable (numerator layout)",
    "entries": "entry by entry",
}
_STATED = {"numerator": re.compile(r"numerator[- ]layout"), "denominator": re.compile(r"denominator[- ]layout")}
#: Signs and words by which a text may restrict a statement to a part of what its names can be.
_RESTRICTS = re.compile(
    r"[<>]|\\(?:geq?|leq?|gt|lt|neq?|approx)\b|\b(?:if|when|for|where|positive|negative|non-?zero|small|large|near"
    r"|assum\w+|suppose|provided|given that|restrict\w+)\b",
    re.IGNORECASE,
)
#: Words by which a text may make an equation a condition instead of a statement.
_CONDITION = re.compile(
    r"\b(?:if|when|where|suppose|assum\w+|let|such that|satisf\w+|condition\w*|constraint\w*|subject to|solv\w+"
    r"|optim\w+|minimum|maximum|stationary|setting|set|symmetric|orthogonal|commut\w+|invertible|idempotent"
    r"|require\w*|want|normal equations?|root|fixed point)\b",
    re.IGNORECASE,
)


def judge_claims(claims: Iterable[Claim], *, seed: int = 0, doing: Quiet = lambda _: None) -> tuple[Judged, ...]:
    """Return the verdicts on the claims of a page, in order.

    Args:
        claims: as the page was read.
        seed: of the random points.
        doing: is told what is judged.
    """
    out = []
    for claim in claims:
        doing(f"line {claim.line}: judge what is claimed")
        out.append(judge_claim(claim, seed=seed))
    return tuple(out)


def judge_claim(claim: Claim, *, seed: int = 0) -> Judged:
    """Return the verdicts on a claim; each line of a chain is judged against the one before it."""
    steps: list[Verdict] = []
    if not claim.steps and (a := attempt(claim, (0, 0), Reading(), seed)).error is not None:
        steps.append(_verdict(claim, (0, 0), a, "undecided", reason=_as_text(a), place=_where(claim, 0, a)))
    for k in range(claim.steps):
        found = _step(claim, (k, k + 1), seed, fallen=any(s.verdict == "wrong" for s in steps))
        wrong = next((s for s in steps if s.verdict == "wrong"), None)
        steps.append(found if wrong is None else _after_a_mistake(claim, k + 1, found, wrong, seed))
    return Judged(claim.line, claim.chain.latex, tuple(steps))


def _after_a_mistake(claim: Claim, side: int, found: Verdict, wrong: Verdict, seed: int) -> Verdict:
    """Say that a line is judged against a wrong one, and whether it equals the beginning again."""
    notes = [f"judged against the line before it as it stands; the chain is wrong from line {wrong.line} on"]
    if attempt(claim, (0, side), Reading(), seed).right:
        notes.append(f"it equals the beginning of the chain, {claim.text(0)}, again")
    return replace(found, notes=(*found.notes, *notes))


# ---------------------------------------------------------------- one step


def _step(claim: Claim, sides: Sides, seed: int, *, fallen: bool) -> Verdict:
    first = attempt(claim, sides, Reading(_stated_layout(claim)), seed)
    if first.right:
        return _right(claim, sides, first, seed)
    if first.verdict == "refuted":
        return _refuted(claim, sides, first, seed, fallen=fallen)
    return _unclear(claim, sides, first, seed)


def _verdict(claim: Claim, sides: Sides, a: Attempt, verdict: str, **more: object) -> Verdict:
    step = a.step
    made = Verdict(
        line=claim.line_of(sides[1]),
        left=claim.text(sides[0]),
        right=claim.text(sides[1]),
        verdict=verdict,
        place=claim.place(sides[1]),
        derived=claim.is_derivative(sides[0]),
        first=sides[0] == 0,
        used=step.used if step is not None else (),
        notes=step.notes if step is not None else (),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _stated_layout(claim: Claim) -> str:
    """Return the layout that the page names, "mixed" if it names none or both."""
    named = [layout for layout, pattern in _STATED.items() if pattern.search(claim.page_text.lower())]
    return named[0] if len(named) == 1 else "mixed"


def _right(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict:
    """Confirm what was certified at more points, and what holds in one layout in the other one."""
    assert a.step is not None
    assert a.found is not None
    if a.verdict == "certified":
        for more in range(1, 6):
            judge = at_points(a.found, seed + 1000 * more)
            if judge.counterexample is not None:
                return _refuted(claim, sides, refuted(a.step, a.found, judge), seed, fallen=False)
    if "jacobian" in a.step.open and _stated_layout(claim) == "mixed":
        other = attempt(claim, sides, Reading("denominator"), seed)
        if other.verdict == "refuted":
            return _layouts(claim, sides, a, (_WORDS["numerator"], a), (_WORDS["denominator"], other))
    return _verdict(claim, sides, a, "right", strength=a.verdict)


def _layouts(claim: Claim, sides: Sides, a: Attempt, holds: Read, fails: Read) -> Verdict:
    """Return that a step holds in one layout and not in the other."""
    reason = f"the page names no layout: right with {holds[0]}, wrong with {fails[0]}"
    return _undecided(claim, sides, a, reason, (holds, fails))


def _undecided(claim: Claim, sides: Sides, a: Attempt, reason: str, readings: tuple[Read, ...] = ()) -> Verdict:
    """Return `undecided`, with what each reading gives."""
    said = tuple((words, _gives(claim, sides, b)) for words, b in readings)
    return _verdict(claim, sides, a, "undecided", reason=reason, readings=said, values=a.values)


def _gives(claim: Claim, sides: Sides, a: Attempt) -> str:
    """Return what becomes of a step in a reading, and what the derivative is there."""
    verdict = {"refuted": "wrong", "undecided": "it does not fit"}.get(a.verdict, "right")
    if a.found is None or not claim.is_derivative(sides[0]):
        return verdict
    correct, notation = written(claim, a, expanded(a))
    return f"{verdict}; it gives {correct}, in notation {notation}"


# ---------------------------------------------------------------- what cannot be read or derived


def _unclear(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict:
    """Return what becomes of a step that cannot be read as it stands, but perhaps in another layout."""
    if claim.derives:
        for layout in ("entries", "denominator", "numerator"):
            b = attempt(claim, sides, Reading(layout), seed)
            if b.right and layout == "entries":
                return _entry_by_entry(claim, sides, a, b)
            if b.right:
                words = _WORDS["transposed" if layout == "numerator" else layout]
                reason = f"right with {words}; with {_SHAPE} the shapes do not fit: {a.reason}"
                return _undecided(claim, sides, b, reason, ((words, b), (_SHAPE, a)))
            if b.verdict == "refuted" and layout == "entries":
                return _undecided(claim, sides, b, f"{a.reason}; entry by entry it does not hold either")
        letters = claim.free(sides[1])
        if letters and _not_bound(a):
            return _with_a_sum(claim, sides, a, letters, seed)
    return _verdict(claim, sides, a, "undecided", reason=_as_text(a), place=_where(claim, sides[1], a))


def _where(claim: Claim, side: int, a: Attempt) -> Span:
    found = a.error.where if a.error is not None else None
    return found or claim.place(side)


def _not_bound(a: Attempt) -> bool:
    return a.error is not None and "is not bound" in a.error.message


def _as_text(a: Attempt) -> str:
    expected = f"; expected {a.error.expected}" if a.error is not None and a.error.expected else ""
    return f"{a.reason}{expected}"


def _entry_by_entry(claim: Claim, sides: Sides, a: Attempt, b: Attempt) -> Verdict:
    """Return what holds entry by entry; that is all of a derivative only where no entry depends on another one."""
    words = _WORDS["entries"]
    if not diagonal(b):
        reason = f"right {words}, but there are other derivatives, of one entry for another; {a.reason}"
        return _undecided(claim, sides, b, reason, ((words, b),))
    note = f"the derivative of one array for another is read {words}, as its shape says"
    found = _verdict(claim, sides, b, "right", strength=b.verdict)
    return replace(found, notes=(*found.notes, note))


def _with_a_sum(claim: Claim, sides: Sides, a: Attempt, letters: tuple[str, ...], seed: int) -> Verdict:
    b = attempt(claim, sides, Reading(summed=letters), seed)
    over = " and ".join(letters)
    what = {"refuted": "wrong", "undecided": "unclear"}.get(b.verdict, "right")
    reason = f"nothing binds {over} at the right: a sum over {over}, or one value of it? With the sum it is {what}"
    return _undecided(claim, sides, a, reason, ((f"with a sum over {over}", b), (f"for one {over}", a)))


# ---------------------------------------------------------------- what a counterexample refutes


def _refuted(claim: Claim, sides: Sides, a: Attempt, seed: int, *, fallen: bool) -> Verdict:
    """Return `wrong`, unless the page may mean something else for which it is right."""
    doubt = _doubt(claim, sides, a, seed)
    if doubt is not None:
        return doubt
    causes, mended = causes_of(a)
    correct, notation = correct_line(claim, sides, a, mended, fallen=fallen)
    found = _verdict(claim, sides, a, "wrong", values=a.values, causes=causes, correct=correct, notation=notation)
    true = found.derived or (claim.is_derivative(0) and not fallen)
    return replace(found, reason="refuted by a counterexample", derived=true)


def _doubt(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    assert a.step is not None
    is_zero = claim.is_zero(sides[1]) or claim.is_zero(sides[0])
    if is_zero or (not claim.derives and claim.chain.head is None):
        found = _condition(claim, sides, a, is_zero=is_zero)
        if found is not None:
            return found
    if a.step.foreign:
        names = " and ".join(a.step.foreign)
        reason = f"no equation on this page that leads here knows {names}: what it is, is not said"
        return _undecided(claim, sides, a, reason)
    if claim.is_zero(sides[1]) or claim.is_zero(sides[0]):
        return _undecided(claim, sides, a, "it is not 0 everywhere: a condition, as for an optimum, or a statement?")
    return (
        _other_layout(claim, sides, a, seed)
        or _other_definition(claim, sides, a, seed)
        or _strictly_partial(claim, sides, a, seed)
        or _restricted(claim, sides, a, seed)
    )


def _condition(claim: Claim, sides: Sides, a: Attempt, *, is_zero: bool) -> Verdict | None:
    """Return that an equation that does not hold for all values is a condition, or may be one; None if it is neither.

    It is one where the text says so, and may be one where its sides read different names, or one of them is 0.
    """
    cue = _CONDITION.search(claim.around(200))
    if cue is not None:
        reason = f"it does not hold for all values; read as a condition, for the text beside it: {cue.group()}"
        return _verdict(claim, sides, a, "condition", reason=reason)
    if is_zero:
        return _undecided(claim, sides, a, "it is not 0 everywhere: a condition, as for an optimum, or a statement?")
    reads = claim.names_of_sides
    if any(x != reads[0] for x in reads) or not all(claim.is_compound(j) for j in range(len(claim.chain.sides))):
        return _undecided(
            claim, sides, a, "it does not hold for all values: an identity that is wrong, or a condition?"
        )
    return None


def _other_layout(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    assert a.step is not None
    if _stated_layout(claim) != "mixed":
        return None
    kinds = (("gradient", "numerator", "transposed", _SHAPE), ("jacobian", "denominator", "denominator", "numerator"))
    for kind, layout, words, mine in kinds:
        b = attempt(claim, sides, Reading(layout), seed) if kind in a.step.open else None
        if b is not None and b.right:
            return _layouts(claim, sides, a, (_WORDS[words], b), (_WORDS.get(mine, mine), a))
    return None


def _other_definition(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    assert a.step is not None
    for name, line in a.step.used:
        for position, other in claim.others(name, line):
            b = attempt(claim, sides, Reading(chosen=((name, position),)), seed)
            if b.right:
                reason = f"{name} is defined in lines {line} and {other}: wrong for that of line {line}, the nearest, "
                readings = ((f"{name} of line {line}", a), (f"{name} of line {other}", b))
                return _undecided(claim, sides, a, f"{reason}right for that of line {other}", readings)
    return None


def _strictly_partial(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    assert a.step is not None
    if not any(w.sign == "partial" for w in a.step.wanted):
        return None
    b = attempt(claim, sides, Reading(), seed, direct=True)
    if not b.right:
        return None
    through = "through all equations of the page"
    direct = "with all that the equation itself does not show held constant"
    reason = f"wrong for the derivative {through}, right for the partial derivative {direct}"
    return _undecided(claim, sides, a, reason, ((through, a), (direct, b)))


def _restricted(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    """A statement that holds at some points may be restricted to them by the text."""
    cue = _RESTRICTS.search(claim.around(300))
    if cue is None:
        return None
    assert a.found is not None
    assert a.judge is not None
    tries = [a.judge, *(at_points(a.found, seed + 1000 * k) for k in range(1, 4))]
    holds = [p for judge in tries for p in judge.agreed if all(n > 1 for n in p.sizes.values())]
    if not holds:
        return None
    reason = (
        f"it holds at some points and not at others, and the text beside it ({cue.group().strip()}) may restrict it"
    )
    return _undecided(claim, sides, a, reason)
