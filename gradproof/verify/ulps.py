"""Kernels against the interpreter: the error in units in the last place, judged by a running error bound.

The kernel is called at inputs that its dtype holds exactly, and the equations are evaluated there over balls, which
gives the exact result; the same run carries a first-order bound of the rounding errors that the equations allow
(`interpret.rounding`). An error within that bound is rounding; beyond it, it is a mistake.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, ctx

from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Array, Balls
from gradproof.derive.interpret.rounding import Rounded, lift
from gradproof.derive.interpret.run import bits
from gradproof.derive.model import System
from gradproof.errors import InputError
from gradproof.verify.draw import Point, draw_point, draw_sizes
from gradproof.verify.extremes import LARGE, large_point, long_point
from gradproof.verify.report import Finding, Verdict

Kernel = Callable[..., Mapping[str, Any]]

#: For each point: is one of the sizes 1, and which is the largest.
_POINTS = ((False, 4), (True, 3), (False, 7))
_ATTEMPTS, _FEW_ATTEMPTS = 48, 6
#: The bound is of first order, and its terms are charged once: a rearrangement may round a few times more.
_SAFETY = 2
_DIGITS = 40


@dataclass(frozen=True, slots=True)
class KernelCheck:
    """What became of one result of a kernel.

    Attributes:
        name: the result.
        dtype: what the kernel computed in.
        verdict: right, wrong or undecided.
        ulps: greatest error in units in the last place of the entry (of the largest term where terms cancel).
        share: greatest error as a share of the allowed one.
        worst: the worst entry, if wrong.
        reason: why undecided or wrong, in words.
        beyond: what was tried beyond small random points, in words: "m = 2, n = 1000", "inputs of 1024, n = 3".
    """

    name: str
    dtype: str
    verdict: Verdict
    ulps: float
    share: float
    worst: Finding | None = None
    reason: str = ""
    beyond: tuple[str, ...] = ()


def check_kernel(
    system: System,
    results: tuple[str, ...],
    kernel: Kernel,
    *,
    dtype: str = "float32",
    seed: int = 0,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    beyond: bool = False,
) -> tuple[KernelCheck, ...]:
    """Return for each result whether the kernel computes it to rounding, at three random points.

    Args:
        system: the equations that the kernel is to compute (for gradients: forward and backward ones).
        results: the tensors to compare.
        kernel: called with the inputs by name (and the sizes that it asks for); returns {name: array}.
        dtype: "float32" or "float64".
        seed: of the random sizes and inputs.
        functions: unknown functions, over balls.
        beyond: compare at a point with a long axis and at one with large inputs too, where there are such points.
    """
    task = _Task(system, results, kernel, dtype, functions)
    errors: dict[str, list[_Error]] = {n: [] for n in results}
    reasons: list[str] = []
    for k, (with_one, most) in enumerate(_POINTS):
        found = _at_a_point(task, np.random.default_rng([seed, k]), with_one, most)
        if isinstance(found, str):
            reasons.append(found)
        else:
            for name, error in found.items():
                errors[name].append(error)
    tried = []
    for text, found in _beyond(task, seed) if beyond else ():
        tried.append(text)
        for name, error in found.items():
            errors[name].append(error)
    return tuple(replace(_verdict(n, dtype, errors[n], reasons), beyond=tuple(tried)) for n in results)


@dataclass(frozen=True, slots=True)
class _Error:
    """The worst entry of one result at one point; `share` is its error as a share of the allowed one."""

    ulps: float
    share: float
    worst: Finding | None
    where: str


def _verdict(name: str, dtype: str, errors: list[_Error], reasons: list[str]) -> KernelCheck:
    ulps, share = max((e.ulps for e in errors), default=0.0), max((e.share for e in errors), default=0.0)
    wrong = [e for e in errors if not e.share <= 1]
    if wrong:
        text = f"at {wrong[0].where}: {wrong[0].worst}"
        return KernelCheck(name, dtype, "wrong", ulps, share, wrong[0].worst, text)
    if not errors:
        return KernelCheck(name, dtype, "undecided", ulps, share, None, "; ".join(dict.fromkeys(reasons)))
    return KernelCheck(name, dtype, "right", ulps, share)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is compared: the equations, their results, the kernel, its dtype, and the unknown functions."""

    system: System
    results: tuple[str, ...]
    kernel: Kernel
    dtype: str
    functions: Mapping[str, Callable[..., Any]] | None


