"""What the judge says of a case, beside what is so."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import gradproof as gp
from gradproof.verify.report import Report

from .case import BEYOND, Case

#: An entry whose claim is off by more than this share must be found wrong; one that is off by less than the
#: other, of itself and of the largest, must not.
_SURELY, _HARDLY = 1e-6, 1e-12
#: Of a large input, not all of very many wrong entries can be listed: then those that are named must be wrong.
_LARGE, _MANY = 400, 64


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a case.

    Attributes:
        localised: are the entries named wrong those that are? None where there is nothing to name, and at a kink: of
            ties, no entry alone is to blame.
        diagnosed: is one of the causes (two at most) of the planted kind? None where the gradient is right, and where
            the verdict itself names the mistake.
        kinds: of the causes, best first.
    """

    case: Case
    report: Report
    seconds: float
    localised: bool | None
    diagnosed: bool | None
    kinds: tuple[str, ...]

    @property
    def verdict(self) -> str:
        return self.report.verdict

    @property
    def fault(self) -> str:
        """What is wrong with the verdict: a false alarm, a missed mistake, undecided; "" if nothing is."""
        if self.verdict == "undecided":
            return "undecided"
        if self.case.right:
            return "" if self.verdict == "right" else "false alarm"
        return "missed" if self.verdict == "right" and not self.report.elsewhere else ""


def judge(case: Case, seed: int = 0) -> Judged:
    """Return what the judge says of the case."""
    f, grad, vjp = case.made()
    inputs = case.drawn(seed)
    begun = time.process_time()
    report = gp.check(f, grad, inputs, vjp=vjp, **case.options)
    kinds = tuple(getattr(cause, "kind", "") for cause in report.diagnosis)
    seconds = time.process_time() - begun
    is_wrong = not case.right and report.verdict == "wrong"
    localised = located(case, report, inputs) if is_wrong and not (case.far or case.kink) else None
    planted = set(case.mistake.split("/"))
    diagnosed = not planted.isdisjoint(kinds) if is_wrong and planted.isdisjoint(BEYOND) else None
    return Judged(case, report, seconds, localised, diagnosed, kinds)


def located(case: Case, report: Report, inputs: Sequence[Any]) -> bool:
    """Return whether the report names exactly the wrong entries (and inputs)."""
    if set(report.wrong) != set(case.where):
        return False
    if any(f.index == () and np.isnan(f.claimed) and np.isnan(f.expected) for f in report.findings):
        return True  # a shape, or a gradient that is absent
    for name, (claimed, true) in compared(case, inputs).items():
        if claimed.shape != true.shape or not np.all(np.isfinite(claimed)):
            continue
        named = np.zeros(true.shape, dtype=bool)
        rows = report.wrong.get(name, np.zeros((0, true.ndim), dtype=int))
        named[tuple(np.asarray(rows, dtype=int).T)] = len(rows) > 0
        error = np.abs(claimed - true)
        size = np.maximum(np.abs(claimed), np.abs(true))
        largest = float(np.max(size, initial=0.0))
        surely = (error > _SURELY * size) & (error > _HARDLY * largest)
        too_many = true.size > _LARGE and np.count_nonzero(surely) > _MANY
        if np.any(surely & ~named) and not (too_many and np.any(named)):
            return False
        if np.any((error <= _HARDLY * size) & named):
            return False
    return True


def compared(case: Case, inputs: Sequence[Any]) -> dict[str, tuple[Any, Any]]:
    """Return claimed and true gradient for each input that is differentiated, by name."""
    names = input_names(case, inputs)
    f, grad, vjp = case.made()
    found, true = (called(case, g, f, inputs) for g in (vjp or grad, case.truth or vjp or grad))
    wrt = differentiated(case, inputs)
    claims, truths = (arranged(g, names, wrt, inputs) for g in (found, true))
    return {names[k]: (c, t) for k, c, t in zip(wrt, claims, truths, strict=True)}


def called(case: Case, gradient: Any, f: Any, inputs: Sequence[Any]) -> Any:
    """Return what the gradient returns, called with a cotangent where it is a vjp."""
    copies = [np.array(a, copy=True) if isinstance(a, np.ndarray) else a for a in inputs]
    with np.errstate(all="ignore"):
        value = f(*[np.array(a, copy=True) if isinstance(a, np.ndarray) else a for a in inputs])
        return gradient(*copies) if case.vjp is None else gradient(cotangent_like(value), *copies)


def cotangent_like(value: Any) -> Any:
    """Return a cotangent of the value's shape, always the same."""
    return np.random.default_rng(7).uniform(0.5, 1.5, np.shape(value))


def input_names(case: Case, inputs: Sequence[Any]) -> list[str]:
    """Return how the inputs are called in the report."""
    if "names" in case.options:
        return list(case.options["names"])
    return gp_names(case.made()[0], len(inputs))


def gp_names(f: Any, count: int) -> list[str]:
    """Return the names that the judge takes from f's parameters."""
    from gradproof.verify.calls import Problem

    return Problem(f, lambda *a: a, [np.ones(1)] * count).names


def differentiated(case: Case, inputs: Sequence[Any]) -> list[int]:
    """Return the positions of the inputs that the gradient is for."""
    names = input_names(case, inputs)
    wrt = case.options.get("wrt")
    if wrt is not None:
        return [names.index(w) if isinstance(w, str) else w for w in ([wrt] if isinstance(wrt, str | int) else wrt)]
    return [k for k, a in enumerate(inputs) if np.asarray(a).dtype.kind == "f"]


def arranged(found: Any, names: Sequence[str], wrt: Sequence[int], inputs: Sequence[Any]) -> list[Any]:
    """Return one float array for each input that is differentiated, whichever way they were returned."""
    shapes = [np.shape(inputs[k]) for k in wrt]
    if isinstance(found, dict):
        parts = [found.get(names[k], np.nan) for k in wrt]
    elif isinstance(found, tuple | list) and not (isinstance(found, list) and np.ndim(found[0]) < 1):
        parts = [found[k] for k in wrt] if len(found) == len(names) != len(wrt) else list(found)
    else:
        parts = [found]
    if len(parts) == 1 < len(wrt):
        ends = np.cumsum([int(np.prod(s)) for s in shapes])
        parts = [p.reshape(s) for p, s in zip(np.split(np.asarray(parts[0]), ends[:-1]), shapes, strict=True)]
    return [np.asarray(np.nan if p is None else p, dtype=float) for p in parts]
