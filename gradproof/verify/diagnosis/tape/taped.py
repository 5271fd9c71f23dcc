"""A point with the tape of the function's run there, and the mistakes that can be made on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from gradproof.verify.diagnosis.sizes import sizes
from gradproof.verify.diagnosis.study import Point, Study
from gradproof.verify.diagnosis.tape.beside import at_inputs, exchanged, with_other_factors
from gradproof.verify.diagnosis.tape.loops import at_loops
from gradproof.verify.diagnosis.tape.rarer import rarer
from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Untapeable
from gradproof.verify.diagnosis.tape.reverse import Edges, Reverse
from gradproof.verify.diagnosis.tape.run import Run, run_on_tape
from gradproof.verify.diagnosis.tape.stretches import in_place_of, stretches
from gradproof.verify.diagnosis.tape.units import Unit, units
from gradproof.verify.diagnosis.tape.variants import Variant, at_steps

#: Sizes that are tried as factors at every step.
_SIZES = 5


def largest(point: Point) -> float:
    """Return the largest entry of all true gradients."""
    return max(float(np.nanmax(np.abs(t), initial=0.0)) for t in point.true)


class Taped:
    """A point with its tape; its gradient must be the true one."""

    def __init__(self, study: Study, point: Point) -> None:
        case = study.case
        self.run: Run = run_on_tape(case.function, point.inputs, case.wrt, case.code)  # type: ignore[arg-type]
        self.reverse = Reverse(self.run, point.cotangent)
        self.reverse.quieten()
        self.reach = Reach(self.run.tape, self.run.output.shape)
        self.mute = study.mute - frozenset(study.wrong)
        self.sizes = tuple(sorted(sizes(case))[:_SIZES])
        found = self.reverse.gradients([Edges()])
        floor = 1e-10 * largest(point)
        for k, (g, true) in enumerate(zip(found, point.true, strict=True)):
            known = np.isfinite(true)
            size = float(np.max(np.abs(true[known]), initial=0.0))
            if not np.all(np.abs(g[0] - true)[known] <= max(1e-7, 3 * study.accuracy[k]) * size + floor):
                raise Untapeable("the tape's gradient is not the true one")

    @cached_property
    def units(self) -> list[Unit]:
        return units(self.run.tape)

    def variants(self, wrong: frozenset[int], *, part: bool, rare: bool = False) -> Iterator[Variant]:
        """Yield the variants that change the gradients of the wrong inputs and no others (of a part of them)."""

        def fits(reached: frozenset[int]) -> bool:
            changed = reached - self.mute
            return bool(changed) and (changed < wrong if part else changed == wrong)

        for v in rarer(self.reach, self.units) if rare else self._all(fits):
            if fits(self._through(v)):
                yield v

    def _through(self, v: Variant) -> frozenset[int]:
        """Return the inputs whose gradients a variant may change."""
        through = self.reach.by(tuple(v.edges.weights))
        for g in (*(v.edges.exchange or ()), *v.edges.moved):
            through |= self.reach.inputs[g]
        return through

    def _all(self, fits: Callable[[frozenset[int]], bool]) -> Iterator[Variant]:
        tape = self.run.tape
        for unit in self.units:
            yield from at_steps(tape, unit, self.sizes)
        yield from at_loops(self.reach, self.units)
        yield from at_inputs(self.reach)
        yield from exchanged(self.reach)
        for source in range(len(tape.groups)):
            for stretch in stretches(tape, source) if fits(self.reach.inputs[source]) else ():
                if not stretch.linear:
                    yield from in_place_of(tape, stretch)
        for unit in self.units:
            yield from with_other_factors(self.reach, unit)
