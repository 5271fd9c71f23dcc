"""Two systems at random points, in ball arithmetic: which outputs are certainly apart, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, ctx

from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Array, Balls
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.matching import Merged, Pair
from gradproof.derive.nodes import names_in
from gradproof.derive.notation import format_equation
from gradproof.errors import InputError
from gradproof.verify.agreement import Comparison
from gradproof.verify.draw import Point, draw_point, draw_sizes, sides
from gradproof.verify.first_difference import first_difference
from gradproof.verify.sameness_report import Counterexample, Sides, factor_between
from gradproof.verify.slopes import values_of

if TYPE_CHECKING:
    from gradproof.derive.index import Size

_ATTEMPTS = 24
_PRECISIONS = (60, 120, 240)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a point is drawn: is a size 1, the largest size, and what becomes of the inputs."""

    with_one: bool
    most: int
    change: str = ""


#: Clamps and cut-offs show at large inputs, ties at small whole numbers.
_KINDS = (_Kind(False, 4), _Kind(True, 3), _Kind(False, 5), _Kind(False, 5, "large"), _Kind(False, 3, "whole"))


class Judge:
    """Both systems at random points: which outputs are certainly apart, and where.

    With `ties` there is a point of small whole numbers too, at which comparisons meet their edges.
    """

    def __init__(self, merged: Merged, rng: np.random.Generator, *, ties: bool = True) -> None:
        self.merged, self.rng = merged, rng
        self.kinds = [k for k in _KINDS if ties or k.change != "whole"]
        self.functions = smooth_functions(merged.system.functions)
        self.usable: list[Point] = []
        self.reasons: list[str] = []
        self.apart: dict[str, Point] = {}
        self.agreeing = 0
        self.agreed: list[Point] = []
        self.counterexample: Counterexample | None = None

    def collect(self) -> None:
        """Try every kind of point; one that cannot be used leaves a reason."""
        for kind in self.kinds:
            found = self._at_a_point(kind)
            if isinstance(found, str):
                self.reasons.append(found)
                continue
            point, values = found
            self.usable.append(point)
            wrong = [p for p in self.merged.pairs if _apart(p, point, values)]
            self.agreeing += not wrong
            self.agreed += [] if wrong else [point]
            for pair in wrong:
                self.apart.setdefault(pair.second, point)
            if wrong and self.counterexample is None:
                self.counterexample = self._counterexample(wrong[0], point, values)

    def _at_a_point(self, kind: _Kind) -> tuple[Point, dict[str, Array]] | str:
        """Return a point at which everything is finite and decided, with all values."""
        why = "no point was tried"
        system = self.merged.system
        for attempt in range(_ATTEMPTS):
            with_one = kind.with_one and attempt < _ATTEMPTS // 2
            sizes = draw_sizes(system, self.rng, with_one=with_one, most=kind.most)
            with ctx.workprec(bits(_PRECISIONS[-1])):
                point = draw_point(system, sizes, self.rng, attempt)
            if point is None:
                why = "the sizes do not fit together"
                continue
            found = self._values(self._changed(point, kind.change), sizes)
            if not isinstance(found, str):
                return found
            why = found
        return f"no random point could be used in {_ATTEMPTS} attempts; the last one: {why}"

    def _changed(self, point: Point, change: str) -> Point:
        """Return the point with larger inputs, or with small whole ones; what an assumption fixes stays."""
        system = self.merged.system
        inputs: dict[str, Any] = dict(point.inputs)
        for name, array in point.inputs.items():
            if not change or array.dtype == object or system[name].bound is not None:
                continue
            whole = self.rng.integers(-2, 3, size=array.shape).astype(float)
            inputs[name] = np.asarray(array * 16 if change == "large" else whole)
        return replace(point, inputs=inputs)

    def _values(self, point: Point, sizes: Mapping[Size, int]) -> tuple[Point, dict[str, Array]] | str:
        why = ""
        for digits in _PRECISIONS:
            with ctx.workprec(bits(digits)):
                found = self._evaluated(point, sizes)
                if isinstance(found, str):
                    why = found
                elif all(_comparison(p, point, found).tight() or _apart(p, point, found) for p in self.merged.pairs):
                    return point, found
                else:
                    why = f"the error bounds are too wide at {point}"
        return why

    def _evaluated(self, point: Point, sizes: Mapping[Size, int]) -> dict[str, Array] | str:
        field, system = Balls(), self.merged.system
        try:
            found = {n: values_of(a) for n, a in run(system, point.named(), field, functions=self.functions).items()}
        except InputError as error:
            return error.message
        if field.trace.events:
            return f"a comparison cannot be decided at {point}: {field.trace.events[0]}"
        for pair in self.merged.pairs:
            if not _comparison(pair, point, found).finite() or not all(c.is_finite() for c in found[pair.second].flat):
                return f"{pair.name} is not finite at {point}"
        return self._unmet(point, found, sizes) or found

    def _unmet(self, point: Point, found: Mapping[str, Array], sizes: Mapping[Size, int]) -> str:
        system = self.merged.system
        for assumption in system.assumptions:
            left, right = sides(system, assumption, {**point.inputs, **found}, sizes)
            if not all(x.overlaps(y) for x, y in zip(left.reshape(-1), right.reshape(-1), strict=True)):
                return f"no inputs that satisfy the assumption about {assumption.name} could be drawn"
        return ""

    def _counterexample(self, pair: Pair, point: Point, values: Mapping[str, Array]) -> Counterexample:
        comparison = _comparison(pair, point, values)
        expected, claimed = comparison.expected, comparison.claimed
        place = max(np.ndindex(expected.shape), key=lambda at: float(abs(expected.item(at) - claimed.item(at)).lower()))
        system = self.merged.system
        apart = [p for p in self.merged.twins if _apart(p, point, values)]
        found = first_difference(system, apart, point, self.functions)
        mine, yours = found or (system.equations_of(e)[-1] for e in (pair.first, pair.second))
        read = {n for e in system.definitions for n in names_in(e.value)}
        return Counterexample(
            name=pair.name,
            index=place,
            first=_digits(expected.item(place)),
            second=_digits(claimed.item(place)),
            sizes=dict(point.sizes),
            inputs={n: _plain(a) for n, a in point.inputs.items() if n in read},
            equations=Sides(format_equation(mine, system), str(self.merged.as_written(yours))),
            factor=factor_between(expected, claimed, point.sizes),
        )


def _digits(x: arb) -> str:
    """Return 15 digits; what cannot be told from 0 is 0."""
    return "0" if x.contains(0) else str(x.str(15, radius=False))


def _plain(array: Array) -> Any:
    if array.dtype == object:
        return np.frompyfunc(lambda x: float(x.mid()), 1, 1)(array).tolist()
    return array.tolist()


def _comparison(pair: Pair, point: Point, values: Mapping[str, Array]) -> Comparison:
    first = values[pair.first] if pair.first in values else point.inputs[pair.first]
    return Comparison(pair.name, point, first, values[pair.second])


def _apart(pair: Pair, point: Point, values: Mapping[str, Array]) -> bool:
    """Are both values finite at some entry, and their enclosures without a number in common?"""
    comparison = _comparison(pair, point, values)
    pairs = zip(comparison.expected.flat, comparison.claimed.flat, strict=True)
    return any(x.is_finite() and y.is_finite() and not x.overlaps(y) for x, y in pairs)
