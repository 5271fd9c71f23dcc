"""Why a gradient is wrong: the diagnosis, asked for once the verdict stands. It never changes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.expected import Expected, expected_gradient
from gradproof.verify.judge.here import Here, objective
from gradproof.verify.meter import Spent
from gradproof.verify.report import Finding

#: Inputs with no more entries are differentiated whole for the diagnosis, and of larger ones so many: where balls
#: cannot help, an entry takes four evaluations. The same at each of its further points.
_WHOLE, _SAMPLE = 2000, 60
_WHOLE_FURTHER, _SAMPLE_FURTHER = 100, 8


@dataclass(frozen=True)
class Why:
    """What explains a wrong gradient, and the true gradient as far as it was computed for that."""

    causes: tuple[Any, ...] = ()
    expected: tuple[Array, ...] = ()


def diagnosed(problem: Problem, here: Here, findings: Sequence[Finding], *, exact: bool, seed: int, system: Any) -> Why:
    """Return what explains the wrong gradient at a point; nothing where the diagnosis fails."""
    try:
        return _diagnosed(problem, here, findings, exact=exact, seed=seed, system=system)
    except Spent:
        problem.notes["no diagnosis: the budget was spent"] = None
        return Why()
    except ModuleNotFoundError:
        return Why()
    except Exception as error:  # noqa: BLE001  a diagnosis is advice: whatever goes wrong in it, the verdict stands
        problem.notes[f"no diagnosis: {type(error).__name__}: {error}"] = None
        return Why()


def _diagnosed(
    problem: Problem, here: Here, findings: Sequence[Finding], *, exact: bool, seed: int, system: Any
) -> Why:
    home: Any = import_module("gradproof.verify.diagnosis")
    total = sum(here.inputs[k].size for k in problem.wrt)
    entries = total if total <= _WHOLE else _SAMPLE
    further = total if total <= _WHOLE_FURTHER else _SAMPLE_FURTHER
    found = expected_gradient(problem, here.inputs, here.cotangent, exact=exact, entries=entries, seed=seed)
    _settle(here, found)
    _fill(problem, found, findings)

    def reference(inputs: Sequence[Any]) -> list[Array] | None:
        there = expected_gradient(problem, list(inputs), here.cotangent, exact=exact, entries=further, seed=seed)
        return there.gradients

    case = home.Case(
        names=problem.names,
        inputs=here.inputs,
        claimed=here.gradients,
        expected=found.gradients,
        wrt=problem.wrt,
        objective=lambda inputs: objective(problem, inputs, here.cotangent),
        gradient=lambda inputs: problem.gradient(inputs, here.cotangent),
        cotangent=here.cotangent,
        system=system,
        reference=reference,
        value=problem.value,
        pullback=problem.gradient,
        accuracy=found.accuracy,
        seed=seed,
        function=problem.raw_value,
        code=problem.f,
    )
    return Why(tuple(home.diagnose(case)), tuple(found.gradients))


def _settle(here: Here, found: Expected) -> None:
    """Take claims that differ by no more than the error bars for what they are: right."""
    for claimed, expected, bar in zip(here.gradients, found.gradients, found.bars, strict=True):
        with np.errstate(invalid="ignore"):
            np.copyto(expected, claimed, where=np.abs(claimed - expected) <= bar)


def _fill(problem: Problem, found: Expected, findings: Sequence[Finding]) -> None:
    """Put the expected values of the findings in their places, where they are better."""
    for f in findings:
        if f.input not in problem.names or not np.isfinite(f.expected):
            continue
        k = problem.names.index(f.input)
        if k not in problem.wrt or len(f.index) != found.gradients[problem.wrt.index(k)].ndim:
            continue
        mine, bars = found.gradients[problem.wrt.index(k)], found.bars[problem.wrt.index(k)]
        if not np.isfinite(mine[f.index]) or f.error_bar < bars[f.index]:
            mine[f.index] = f.expected
