"""Derived gradients against dual balls of the forward equations alone: no step size, no tolerance.

Two enclosures that do not overlap certify a mistake; two that agree to 40 digits at random points certify the
gradient at these points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradproof.derive.model import System
from gradproof.derive.steps import Derivation
from gradproof.verify.agreement import DIGITS, Comparison
from gradproof.verify.branches import other_sides
from gradproof.verify.report import Finding, Verdict
from gradproof.verify.trials import Functions, Trials

#: For each point: is one of the sizes 1, and which is the largest.
_POINTS = ((False, 4), (True, 3), (False, 5))


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """What became of one gradient of a derivation.

    Attributes:
        name: the tensor the derivative is taken for.
        gradient: the name of its gradient in the derivation.
        equation: number of the gradient's equation.
        verdict: right, wrong or undecided.
        strength: "certified" where decided (ball arithmetic, no tolerance), else "".
        points: the sizes at which the two were compared.
        worst: the worst entry, if wrong.
        reason: why undecided or wrong, in words.
        one_sided: how many comparisons in the equations had the same answer at all points.
    """

    name: str
    gradient: str
    equation: int
    verdict: Verdict
    strength: str
    points: tuple[str, ...]
    worst: Finding | None = None
    reason: str = ""
    one_sided: int = 0


def check_derivation(
    derivation: Derivation,
    *,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
    functions: Functions | None = None,
    backward: System | None = None,
) -> tuple[GradientCheck, ...]:
    """Return for each gradient whether it equals the derivative of the system's equations, at three random points.

    A derivation of second order is held against its own system, which computes the gradient; `derivation.first` is
    judged for itself.

    Where equations choose between cases, further points are tried until every case was seen, as far as it is found.

    Args:
        derivation: what is judged.
        seed: of the random sizes and inputs.
        sizes: sizes to use at every point instead of random ones.
        functions: unknown functions with their derivatives; default: smooth test functions.
        backward: judge these backward equations instead of the derivation's own (for mutants).
    """
    trials = Trials(derivation, functions, backward)
    comparisons: list[list[Comparison]] = []
    reasons: list[str] = []
    for k, (with_one, most) in enumerate(_POINTS):
        rng = np.random.default_rng([seed, k])
        found = trials.at_a_random_point(rng, with_one, most, sizes)
        if isinstance(found, str):
            reasons.append(found)
        else:
            comparisons.append(found)
    comparisons += trials.at_other_branches(np.random.default_rng([seed, len(_POINTS)]), comparisons, sizes)
    one_sided = len(other_sides(trials.seen))
    verdicts = (_verdict(derivation, w, comparisons, reasons) for w in derivation.gradients)
    return tuple(replace(v, one_sided=one_sided) for v in verdicts)


def _verdict(derivation: Derivation, name: str, points: list[list[Comparison]], reasons: list[str]) -> GradientCheck:
    mine = [c for comparisons in points for c in comparisons if c.name == name]
    equation = derivation.gradients[name]
    shown = tuple(str(c.point) for c in mine)
    wrong = [(c, w) for c in mine if (w := c.worst()) is not None]
    if wrong:
        comparison, worst = wrong[0]
        text = f"at {comparison.point}: {worst}"
        return GradientCheck(name, equation.name, equation.number, "wrong", "certified", shown, worst, text)
    loose = [c for c in mine if not c.tight()]
    if loose:
        reason = f"the error bounds are too wide to compare {DIGITS} digits at {loose[0].point}"
        return GradientCheck(name, equation.name, equation.number, "undecided", "", shown, None, reason)
    # A point with a size of 1 may be degenerate (a variance of 0): two points are asked for, three are tried.
    if len(mine) < 2:
        reason = "; ".join(dict.fromkeys(reasons))
        return GradientCheck(name, equation.name, equation.number, "undecided", "", shown, None, reason)
    return GradientCheck(name, equation.name, equation.number, "right", "certified", shown)
