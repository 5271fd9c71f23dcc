"""What a page may mean other than a statement that fails: a condition, another layout, definition or derivative."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

from sympy import Expr

from gradproof.derive.latex.stated.claim import Claim
from gradproof.derive.latex.stated.step import LEFT, RIGHT, Reading
from gradproof.derive.nodes import Call
from gradproof.verify.claims.attempt import Attempt, at_points, attempt
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
from gradproof.verify.claims.result import Verdict

#: Signs and words by which a text may restrict a statement to a part of what its names can be.
_RESTRICTS = re.compile(
    r"[<>]|\\(?:geq?|leq?|gt|lt|neq?|approx)\b|\b(?:if|when|positive|negative|non-?zero|small|large|near"
    r"|assum\w+|suppose|provided|given that|restrict\w+)\b",
    re.IGNORECASE,
)
#: Words by which a text makes an equation a condition instead of a statement.
_CONDITION = re.compile(
    r"\b(?:suppose|assum\w+|such that|satisf\w+|conditions?|constraints?|subject to|solv\w+|optim\w+|minimum|maximum"
    r"|minimi[sz]\w+|maximi[sz]\w+|stationary|setting|set (?:\w+ ){0,4}(?:to|equal)|symmetric|orthogonal|commut\w+"
    r"|invertible|idempotent|normal equations?|root|fixed point)\b",
    re.IGNORECASE,
)
#: A step with more derivatives that may be meant as strictly partial ones is not tried in every combination.
_MOST_PARTIAL = 4


def doubt(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    """Return what becomes of a refuted step that may be meant in another way; None where it is just wrong."""
    assert a.step is not None
    is_zero = claim.is_zero(sides[1]) or claim.is_zero(sides[0])
    if is_zero or (not claim.derives and claim.chain.head is None):
        found = _condition(claim, sides, a, is_zero=is_zero)
        if found is not None:
            return found
    if a.step.foreign:
        names = " and ".join(a.step.foreign)
        reason = f"no equation on this page that leads here knows {names}: what it is, is not said"
        return undecided(claim, sides, a, reason)
    if unknown := " and ".join(_undefined_functions(a)):
        return undecided(claim, sides, a, f"the page does not define the function {unknown}: this may say what it is")
    return (
        _other_layout(claim, sides, a, seed)
        or _other_definition(claim, sides, a, seed)
        or _strictly_partial(claim, sides, a, seed)
        or _restricted(claim, sides, a, seed)
    )


def _undefined_functions(a: Attempt) -> list[str]:
    """Return functions without a definition of which the step may say what they are.

    One side alone reads them, or none of the page's equations does, or a side is just such a function. What is left
    is a function that the page leaves open, as an activation, in a statement about something else.
    """
    assert a.found is not None
    assert a.step is not None
    system, helpers = a.found.system, {*a.step.helpers, *a.found.derived, LEFT, RIGHT}
    values = [system.equations_of(side)[0].value for side in (LEFT, RIGHT)]
    first, second = (_functions(v) for v in values)
    own = {f for e in system.definitions if e.name not in helpers for f in _functions(e.value)}
    alone = {f for v in values if isinstance(v, Call) for f in _functions(v)}
    return sorted(((first ^ second) | ((first | second) - own) | alone) & set(system.functions))


def _functions(e: Expr) -> set[str]:
    return {c.name.rstrip("'") for c in e.atoms(Call)}


def _condition(claim: Claim, sides: Sides, a: Attempt, *, is_zero: bool) -> Verdict | None:
    """Return that an equation that does not hold for all values is a condition, or may be one; None if it is neither.

    It is one where the text says so, and may be one where its sides read different names, or one of them is 0.
    """
    cue = _CONDITION.search(claim.around(200))
    if cue is not None:
        reason = f"it does not hold for all values; read as a condition, for the text beside it: {cue.group()}"
        return verdict(claim, sides, a, "condition", reason=reason)
    if is_zero:
        return undecided(claim, sides, a, "it is not 0 everywhere: a condition, as for an optimum, or a statement?")
    reads = claim.names_of_sides
    if any(x != reads[0] for x in reads) or not all(claim.is_compound(j) for j in range(len(claim.chain.sides))):
        return undecided(claim, sides, a, "it does not hold for all values: an identity that is wrong, or a condition?")
    return None


def _other_layout(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    assert a.step is not None
    if stated_layout(claim) != "mixed":
        return None
    kinds = (("gradient", "numerator", "transposed", SHAPE), ("jacobian", "denominator", "denominator", "numerator"))
    for kind, layout, words, mine in kinds:
        b = attempt(claim, sides, Reading(layout), seed) if kind in a.step.open else None
        if b is not None and b.right:
            return layouts(claim, sides, a, (WORDS[words], b), (WORDS.get(mine, mine), a))
    return None


def _other_definition(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    assert a.step is not None
    for name, line in a.step.used:
        for position, other in claim.others(name, line):
            b = attempt(claim, sides, Reading(chosen=((name, position),)), seed)
            if b.right:
                reason = f"{name} is defined in lines {line} and {other}: wrong for that of line {line}, the nearest, "
                readings = ((f"{name} of line {line}", a), (f"{name} of line {other}", b))
                return undecided(claim, sides, a, f"{reason}right for that of line {other}", readings)
    return None


def _strictly_partial(claim: Claim, sides: Sides, a: Attempt, seed: int) -> Verdict | None:
    r"""Try `\partial` as what holds all else constant that an equation reads, wherever that is another number.

    Beside `d` it has that meaning in any textbook, so that the step is right; else both readings are possible.
    """
    assert a.step is not None
    names = sorted(ambiguous(a.step))[:_MOST_PARTIAL]
    for size in range(len(names), 0, -1):
        for chosen in combinations(names, size):
            b = attempt(claim, sides, Reading(), seed, direct=frozenset(chosen))
            if b.right and size == len(names) and has_both(a):
                found = verdict(claim, sides, b, "right", strength=b.verdict)
                return replace(found, notes=(*found.notes, f"a partial derivative is one {DIRECT}"))
            if b.right:
                reason = f"wrong for derivatives {THROUGH}, right for partial ones {DIRECT}"
                return undecided(claim, sides, a, reason, ((THROUGH, a), (DIRECT, b)))
    return None


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
    return undecided(claim, sides, a, reason)
