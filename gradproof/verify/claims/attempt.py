"""One reading of one step, judged: proved, certified, refuted, or undecided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import ctx

from gradproof.derive.index import Index
from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Balls
from gradproof.derive.interpret.run import bits
from gradproof.derive.latex.stated.claim import Claim
from gradproof.derive.latex.stated.step import LEFT, RIGHT, Reading, Step
from gradproof.derive.matching import Merged, Pair, prove
from gradproof.errors import InputError
from gradproof.verify.claims.resolve import Resolved, resolved
from gradproof.verify.claims.result import Values
from gradproof.verify.sameness_points import Judge
from gradproof.verify.sameness_report import Counterexample
from gradproof.verify.slopes import values_of

#: So many points must be usable before two sides are certified to agree.
_LEAST = 3
_DIGITS = 60


@dataclass(frozen=True)
class Attempt:
    """A reading of a step and what became of it.

    Attributes:
        verdict: "proved", "certified", "refuted" or "undecided".
        step: the step, None where it could not be read.
        found: its derivatives, None where they could not be derived.
        reason: why it is undecided.
        error: what could not be read or derived.
        counterexample: where the sides differ.
        judge: the points at which they were compared.
    """

    verdict: str
    step: Step | None = None
    found: Resolved | None = None
    reason: str = ""
    error: InputError | None = None
    values: Values | None = None
    judge: Judge | None = None

    @property
    def right(self) -> bool:
        """Does the step follow?"""
        return self.verdict in ("proved", "certified")


def attempt(
    claim: Claim, sides: tuple[int, int], reading: Reading, seed: int, *, direct: frozenset[str] = frozenset()
) -> Attempt:
    """Return what becomes of `sides[0] = sides[1]` in one reading; what cannot be read leaves the error.

    `direct` names derivatives that are partial in the strict sense, as `resolved` takes them.
    """
    step = None
    try:
        step = claim.read(*sides, reading)
        found = resolved(step, direct=direct)
        return _judged(step, found, seed)
    except InputError as error:
        return Attempt("undecided", step, reason=error.message, error=error)


def merged_of(found: Resolved) -> Merged:
    """Return both sides as what is to be the same."""
    pair = Pair("the claim", LEFT, RIGHT)
    right = found.system.equations_of(RIGHT)
    return Merged(found.system, (pair,), (pair,), {RIGHT: right}, assumed=found.assumed)


def at_points(found: Resolved, seed: int) -> Judge:
    """Return both sides compared at random points; none at which a comparison meets its edge."""
    judge = Judge(merged_of(found), np.random.default_rng(seed), ties=False)
    judge.collect()
    return judge


def _judged(step: Step, found: Resolved, seed: int) -> Attempt:
    judge = at_points(found, seed)
    if RIGHT in judge.apart:
        return refuted(step, found, judge)
    # points come first: they are cheap, and most of what is wrong is seen at one
    if prove(merged_of(found)).proved.get(RIGHT) is not None:
        return Attempt("proved", step, found, judge=judge)
    if len(judge.usable) >= _LEAST:
        return Attempt("certified", step, found, judge=judge)
    return Attempt("undecided", step, found, reason="; ".join(dict.fromkeys(judge.reasons)), judge=judge)


def refuted(step: Step, found: Resolved, judge: Judge) -> Attempt:
    """Return what a counterexample makes of a step."""
    c = judge.counterexample
    assert c is not None
    return Attempt("refuted", step, found, values=_values(c, judge, found), judge=judge)


def _values(c: Counterexample, judge: Judge, found: Resolved) -> Values:
    indices = found.system.equations_of(RIGHT)[0].target.indices
    letters = [i.name for i in indices if isinstance(i, Index)]
    entry = ", ".join(f"{x} = {n}" for x, n in zip(letters, c.index, strict=True))
    read = found.system.by_name
    inputs = {n: v for n, v in c.inputs.items() if n in read}
    return Values(entry, c.first, c.second, c.sizes, inputs, judge.agreeing, len(judge.usable))


def diagonal(a: Attempt) -> bool:
    """Are the derivatives of arrays for arrays 0 but for an entry's for itself, at a point of different sizes?"""
    assert a.found is not None
    assert a.step is not None
    assert a.judge is not None
    arrays = [w.name for w in a.step.wanted if a.found.system[w.name].rank == 2]
    for point in a.judge.usable:
        with ctx.workprec(bits(_DIGITS)):
            values = run(a.found.system, point.named(), Balls(), functions=a.judge.functions)
        for name in arrays:
            found = values_of(values[name])
            apart = (found.item(at) for at in np.ndindex(found.shape) if at[0] != at[1])
            if found.shape[0] == found.shape[1] and any(not x.contains(0) for x in apart):
                return False
    return True


__all__ = ["Attempt", "at_points", "attempt", "diagonal", "merged_of", "refuted"]
