"""Is it the same function at all? f's value against what the system computes, for each way to match the inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from gradproof.derive.interpret import evaluate
from gradproof.derive.model import System
from gradproof.errors import InputError
from gradproof.verify.against.layout import Array, Layout
from gradproof.verify.against.matching import Inputs, matchings
from gradproof.verify.calls import Failed, Problem, is_real
from gradproof.verify.diagnosis.factors import close

#: Values that differ by no more than this share of the largest are the same: two orders of summation.
_SAME = 1e-9


@dataclass(frozen=True)
class Matched:
    """How f's arguments and value correspond to a system.

    Attributes:
        system: the equations.
        layout: which input holds which tensor.
        output: the tensor that f returns.
        order: f's value has the output's axes in this order.
    """

    system: System
    layout: Layout
    output: str
    order: tuple[int, ...]

    def value(self, inputs: Sequence[Any]) -> Array:
        """Return the system's output for the user's inputs, as f lays it out."""
        found = evaluate(self.system, self.layout.tensors(inputs))[self.output]
        return np.asarray(np.transpose(found, self.order))

    def seed(self, cotangent: Array | None) -> dict[str, Array]:
        """Return the cotangent of the output under its name in derivations; nothing for a number."""
        if not self.order or cotangent is None:
            return {}
        return {f"d_{self.output}": np.transpose(cotangent, np.argsort(self.order))}


@dataclass(frozen=True)
class Different:
    """The best matching in shape, where no matching reproduces f: what differs, in words."""

    layout: Layout | None
    reason: str


def matched(
    system: System,
    problem: Problem,
    *,
    mapping: Mapping[str, str],
    given: Mapping[str, Any],
    of: str | None,
    rng: np.random.Generator,
) -> Matched | Different:
    """Return the first matching of the inputs with which the system's output is f's value, at two points.

    Raises:
        Failed: f failed at the given point.
        InputError: `mapping` or `of` names what there is not.
    """
    value = problem.value(problem.inputs)
    names = _outputs(system, of)
    first: tuple[Layout, dict[str, Array]] | None = None
    for layout in matchings(system, Inputs(problem.names, problem.inputs, mapping, given)):
        found = _evaluated(system, layout, problem.inputs)
        if found is None:
            continue
        first = first or (layout, found)
        for output, order in _same(found, names, value):
            match = Matched(system, layout, output, order)
            if _confirmed(match, problem, rng):
                return match
    if first is None:
        return Different(None, "the inputs do not fit the system's in number and shape")
    return Different(first[0], _apart(value, first[1], names))


def _outputs(system: System, of: str | None) -> tuple[str, ...]:
    computed = tuple(dict.fromkeys(e.name for e in system.definitions))
    if of is not None and of not in computed:
        raise InputError(f"the system computes no {of!r}", expected=f"of: one of {', '.join(computed)}")
    return (of,) if of is not None else tuple(dict.fromkeys((*system.outputs, *computed)))


def _evaluated(system: System, layout: Layout, inputs: Sequence[Any]) -> dict[str, Array] | None:
    try:
        return evaluate(system, layout.tensors(inputs))
    except InputError:
        return None


def _same(found: Mapping[str, Array], names: Sequence[str], value: Array) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name in names:
        if found[name].ndim == value.ndim:
            for order in permutations(range(value.ndim)):
                if agree(np.transpose(found[name], order), value):
                    yield name, order


def agree(a: Array, b: Array) -> bool:
    """Are two arrays equal but for the order in which sums were taken?"""
    if a.shape != b.shape or not np.all(np.isfinite(a)):
        return False
    return bool(np.max(np.abs(a - b), initial=0.0) <= _SAME * np.max(np.abs(b), initial=0.0))


def _confirmed(match: Matched, problem: Problem, rng: np.random.Generator) -> bool:
    """Does the system's output equal f's value at another point too? Points that f does not take confirm nothing."""
    for step in (0.3, 0.03):
        moved = [a * (1 + step * rng.uniform(-1, 1, a.shape)) if is_real(a) else a for a in problem.inputs]
        try:
            value = problem.value(moved)
        except Failed:
            continue
        if np.all(np.isfinite(value)):
            return agree(match.value(moved), value)
    return True


def _apart(value: Array, found: Mapping[str, Array], names: Sequence[str]) -> str:
    """Say how far f is from the first output that has its shape, or that none has."""
    for name in names:
        if found[name].shape == value.shape:
            mine, theirs = (float(a.reshape(-1)[0]) if a.size else 0.0 for a in (value, found[name]))
            ratio = f": {mine / theirs:.6g} times as much" if theirs and _one_ratio(value, found[name]) else ""
            place = "" if value.ndim == 0 else f"{[0] * value.ndim}"
            return f"f{place} is {mine:.6g}, and {name}{place} is {theirs:.6g}{ratio}"
    return f"f has the shape {value.shape}, and no tensor that the system computes has it"


def _one_ratio(a: Array, b: Array) -> bool:
    if np.any(b == 0):
        return False
    ratios = a / b
    return all(close(float(r), float(ratios.reshape(-1)[0])) for r in ratios.reshape(-1))
