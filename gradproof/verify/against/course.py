"""The course of judging against a system: match, compare the values, compare the gradients, explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gradproof.derive.derivation import derive
from gradproof.derive.model import System
from gradproof.derive.steps import Derivation
from gradproof.errors import InputError
from gradproof.verify.against.judged import Derived, compared
from gradproof.verify.against.same import Different, Matched, matched
from gradproof.verify.against.table import table
from gradproof.verify.calls import Array, Failed, Problem
from gradproof.verify.judge.compare import Exact
from gradproof.verify.judge.here import Here, objective, rounding_of
from gradproof.verify.report import Finding, Report


@dataclass(frozen=True)
class Against:
    """What is asked: the system (or its name), and what was said about the inputs and the output."""

    system: System | str | Path
    mapping: Mapping[str, str]
    given: Mapping[str, Any]
    of: str | None
    seed: int

    def report(
        self,
        f: Callable[..., Any],
        grad: Callable[..., Any] | None,
        inputs: Sequence[Any],
        *,
        wrt: Sequence[Any] | None,
        vjp: Callable[..., Any] | None,
        names: Sequence[str] | None,
    ) -> Report:
        """Return the verdict.

        Raises:
            InputError: the inputs do not fit the system's in number and shape.
        """
        problem = Problem(f, grad, inputs, wrt=wrt, vjp=vjp, names=names)
        system = _loaded(self.system)
        rng = np.random.default_rng(self.seed)
        try:
            match = matched(system, problem, mapping=self.mapping, given=self.given, of=self.of, rng=rng)
        except Failed as error:
            return _undecided(problem, str(error), self.seed)
        if isinstance(match, Different):
            return self._different(problem, system, match)
        lines = tuple(table(system, match.layout, problem.names, problem.inputs))
        lines = (*lines, f"f is {match.output} of the system, at two points")
        found = _judged(problem, match, self.seed, rng)
        return replace(found, notes=(*lines, *found.notes))

    def _different(self, problem: Problem, system: System, found: Different) -> Report:
        if found.layout is None:
            asked = "; ".join(f"{t.name}[{', '.join(map(str, t.shape))}]" for t in system.inputs)
            came = "; ".join(f"{n} {list(np.shape(a))}" for n, a in zip(problem.names, problem.inputs, strict=True))
            raise InputError(
                f"{found.reason}: {came}",
                expected=asked,
                hint="mapping={'an input': 'a tensor'} says what is what, given={'a tensor': value} what is no input",
            )
        report = _undecided(problem, f"f is not the system's function: {found.reason}", self.seed)
        lines = table(system, found.layout, problem.names, problem.inputs)
        advice = ("check(f, grad, inputs) without a system judges the gradient against f itself",)
        return replace(report, notes=tuple(lines), advice=advice)


def _loaded(system: System | str | Path) -> System:
    if isinstance(system, System):
        return system
    from gradproof.loading import load

    return load(system)


def _undecided(problem: Problem, reason: str, seed: int) -> Report:
    return Report("undecided", "", reason, evaluations=problem.evaluations, seed=seed)


# ---------------------------------------------------------------- the gradients


def _judged(problem: Problem, match: Matched, seed: int, rng: np.random.Generator) -> Report:
    mine = tuple(k for k in problem.wrt if _differentiable(match, k))
    if not mine:
        return _undecided(problem, "no input that is differentiated matches a tensor of the system", seed)
    for k in problem.wrt:
        if k not in mine:
            problem.notes[f"not judged: `{problem.names[k]}`, which no tensor of the system is"] = None
    value = problem.value(problem.inputs)
    cotangent = np.asarray(rng.standard_normal(value.shape)) if problem.vjp is not None else None
    tensors = [t for k in mine for t in match.layout.of(k)]
    derived = Derived(match, _derive(match, tensors), mine)
    try:
        places = [_here(problem, inputs, cotangent, rng) for inputs in (problem.inputs, _near(problem, rng))]
    except Failed as error:
        return _undecided(problem, str(error), seed)
    for here in places:
        if isinstance(here, Finding):
            return _report(problem, Exact((here,), (), False, None), seed, here.note)
    found = [compared(problem, derived, here, rng) for here in places]  # type: ignore[arg-type]
    worst = next((j for j, e in enumerate(found) if e.findings), None)
    if worst is None:
        return _report(problem, found[0], seed, "equal to the derived gradient")
    where = "" if worst == 0 else " (at a point near the given one)"
    reason = f"{len(found[worst].findings)} entries differ from the derived gradient{where}"
    report = _report(problem, found[worst], seed, reason)
    return replace(report, diagnosis=_why(problem, derived, places[worst], seed))  # type: ignore[arg-type]


def _derive(match: Matched, tensors: list[str]) -> Derivation:
    return derive(match.system, of=[match.output], wrt=tensors)


def _differentiable(match: Matched, k: int) -> bool:
    tensors = match.layout.of(k)
    return bool(tensors) and all(match.system[t].bound is None for t in tensors)


def _here(problem: Problem, inputs: list[Any], cotangent: Array | None, rng: np.random.Generator) -> Here | Finding:
    value = objective(problem, inputs, cotangent)
    gradients = problem.gradient(inputs, cotangent)
    for k, g in zip(problem.wrt, gradients, strict=True):
        name, shape = problem.names[k], inputs[k].shape
        if not isinstance(g, np.ndarray) or g.shape != shape:
            text = f"the gradient of {name} has the shape {np.shape(g)}, and {name} has {shape}"
            return Finding(name, (), float("nan"), float("nan"), 0.0, text)
    rounding = rounding_of(problem, inputs, cotangent, gradients, rng)
    problem.value(inputs)
    return Here(inputs, cotangent, value, gradients, rounding)


def _near(problem: Problem, rng: np.random.Generator) -> list[Any]:
    """Return the given point, each real entry scaled by 1 ± 0.1."""
    factors = [1 + 0.1 * rng.uniform(-1, 1, np.shape(a)) for a in problem.inputs]
    return [np.asarray(a * factors[k]) if k in problem.wrt else a for k, a in enumerate(problem.inputs)]


def _report(problem: Problem, found: Exact, seed: int, reason: str) -> Report:
    wrong: dict[str, list[tuple[int, ...]]] = {}
    for f in found.findings:
        wrong.setdefault(f.input, []).append(f.index)
    verdict = "wrong" if found.findings else "undecided" if found.unclear else "right"
    strength = "certified" if found.certified or found.findings else "" if found.unclear else "measured"
    if found.unclear and not found.findings:
        reason = f"{len(found.unclear)} entries are hidden by rounding"
    return Report(
        verdict,  # type: ignore[arg-type]
        strength,
        reason,
        found.findings or found.unclear,
        {n: np.array(sorted(rows), dtype=np.int64).reshape(len(rows), -1) for n, rows in wrong.items()},
        (),
        problem.evaluations,
        ("every entry against the derived gradient",),
        tuple(problem.notes),
        seed,
    )


def _why(problem: Problem, derived: Derived, here: Here, seed: int) -> tuple[Any, ...]:
    from gradproof.verify.diagnosis import Case, diagnose

    chosen = [problem.wrt.index(k) for k in derived.wrt]

    def claimed(inputs: Sequence[Any], cotangent: Array | None = here.cotangent) -> list[Array]:
        found = problem.gradient(inputs, cotangent)
        return [found[j] for j in chosen]

    case = Case(
        problem.names,
        here.inputs,
        [here.gradients[j] for j in chosen],
        derived.gradients(here.inputs, here.cotangent),
        derived.wrt,
        lambda inputs: objective(problem, inputs, here.cotangent),
        claimed,
        here.cotangent,
        derived.match.system,
        lambda inputs: derived.gradients(inputs, here.cotangent),
        problem.value,
        claimed,
        1e-12,
        seed,
        derived,
        problem.raw_value,
        problem.f,
    )
    try:
        return diagnose(case)
    except Exception as error:  # noqa: BLE001  (a diagnosis is advice: whatever goes wrong in it, the verdict stands)
        problem.notes[f"no diagnosis: {type(error).__name__}: {error}"] = None
        return ()
