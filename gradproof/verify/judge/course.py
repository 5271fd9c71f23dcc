"""The course of judging one gradient: the given point, further points, the order of calls, the report."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import MISSING, Array, Failed, Problem
from gradproof.verify.judge.measured import Here, alike, along_random, objective, rounding_of
from gradproof.verify.judge.outcome import Outcome, exact_outcome, measured_outcome
from gradproof.verify.judge.points import Place, further_points
from gradproof.verify.judge.why import Why, diagnosed
from gradproof.verify.report import Finding, Report


class Course:
    """The course of judging one gradient: the given point, points near it, the order of calls."""

    def __init__(self, problem: Problem, seed: int, exact: bool, system: Any = None) -> None:
        self.problem, self.seed, self.exact, self.system = problem, seed, exact, system
        self.rng = np.random.default_rng(seed)
        self.cotangent: Array | None = None
        self.deterministic = True

    def report(self) -> Report:
        """Return the verdict: the given point first, then points near it."""
        try:
            here = self._given_point()
        except Failed as error:
            return self._report(Outcome("undecided", "", str(error)))
        if isinstance(here, Outcome):
            return self._report(here)
        outcome = self._at(here)
        if outcome.verdict != "right":
            return self._report(outcome, here=here)
        return self._elsewhere(outcome, here)

    # ------------------------------------------------------------ the given point

    def _given_point(self) -> Here | Outcome:
        problem = self.problem
        value = problem.value(problem.inputs)
        if not np.all(np.isfinite(value)):
            return Outcome("undecided", "", "f is not finite at the given point")
        if problem.vjp is not None:
            self.cotangent = np.asarray(self.rng.standard_normal(value.shape))
        elif value.size != 1:
            raise InputError(
                f"f returns an array of shape {value.shape}",
                expected="a number, or vjp=, called as vjp(cotangent, *inputs)",
            )
        self.deterministic = bool(np.array_equal(value, problem.value(problem.inputs)))
        if not self.deterministic:
            problem.notes["f does not return the same twice: its noise was estimated from repeats"] = None
        return self._here(problem.inputs)

    def _here(self, inputs: list[Any]) -> Here | Outcome:
        """Return a point with its gradients, or why they cannot be compared.

        Raises:
            Failed: f or the gradient failed.
        """
        problem = self.problem
        value = objective(problem, inputs, self.cotangent)
        gradients = problem.gradient(inputs, self.cotangent)
        absent = tuple(self._absent(k) for k, g in zip(problem.wrt, gradients, strict=True) if g is MISSING)
        if absent:
            return Outcome("wrong", "certified", absent[0].note, absent)
        missing = [k for k, g in zip(problem.wrt, gradients, strict=True) if g is None]
        if missing and (problem.chosen or len(missing) == len(gradients)):
            names = ", ".join(problem.names[k] for k in missing)
            return Outcome("undecided", "", f"no gradient was returned for {names}")
        if missing:
            problem.leave_out(missing)
            problem.notes[
                "not judged, since their gradient is None: " + ", ".join(problem.names[k] for k in missing)
            ] = None
            gradients = [g for g in gradients if g is not None]
        misfits = self._misfits(inputs, gradients)
        if misfits:
            return Outcome("wrong", "certified", misfits[0].note, misfits)
        rounding = rounding_of(problem, inputs, self.cotangent, gradients, self.rng)
        problem.value(inputs)
        return Here(inputs, self.cotangent, value, gradients, rounding)

    def _absent(self, k: int) -> Finding:
        name = self.problem.names[k]
        text = f"the gradient has no entry for {name} (None says that there is none)"
        return Finding(name, (), float("nan"), float("nan"), 0.0, text)

    def _misfits(self, inputs: list[Any], gradients: list[Any]) -> tuple[Finding, ...]:
        found = []
        for k, g in zip(self.problem.wrt, gradients, strict=True):
            if g.shape != inputs[k].shape:
                name = self.problem.names[k]
                text = f"the gradient of {name} has the shape {g.shape}, and {name} has {inputs[k].shape}"
                found.append(Finding(name, (), float("nan"), float("nan"), 0.0, text))
        return tuple(found)

    # ------------------------------------------------------------ one point

    def _at(self, here: Here) -> Outcome:
        why = "" if self.exact else "exact=False"
        if self.exact and not self.deterministic:
            why = "f is not deterministic"
        if not why:
            try:
                return exact_outcome(self.problem, here, self.rng)
            except Untraceable as error:
                why = str(error)
        outcome = measured_outcome(self.problem, here, self.rng)
        self.problem.notes[f"measured, since ball arithmetic was not possible: {why}"] = None
        return outcome

    # ------------------------------------------------------------ other points

    def _elsewhere(self, outcome: Outcome, here: Here) -> Report:
        elsewhere: tuple[Finding, ...] = ()
        seen = 0
        for place in further_points(self.problem, self.rng):
            found = self._try(place)
            if found is None:
                continue
            seen += 1
            if found.verdict == "wrong" and place.near:
                reason = f"right at the given point, wrong at another one ({place.name}): {found.reason}"
                outcome = Outcome("wrong", found.strength, reason, found.findings, outcome.checked)
                return self._report(outcome, here=found.here)
            if found.verdict == "wrong":
                elsewhere += found.findings[:3]
        if self._remembers(here):
            return self._report(
                Outcome("undecided", "", "the gradient depends on earlier calls (a stale cache?)", (), outcome.checked)
            )
        checked = f"{outcome.checked} at the given point, and {seen} further points"
        return self._report(Outcome("right", outcome.strength, outcome.reason, (), checked), elsewhere)

    def _try(self, place: Place) -> Outcome | None:
        """Return the outcome at a further point; None where f is not finite there, fails, or has a kink."""
        problem = self.problem
        if not np.isfinite(objective(problem, place.inputs, self.cotangent)):
            return None
        try:
            here = self._here(place.inputs)
        except Failed:
            return None
        if isinstance(here, Outcome) or not all(np.all(np.isfinite(g)) for g in here.gradients):
            return None
        found = None
        if self.exact and self.deterministic:
            with contextlib.suppress(Untraceable):
                found = exact_outcome(problem, here, self.rng, given=False)
        found = found or self._measured_quickly(here)
        return replace(found, here=here) if found is not None else None

    def _measured_quickly(self, here: Here) -> Outcome | None:
        """Measure along a direction through each input; where it objects, every entry."""
        for place, k in enumerate(self.problem.wrt):
            for chosen in alike(here, place) if here.inputs[k].size else ():
                probe = along_random(self.problem, here, place, chosen, self.rng)
                if probe.slope.status == "wrong":
                    full = measured_outcome(self.problem, here, self.rng)
                    return full if full.verdict == "wrong" else None
        return Outcome("right", "measured", "")

    def _remembers(self, here: Here) -> bool:
        """Does the gradient at the given point change after f was called elsewhere?"""
        problem = self.problem
        try:
            problem.value(here.inputs)
            first = problem.gradient(here.inputs, self.cotangent)
            problem.value([a * 1.5 if k in problem.wrt else a for k, a in enumerate(here.inputs)])
            problem.value(here.inputs)
            again = problem.gradient(here.inputs, self.cotangent)
        except Failed:
            return False
        pairs = zip(first, again, strict=True)
        return self.deterministic and any(
            isinstance(g, np.ndarray)
            and isinstance(h, np.ndarray)
            and not np.allclose(g, h, rtol=1e-12, atol=1e-300, equal_nan=True)
            for g, h in pairs
        )

    # ------------------------------------------------------------ the report

    def _report(self, outcome: Outcome, elsewhere: tuple[Finding, ...] = (), *, here: Here | None = None) -> Report:
        wrong: dict[str, list[tuple[int, ...]]] = {}
        for f in outcome.findings if outcome.verdict == "wrong" else ():
            wrong.setdefault(f.input, []).append(f.index)
        why = Why()
        if outcome.verdict == "wrong" and here is not None:
            exact = self.exact and self.deterministic
            why = diagnosed(self.problem, here, outcome.findings, exact=exact, seed=self.seed, system=self.system)
        return Report(
            outcome.verdict,
            outcome.strength,
            outcome.reason,
            outcome.findings,
            {n: np.array(sorted(rows), dtype=np.int64).reshape(len(rows), -1) for n, rows in wrong.items()},
            elsewhere,
            self.problem.evaluations,
            (outcome.checked,) if outcome.checked else (),
            tuple(self.problem.notes),
            self.seed,
            why.causes,
        )