def _beyond(task: _Task, seed: int) -> Iterator[tuple[str, dict[str, _Error]]]:
    """Yield the errors at a point with a long axis and at one with large inputs, each with what it is in words."""
    for k, draw in enumerate((long_point, large_point)):
        rng = np.random.default_rng([seed, 100 + k])
        for attempt in range(_FEW_ATTEMPTS):
            with ctx.workprec(bits(_DIGITS)):
                point = draw(task.system, rng, attempt)
                if point is None:
                    break
                point = point.in_type(task.dtype)
                exact = _exact(task, point)
            if not isinstance(exact, str):
                text = f"inputs of {LARGE:.0f}, {point}" if k else str(point)
                found = _compare(task, point, exact)
                yield text, {n: replace(e, where=text) for n, e in found.items()}
                break


def _at_a_point(task: _Task, rng: np.random.Generator, with_one: bool, most: int) -> dict[str, _Error] | str:
    """Return the errors at one random point, or why there is none."""
    why = "no point was tried"
    for attempt in range(_ATTEMPTS):
        with ctx.workprec(bits(_DIGITS)):
            sizes = draw_sizes(task.system, rng, with_one=with_one and attempt < _ATTEMPTS // 2, most=most)
            point = draw_point(task.system, sizes, rng, attempt)
            if point is None:
                why = "the sizes do not fit together"
                continue
            point = point.in_type(task.dtype)
            exact = _exact(task, point)
        if isinstance(exact, str):
            why = exact
            continue
        return _compare(task, point, exact)
    return f"no random point could be used in {_ATTEMPTS} attempts; the last one: {why}"


def _exact(task: _Task, point: Point) -> dict[str, Array] | str:
    """Return the exact results with their running errors, or why the point cannot be used."""
    field = Balls(Rounded)
    inputs = {n: _inputs(a, field) for n, a in point.inputs.items()}
    try:
        found = run(task.system, {**inputs, **point.sizes}, field, functions=task.functions)
    except InputError as error:
        return error.message
    if field.trace.events:
        return f"a kink within rounding at {point}: {field.trace.events[0]}"
    known = {**inputs, **found}
    for name in task.results:
        if not all(x.value.is_finite() and x.error.is_finite() for x in known[name].reshape(-1)):
            return f"{name} is not finite at {point}"
    return {n: known[n] for n in task.results}


def _inputs(array: Array, field: Balls) -> Array:
    if array.dtype.kind in "iu":
        return array
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        out[place] = lift(float(array[place]), field.trace)
    return out


def _compare(task: _Task, point: Point, exact: Mapping[str, Array]) -> dict[str, _Error]:
    named = {n: np.array(a) for n, a in point.inputs.items()} | dict(point.sizes)
    computed = task.kernel(**accepted(task.kernel, named))
    return {n: _worst(n, np.asarray(computed[n]), exact[n], point, task.dtype) for n in task.results}


def accepted(kernel: Kernel, named: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that the kernel has parameters for: it need not take every size and input."""
    try:
        parameters = inspect.signature(kernel).parameters
    except (TypeError, ValueError):
        return named
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return named
    return {n: a for n, a in named.items() if n in parameters}


def _worst(name: str, computed: Array, exact: Array, point: Point, dtype: str) -> _Error:
    """Return the error of the entry that is worst against what rounding allows."""
    if computed.shape != exact.shape:
        text = f"shape {computed.shape}, expected {exact.shape}"
        return _Error(float("inf"), float("inf"), Finding(name, (), float("nan"), float("nan"), 0.0, text), str(point))
    with ctx.workprec(bits(_DIGITS)):
        entries = [(*_entry(float(computed[p]), exact.item(p), dtype), p) for p in np.ndindex(exact.shape)]
    if not entries:
        return _Error(0.0, 0.0, None, str(point))
    _, share, place = max(entries, key=lambda e: e[1])
    value = exact.item(place)
    bar = float(value.error) * float(np.finfo(dtype).eps)
    worst = Finding(name, place, float(computed[place]), float(value.value), bar)
    return _Error(max(e[0] for e in entries), share, worst, str(point))


def _entry(computed: float, exact: Rounded, dtype: str) -> tuple[float, float]:
    """Return the error in units in the last place, and as a share of what rounding allows."""
    info = np.finfo(dtype)
    if abs(float(exact.value.mid())) > float(info.max):
        return (0.0, 0.0) if np.isinf(computed) else (float("inf"), float("inf"))
    if not np.isfinite(computed):
        return float("inf"), float("inf")
    error = float(abs(exact.value - arb(computed)).mid())
    # Below the smallest normal number every dtype loses digits: that much is allowed for each rounding.
    roundings = float(exact.error.upper()) * float(info.eps) + 16 * float(info.tiny)
    allowed = _SAFETY * roundings + _spacing(abs(float(exact.value.mid())), dtype)
    return error / _spacing(float(exact.scale.mid()), dtype), error / allowed


def _spacing(x: float, dtype: str) -> float:
    info = np.finfo(dtype)
    return float(np.spacing(np.asarray(min(max(x, float(info.tiny)), float(info.max) / 2), dtype=dtype)))
