"""The verdict on a claim: each equals sign, in every way in which the page may be read there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from gradproof.derive.latex.stated.claim import Claim
from gradproof.derive.latex.stated.step import Reading
from gradproof.errors import GradproofError, Span
from gradproof.verify.claims.attempt import Attempt, at_points, attempt, diagonal, refuted
from gradproof.verify.claims.causes import causes_of
from gradproof.verify.claims.correct import correct_line
from gradproof.verify.claims.doubts import doubt
from gradproof.verify.claims.made import (
    DIRECT,
    SHAPE,
    THROUGH,
    WORDS,
    Sides,
    has_both,
    layouts,
    stated_layout,
    undecided,
    verdict,
)
from gradproof.verify.claims.resolve import ambiguous
from gradproof.verify.claims.result import Judged, Verdict

Quiet = Callable[[str], None]


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
        out.append(_guarded(claim, seed))
    return tuple(out)


def _guarded(claim: Claim, seed: int) -> Judged:
    """Judge a claim; what goes wrong with one does not stop the others."""
    try:
        return judge_claim(claim, seed=seed)
    except (GradproofError, RecursionError) as error:
        last = len(claim.chain.sides) - 1
        reason = f"it could not be judged: {error}".splitlines()[0]
        left, right = claim.text(0), claim.text(last)
        found = Verdict(claim.line_of(last), left, right, "undecided", reason=reason, place=claim.place(last))
        return Judged(claim.line, claim.chain.latex, (found,))


def judge_claim(claim: Claim, *, seed: int = 0) -> Judged:
    """Return the verdicts on a claim; each line of a chain is judged against the one before it."""
    steps: list[Verdict] = []
    if not claim.steps and (a := attempt(claim, (0, 0), Reading(), seed)).error is not None:
        steps.append(verdict(claim, (0, 0), a, "undecided", reason=_as_text(a), place=_where(claim, 0, a)))
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


def _step(claim: Claim, sides: Sides, seed: int, *, fallen: bool) -> Verdict:
    first = attempt(claim, sides, Reading(stated_layout(claim)), seed)
    if first.right:
        return _right(claim, sides, first, seed)
    if first.verdict == "refuted":
        return _refuted(claim, sides, first, seed, fallen=fallen)
    return _unclear(claim, sides, first, seed)


def _right(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict:
    """Confirm what was certified at more points, and what holds in one layout in the other one."""
    assert a.step is not None
    assert a.found is not None
    if a.verdict == "certified":
        for more in range(1, 6):
            judge = at_points(a.found, seed + 1000 * more)
            if judge.counterexample is not None:
                return _refuted(claim, sides, refuted(a.step, a.found, judge), seed, fallen=False)
    if has_both(a):
        b = attempt(claim, sides, Reading(), seed, direct=ambiguous(a.step))
        if b.verdict == "refuted":
            reason = f"right for derivatives {THROUGH}, wrong for partial ones {DIRECT}"
            return undecided(claim, sides, a, reason, ((THROUGH, a), (DIRECT, b)))
    if "jacobian" in a.step.open and stated_layout(claim) == "mixed":
        other = attempt(claim, sides, Reading("denominator"), seed)
        if other.verdict == "refuted":
            return layouts(claim, sides, a, (WORDS["numerator"], a), (WORDS["denominator"], other))
    return verdict(claim, sides, a, "right", strength=a.verdict)


def _unclear(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict:
    """Return what becomes of a step that cannot be read as it stands, but perhaps in another layout."""
    if claim.derives:
        for layout in ("entries", "denominator", "numerator"):
            b = attempt(claim, sides, Reading(layout), seed)
            if b.right and layout == "entries":
                return _entry_by_entry(claim, sides, a, b)
            if b.right:
                words = WORDS["transposed" if layout == "numerator" else layout]
                reason = f"right with {words}; with {SHAPE} the shapes do not fit: {a.reason}"
                return undecided(claim, sides, b, reason, ((words, b), (SHAPE, a)))
            if b.verdict == "refuted" and layout == "entries":
                return undecided(claim, sides, b, f"{a.reason}; entry by entry it does not hold either")
        letters = claim.free(sides[1])
        if letters and _not_bound(a):
            return _with_a_sum(claim, sides, a, letters, seed)
    return verdict(claim, sides, a, "undecided", reason=_as_text(a), place=_where(claim, sides[1], a))


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
    words = WORDS["entries"]
    if not diagonal(b):
        reason = f"right {words}, but there are other derivatives, of one entry for another; {a.reason}"
        return undecided(claim, sides, b, reason, ((words, b),))
    note = f"the derivative of one array for another is read {words}, as its shape says"
    found = verdict(claim, sides, b, "right", strength=b.verdict)
    return replace(found, notes=(*found.notes, note))


def _with_a_sum(claim: Claim, sides: Sides, a: Attempt, letters: tuple[str, ...], seed: int) -> Verdict:
    b = attempt(claim, sides, Reading(summed=letters), seed)
    over = " and ".join(letters)
    what = {"refuted": "wrong", "undecided": "unclear"}.get(b.verdict, "right")
    reason = f"nothing binds {over} at the right: a sum over {over}, or one value of it? With the sum it is {what}"
    return undecided(claim, sides, a, reason, ((f"with a sum over {over}", b), (f"for one {over}", a)))


def _refuted(claim: Claim, sides: Sides, a: Attempt, seed: int, *, fallen: bool) -> Verdict:
    """Return `wrong`, unless the page may mean something else for which it is right."""
    other = doubt(claim, sides, a, seed)
    if other is not None:
        return other
    causes, mended = causes_of(a)
    correct, notation = correct_line(claim, sides, a, mended, fallen=fallen)
    found = verdict(claim, sides, a, "wrong", values=a.values, causes=causes, correct=correct, notation=notation)
    true = found.derived or (claim.is_derivative(0) and not fallen)
    return replace(found, reason="refuted by a counterexample", derived=true)
