"""Why a claim is wrong: a factor, a sign, a term, a factor that is missing or too much, in the claim's own terms."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from flint import ctx

from gradproof.derive.canonical import closed_values
from gradproof.derive.canonical.inline import written_in
from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Balls
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.latex.stated.step import LEFT, RIGHT
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Element
from gradproof.derive.notation import format_expr
from gradproof.errors import GradproofError
from gradproof.verify.claims.attempt import Attempt
from gradproof.verify.claims.factors import simple_cause
from gradproof.verify.draw import Point
from gradproof.verify.mutate import changes
from gradproof.verify.slopes import values_of

_TRY = "a changed side"
_MOST = 80
_DIGITS = 60
#: What was done to the claim to mend it, and to the truth to get the claim, in words.
_MENDS = {
    "term": "the term {} does not belong there",
    "term sign": "the sign of the term {} is wrong",
    "factor": "the factor {} does not belong there",
}
_SPOILS = {
    "term": "the term {} is missing",
    "term sign": "the sign of the term {} is wrong",
    "factor": "the factor {} is missing",
    "power": "the power of {} is too high by one",
    "condition": "the condition {} is missing",
    "transpose": "{} is transposed",
}


def causes_of(a: Attempt) -> tuple[tuple[str, ...], Equation | None]:
    """Return what is wrong with a refuted step in words, and the right side mended where that is known.

    A failure in finding out changes no verdict: then there is no cause.
    """
    try:
        return _causes(a)
    except GradproofError:
        return (), None


def _causes(a: Attempt) -> tuple[tuple[str, ...], Equation | None]:
    assert a.found is not None
    system = a.found.system
    usable = a.judge.usable if a.judge is not None else []
    text = simple_cause(system, usable) if len(usable) > 1 else ""
    if text:
        return (text,), None
    points = [p for p in usable if all(n > 1 for n in p.sizes.values())]
    if len(points) < 2:
        return (), None
    right, left = system.equations_of(RIGHT)[0], expanded(a)
    for equation, other, words in ((right, LEFT, _MENDS), (left, RIGHT, _SPOILS)):
        for change in islice(changes(equation.value), _MOST):
            changed = replace(equation, value=change.value)
            if change.part is not None and change.kind in words and _same(system, changed, other, points[:3]):
                text = words[change.kind].format(format_expr(change.part, system))
                return (text,), changed if words is _MENDS else None
    return (), None


def expanded(a: Attempt) -> Equation:
    """Return the left side with its derivatives, and what the page has no name for, written in."""
    assert a.found is not None
    assert a.step is not None
    system, hidden = a.found.system, {*a.found.derived, *a.step.helpers}
    closed = closed_values(system, {t.name for t in system.tensors} - hidden - {LEFT})
    return closed.get(LEFT) or written_in(system.equations_of(LEFT)[0], closed)


def _same(system: System, changed: Equation, other: str, points: list[Point]) -> bool:
    """Does a changed side equal the other side at all the points?"""
    tensor = Tensor(_TRY, tuple(i.size for i in changed.indices), Role.OUTPUT)
    target = Element(_TRY, *changed.target.indices)
    number = len(system.equations) + 1
    try:
        joined = replace(
            system,
            tensors=(*system.tensors, tensor),
            equations=(*system.definitions, replace(changed, number=number, target=target)),
        )
        return all(_agree(joined, other, p) for p in points)
    except GradproofError:
        return False


def _agree(system: System, other: str, point: Point) -> bool:
    with ctx.workprec(bits(_DIGITS)):
        values = run(system, point.named(), Balls(), functions=smooth_functions(system.functions))
        first, second = values_of(values[_TRY]), values_of(values[other])
        return all(
            x.is_finite() and y.is_finite() and x.overlaps(y) for x, y in zip(first.flat, second.flat, strict=True)
        )
