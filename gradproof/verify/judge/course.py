"""The course of judging one claim: the given point, the order of calls, further points."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import Array, Failed
from gradproof.verify.judge.claims import Claim
from gradproof.verify.judge.columns import with_outputs
from gradproof.verify.judge.here import Here, objective
from gradproof.verify.judge.measured import Ruler, alike
from gradproof.verify.judge.options import Options
from gradproof.verify.judge.outcome import Outcome, exact_outcome, measured_outcome
from gradproof.verify.judge.points import Place, further_points
from gradproof.verify.judge.standpoint import cotangent_for, standpoint
from gradproof.verify.judge.state import is_linear, remembered, repeated
from gradproof.verify.judge.triangles import shared_by_triangles
from gradproof.verify.meter import Spent
from gradproof.verify.report import Finding
from gradproof.verify.safely import Misfit

#: Inputs with more entries are not put into balls: these would take more memory than many copies of the inputs.
_LARGEST = 200_000


class Course:
    """The course of judging one claim.

    Attributes:
        cotangent: of an array-valued f.
        deterministic: does f return the same twice?
    """

    def __init__(self, claim: Claim, options: Options) -> None:
        self.claim, self.problem, self.options = claim, claim.problem, options
        self.rng = np.random.default_rng(options.seed)
        self.cotangent: Array | None = None
        self.deterministic = True

    @property
    def exact(self) -> bool:
        """Are balls tried?"""
        size = sum(a.size for a in self.problem.inputs if isinstance(a, np.ndarray))
        return self.options.exact and self.deterministic and size <= _LARGEST

    def outcome(self) -> Outcome:
        """Return the verdict: the given point first, then points near it."""
        try:
            return self._judged()
        except Misfit as error:
            nothing = Finding(self.claim.name, (), float("nan"), float("nan"), 0.0, str(error))
            return Outcome("wrong", "certified", str(error), (nothing,))
        except Failed as error:
            return Outcome("undecided", "", str(error))
        except Spent:
            return Outcome("undecided", "", f"the budget ({self.problem.meter.budget}) was spent before a verdict")

    def _judged(self) -> Outcome:
        here = self._given_point()
        if isinstance(here, Outcome):
            return here
        outcome = replace(self._at(here), here=here)
        if outcome.verdict == "right":
            outcome = self._again(outcome, here)
        if self.cotangent is not None and self.claim.column is None and outcome.checked:
            outcome = replace(outcome, checked=f"{outcome.checked} (with a random cotangent)")
        if outcome.verdict == "wrong" and self.claim.column is not None and outcome.here is not None:
            findings = with_outputs(self.claim, outcome.here, outcome.findings)
            return replace(outcome, findings=findings)
        return outcome

    # ------------------------------------------------------------ the given point

    def _given_point(self) -> Here | Outcome:
        problem = self.problem
        problem.meter.stage = f"judging {self.claim.name} at the given point"
        value = problem.value(problem.inputs)
        if not np.all(np.isfinite(value)):
            return Outcome("undecided", "", "f is not finite at the given point")
        if problem.vjp is not None:
            self.cotangent = cotangent_for(value, self.rng)
        elif value.size != 1:
            raise InputError(
                f"f returns an array of shape {value.shape}",
                expected="a number, or vjp=, called as vjp(cotangent, *inputs), or jac=",
            )
        self.deterministic = bool(np.array_equal(value, problem.value(problem.inputs)))
        if not self.deterministic:
            problem.notes["f does not return the same twice: its noise was estimated from repeats"] = None
        return standpoint(problem, problem.inputs, self.cotangent, self.rng)

    def _at(self, here: Here) -> Outcome:
        if not any(g.size for g in here.gradients):
            return Outcome("right", "certified", "the inputs are empty, and so is the gradient")
        why = "" if self.exact else self._why_measured()
        if not why:
            try:
                outcome = exact_outcome(self.problem, here, self.rng, rtol=self.options.rtol)
                return shared_by_triangles(self.problem, here, outcome)
            except Untraceable as error:
                why = (str(error).splitlines() or [""])[0]
        outcome = measured_outcome(self.problem, here, self.rng, rtol=self.options.rtol)
        asked = "as was asked for" if not self.options.exact else f"since ball arithmetic was not possible: {why}"
        self.problem.notes[f"measured, {asked}"] = None
        return shared_by_triangles(self.problem, here, outcome)

    def _why_measured(self) -> str:
        if not self.options.exact:
            return "exact=False"
        return "more entries than are put into balls" if self.deterministic else "f is not deterministic"

    # ------------------------------------------------------------ other calls, other points

    def _again(self, outcome: Outcome, here: Here) -> Outcome:
        """Return the outcome after more calls at the given point, and at others."""
        stages = (self._repeats, self._linear, self._elsewhere, self._remembers)
        for stage in stages:
            try:
                outcome = stage(outcome, here)
            except Spent:
                name = stage.__name__.strip("_")
                text = f"the budget ({self.problem.meter.budget}) was spent: {_SKIPPED[name]} not looked at"
                return replace(outcome, checked=f"{outcome.checked}; {text}")
            if outcome.verdict != "right":
                return outcome
        return outcome

    def _repeats(self, outcome: Outcome, here: Here) -> Outcome:
        again = repeated(self.problem, here, deterministic=self.deterministic)
        return outcome if again is None else self._changed(outcome, again, "called once more at the same point")

    def _remembers(self, outcome: Outcome, here: Here) -> Outcome:
        again = remembered(self.problem, here) if self.deterministic else None
        return outcome if again is None else self._changed(outcome, again, "called again after f was called elsewhere")

    def _changed(self, outcome: Outcome, again: Here, when: str) -> Outcome:
        """Return the verdict on a gradient that is another when it is called again."""
        found = measured_outcome(self.problem, again, self.rng)
        text = (
            f"right at first, and another when {when}: it depends on earlier calls (a stale cache, a sum never reset?)"
        )
        if found.verdict == "wrong":
            return replace(found, reason=f"{text}; {found.reason}", here=again)
        return Outcome("undecided", "", text, (), outcome.checked, here=again)

    def _linear(self, outcome: Outcome, here: Here) -> Outcome:
        if self.cotangent is None or not self.deterministic:
            return outcome
        found = is_linear(self.problem, here, self.rng)
        if found is None:
            return outcome
        return Outcome("wrong", "measured", found.note, (found,), outcome.checked, here=here)

    def _elsewhere(self, outcome: Outcome, here: Here) -> Outcome:
        elsewhere: tuple[Finding, ...] = ()
        seen = 0
        self.problem.meter.stage = f"judging {self.claim.name} at further points"
        for place in further_points(self.problem, self.rng, self.options):
            found = self._try(place)
            if found is None:
                continue
            seen += 1
            if found.verdict == "wrong" and place.near:
                reason = f"right at the given point, wrong at another one ({place.name}): {found.reason}"
                return replace(found, reason=reason, checked=outcome.checked)
            if found.verdict == "wrong":
                elsewhere += tuple(replace(f, note=f.note or place.name) for f in found.findings[:3])
            del found, place  # before the next point is made: they hold several copies of the inputs
        points = "1 further point" if seen == 1 else f"{seen} further points"
        checked = f"{outcome.checked} at the given point, and {points}" if outcome.checked else points
        return replace(outcome, checked=checked, elsewhere=elsewhere)

    def _try(self, place: Place) -> Outcome | None:
        """Return the outcome at a further point; None where f is not finite there, fails, or has a kink."""
        problem = self.problem
        if not np.isfinite(objective(problem, place.inputs, self.cotangent)):
            return None
        try:
            here = standpoint(problem, place.inputs, self.cotangent, self.rng)
        except Failed:
            return None
        if isinstance(here, Outcome) or not all(np.all(np.isfinite(g)) for g in here.gradients):
            return None
        found = None
        if self.exact:
            with contextlib.suppress(Untraceable):
                found = exact_outcome(problem, here, self.rng, given=False, rtol=self.options.rtol)
        found = found or self._measured_quickly(here)
        return replace(shared_by_triangles(problem, here, found), here=here) if found is not None else None

    def _measured_quickly(self, here: Here) -> Outcome | None:
        """Measure along a direction through each input; where it objects, every entry."""
        ruler = Ruler(self.problem, here, self.rng, rtol=self.options.rtol)
        for place, k in enumerate(self.problem.wrt):
            for chosen in alike(here, place) if here.inputs[k].size else ():
                if ruler.along(place, chosen).slope.status == "wrong":
                    full = measured_outcome(self.problem, here, self.rng, rtol=self.options.rtol)
                    return full if full.verdict == "wrong" else None
        return Outcome("right", "measured", "")


#: What is not looked at when the budget ends in a stage.
_SKIPPED = {
    "repeats": "repeated calls and further points were",
    "linear": "its linearity and further points were",
    "elsewhere": "some of the further points were",
    "remembers": "the order of calls was",
}
