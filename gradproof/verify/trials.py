"""A derivation at random points, in ball arithmetic: what it claims there, and what the forward equations alone say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, ctx

from gradproof.derive.index import Size
from gradproof.derive.interpret import run
from gradproof.derive.interpret.ball import Ball
from gradproof.derive.interpret.fields import Array, Balls, Float64
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.joint import gradient_names, joint_system, perturbed
from gradproof.derive.model import System
from gradproof.derive.steps import Derivation, Mode
from gradproof.errors import InputError
from gradproof.verify.agreement import Comparison
from gradproof.verify.branches import Branch, branches, has_branches, other_sides
from gradproof.verify.draw import Point, draw_point, draw_sizes, sides
from gradproof.verify.gauss_newton import expected_gauss_newton
from gradproof.verify.slopes import split, values_of, with_slopes
from gradproof.verify.tangents import expected_tangents
from gradproof.verify.through_time import expected_product

_ATTEMPTS = 48
_PRECISIONS = (60, 120, 240)
Functions = Mapping[str, Callable[..., Any]]


class Trials:
    """The systems that are evaluated for one derivation, prepared once."""

    def __init__(self, derivation: Derivation, functions: Functions | None, backward: System | None) -> None:
        self.derivation = derivation
        self.functions = smooth_functions(derivation.system.functions) if functions is None else functions
        self.joint = joint_system(derivation if backward is None else _with_backward(derivation, backward))
        self.forward, self.added = perturbed(_definitions(derivation.system), derivation.wrt)
        self.seen: frozenset[Branch] = frozenset()

    def at_a_random_point(
        self, rng: np.random.Generator, with_one: bool, most: int, sizes: Mapping[str, int] | None
    ) -> list[Comparison] | str:
        """Return the comparisons at a point in the domain and away from kinks, or why none was found."""
        why = "no point was tried"
        for attempt in range(_ATTEMPTS):
            drawn = draw_sizes(self.joint, rng, with_one=with_one and attempt < _ATTEMPTS // 2, most=most)
            chosen = {s: (sizes or {}).get(s.name, n) for s, n in drawn.items()}
            with ctx.workprec(bits(_PRECISIONS[-1])):
                point = draw_point(self.joint, chosen, rng, attempt)
            found = "the sizes do not fit together" if point is None else self._at(point, chosen)
            if not isinstance(found, str):
                return found
            why = found
        return f"no random point could be used in {_ATTEMPTS} attempts; the last one: {why}"

    def at_other_branches(
        self, rng: np.random.Generator, known: list[list[Comparison]], sizes: Mapping[str, int] | None
    ) -> list[list[Comparison]]:
        """Return the comparisons at points where an inequality in the equations is decided as at no point before."""
        if not has_branches(self.joint):
            return []
        found: list[list[Comparison]] = []
        self.seen = frozenset().union(*(self._branches(c.point) for cs in known for c in cs[:1]))
        for attempt in range(_ATTEMPTS):
            missing = other_sides(self.seen)
            if not missing:
                break
            drawn = draw_sizes(self.joint, rng, with_one=False)
            chosen = {s: (sizes or {}).get(s.name, n) for s, n in drawn.items()}
            with ctx.workprec(bits(_PRECISIONS[-1])):
                point = draw_point(self.joint, chosen, rng, attempt)
            point = None if point is None else point.scaled(rng)
            if point is not None and (met := self._branches(point)) & missing:
                comparisons = self._at(point, chosen)
                if not isinstance(comparisons, str) and all(c.tight() or c.worst() for c in comparisons):
                    found.append(comparisons)
                    self.seen |= met
        return found

    def _branches(self, point: Point) -> frozenset[Branch]:
        try:
            return branches(self.joint, point.named(), self.functions)
        except InputError:
            return frozenset()

    def _at(self, point: Point, sizes: Mapping[Size, int]) -> list[Comparison] | str:
        why = self._outside_domain(point)
        if why:
            return why
        found: list[Comparison] | str = ""
        for digits in _PRECISIONS:
            with ctx.workprec(bits(digits)):
                found = self._compare(point, sizes)
                if isinstance(found, str) or all(c.tight() or c.worst() for c in found):
                    return found
        return found

    def _outside_domain(self, point: Point) -> str:
        """Say why the forward equations have no finite value in floats at the point; "" if they have."""
        try:
            found = self._in_floats(point)
        except InputError as error:
            return error.message
        bad = [n for n in self.derivation.of if not np.all(np.isfinite(found[n]))]
        return f"{bad[0]} is not finite at {point}" if bad else ""

    def _undefined(self, point: Point) -> str:
        """Say what part of the forward equations has no finite value at the point, be it that nothing reads it.

        Beside it a gradient may be NaN where it should be 0, as in every framework: 0*nan is nan. That is no value,
        and a point outside the domain; a gradient that is finite there is judged, as for masks of -inf.
        """
        try:
            self._in_floats(point, strict=True)
        except InputError as error:
            return error.message
        return ""

    def _in_floats(self, point: Point, *, strict: bool = False) -> dict[str, Any]:
        system = _definitions(self.derivation.system)
        return run(system, self._forward_inputs(point), Float64(strict=strict), functions=self.functions)

    def _forward_inputs(self, point: Point) -> dict[str, Any]:
        system = self.derivation.system
        names = {t.name for t in system.inputs} | set(point.sizes)
        return {n: v for n, v in point.named().items() if n in names}

    def _compare(self, point: Point, sizes: Mapping[Size, int]) -> list[Comparison] | str:
        expected, events = self._expected(point)
        if events:
            return f"a kink at {point}: {events[0]}"
        if not all(_finite(a) for a in expected.values()):
            return f"a derivative is not finite at {point}"
        field = Balls()
        found = run(self.joint, point.named(), field, functions=self.functions)
        if field.trace.events:
            return f"a kink at {point}: {field.trace.events[0]}"
        unmet = self._unmet_assumption({**point.inputs, **found}, sizes)
        if unmet:
            return f"the assumption {unmet} was used, and no inputs that satisfy it could be drawn"
        known = {**{n: field.lift(a) for n, a in point.inputs.items()}, **found}
        names = gradient_names(self.derivation)
        claims = {w: values_of(known[name]) for w, name in names.items()}
        if not all(_finite(a) for a in claims.values()) and (undefined := self._undefined(point)):
            return f"{undefined} at {point}"
        return [Comparison(w, point, expected[w], claim) for w, claim in claims.items()]

    def _expected(self, point: Point) -> tuple[dict[str, Array], list[str]]:
        if self.derivation.mode is Mode.GRADIENT:
            return self._forward_slopes(point)
        if self.derivation.mode is Mode.THROUGH_TIME:
            return expected_product(self.derivation, self._forward_inputs(point), self.functions)
        if self.derivation.mode is Mode.GAUSS_NEWTON:
            inputs = self._forward_inputs(point)
            return expected_gauss_newton(self.derivation, inputs, point.inputs, self.functions)
        return expected_tangents(self.derivation, self._forward_inputs(point), point.inputs, self.functions)

    def _unmet_assumption(self, arrays: Mapping[str, Any], sizes: Mapping[Size, int]) -> str:
        system = self.derivation.system
        mine = {n: a for n, a in arrays.items() if n in system.by_name}
        plain = {n: values_of(a) if a.dtype == object else a for n, a in mine.items()}
        for assumption in system.assumptions:
            if assumption.name in self.derivation.assumptions_used:
                left, right = sides(system, assumption, plain, sizes)
                if not all(a.overlaps(b) for a, b in zip(left.reshape(-1), right.reshape(-1), strict=True)):
                    return assumption.name
        return ""

    def _forward_slopes(self, point: Point) -> tuple[dict[str, Array], list[str]]:
        """Return the derivatives of sum(cotangent * output), by the forward equations alone, and the kinks met."""
        field, inputs = Balls(), self._forward_inputs(point)
        system, wrt = self.derivation.system, self.derivation.wrt
        shapes = self._shapes(wrt, inputs)
        total = sum(int(np.prod(shapes[w])) for w in wrt)
        first = 0
        for w in wrt:
            name = self.added.get(w, w)
            values = inputs[w] if w in inputs else np.zeros(shapes[w])
            inputs[name] = with_slopes(field.lift(values), field, first, total)
            first += int(np.prod(shapes[w]))
        found = run(self.forward, inputs, field, functions=self.functions)
        objective: Any = Ball(arb(0), field.trace)
        for name in self.derivation.of:
            seed = point.inputs[f"d_{name}"] if system[name].shape else np.ones(())
            objective = objective + np.sum(found[name] * field.lift(seed))
        return split(objective.slope, shapes, wrt), field.trace.events

    def _shapes(self, wrt: tuple[str, ...], inputs: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        shapes = {w: np.shape(inputs[w]) for w in wrt if w in inputs}
        if len(shapes) < len(wrt):
            floats = run(_definitions(self.derivation.system), inputs, Float64(), functions=self.functions)
            shapes |= {w: floats[w].shape for w in wrt if w not in inputs}
        return shapes


def _finite(balls: Array) -> bool:
    return all(e.is_finite() for e in balls.reshape(-1))


def _definitions(system: System) -> System:
    """Return the system without its updates."""
    return replace(system, equations=system.definitions)


def _with_backward(derivation: Derivation, backward: System) -> Derivation:
    return replace(derivation, backward=backward)
