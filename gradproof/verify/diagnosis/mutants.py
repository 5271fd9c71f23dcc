"""Which mistake in the derivation reproduces the claim: every slip in every equation, and two of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradproof.derive.model import Equation
from gradproof.verify.diagnosis.case import Array, Cause
from gradproof.verify.diagnosis.factors import close, say_factor
from gradproof.verify.diagnosis.forms import Form, forms
from gradproof.verify.diagnosis.rerun import Rerun
from gradproof.verify.diagnosis.sizes import sizes
from gradproof.verify.diagnosis.slips import slips
from gradproof.verify.diagnosis.study import Point, Study
from gradproof.verify.diagnosis.telling import begins, told
from gradproof.verify.mutate import Change

if TYPE_CHECKING:
    from gradproof.verify.against.judged import Derived

#: Mutants that are run for one slip, and for two.
_FOR_ONE, _FOR_TWO = 500, 700
#: What may be left of the error of each tensor, and what is rounding.
_LEFT, _ROUNDING = 1e-6, 1e-10
#: Factors that may go along with a slip, beside the sizes.
_FACTORS = (2.0, 0.5, -1.0)


@dataclass(frozen=True)
class _Slip:
    """A slip, and the gradients that it gives at the given point (the tensors that it reaches)."""

    form: Form
    equation: Equation
    change: Change
    found: Mapping[str, Array] = field(default_factory=dict)
    before: _Slip | None = None

    @property
    def equations(self) -> dict[str, Equation]:
        """The changed equations, by the names of their targets."""
        changed = {} if self.before is None else self.before.equations
        return {**changed, self.equation.name: replace(self.equation, value=self.change.value)}


def from_mutants(study: Study, derived: Derived) -> tuple[Cause, ...]:
    """Return the slip that reproduces the claim, or the two; empty where none does, at all points."""
    search = _Search(study, derived)
    return search.one() or search.two()


class _Search:
    def __init__(self, study: Study, derived: Derived) -> None:
        self.study, self.derived = study, derived
        self.spent = 0
        self.names = {w: e.name for w, e in derived.derivation.gradients.items()}
        self.wanted = frozenset(self.names.values())
        self.claimed = self._tensors(study.here.claimed, study.here)
        self.true = self._tensors(study.here.true, study.here)
        self.wrong = frozenset(n for n in self.claimed if not _alike(self.claimed[n], self.true[n], _ROUNDING))
        self.reruns = [Rerun(form, self._inputs(study.here)) for form in forms(derived.derivation)]
        self.tried: list[_Slip] = []

    def _tensors(self, gradients: Any, point: Point) -> dict[str, Array]:
        """Return the gradients by the names of the tensors' adjoints."""
        at: list[Any] = list(point.inputs)
        for k, g in zip(self.derived.wrt, gradients, strict=True):
            at[k] = g
        held = [h for h in self.derived.match.layout.held if h.input in self.derived.wrt and h.tensor in self.names]
        return {self.names[h.tensor]: np.asarray(h.read(at), dtype=float) for h in held}

    def _inputs(self, point: Point) -> dict[str, Any]:
        match = self.derived.match
        return {**match.layout.tensors(point.inputs), **match.seed(point.cotangent)}

    # ------------------------------------------------------------ one slip

    def one(self) -> tuple[Cause, ...]:
        """Return the first slip that reproduces every tensor, at all points; then one with a factor besides."""
        for slip in self._reaching():
            self.tried.append(slip)
            if self._reproduces(slip.found) and self._confirmed(slip, 1.0):
                return (self._cause(slip, 1.0),)
        for slip in self.tried:
            c = self._factor(slip.found)
            if c is not None and self._confirmed(slip, c):
                return (self._cause(slip, 1.0, c),)
        return ()

    def _reaching(self) -> Iterator[_Slip]:
        """Yield slips in equations that every wrong tensor depends on."""
        for rerun in self.reruns:
            for equation in rerun.form.backward:
                if self.wrong <= rerun.form.affected(equation.name):
                    yield from self._in(rerun, equation, None, _FOR_ONE)

    def _in(self, rerun: Rerun, equation: Equation, before: _Slip | None, budget: int) -> Iterator[_Slip]:
        for change in slips(rerun.form, equation):
            if self.spent >= budget:
                return
            self.spent += 1
            slip = _Slip(rerun.form, equation, change, before=before)
            found = rerun.changed(slip.equations, self.wanted)
            if found is not None:
                yield replace(slip, found=found)

    # ------------------------------------------------------------ two slips

    def two(self) -> tuple[Cause, ...]:
        """Return two slips that reproduce every tensor together, the first of which explains a tensor alone."""
        for first, alone in self._firsts():
            for second in self._seconds(first):
                if self._reproduces(second.found) and self._confirmed(second, 1.0):
                    return self._pair(first, second, alone)
        return ()

    def _firsts(self) -> list[tuple[_Slip, frozenset[str]]]:
        """Return the slips that explain a wrong tensor and break no right one, those that explain most first."""
        for rerun in self.reruns[:1]:
            for equation in rerun.form.backward:
                reached = rerun.form.affected(equation.name)
                if self.wrong & reached and not self.wrong <= reached:
                    self.tried += self._in(rerun, equation, None, _FOR_TWO)
        found = [(s, self._explained(s.found)) for s in self.tried]
        return sorted(((s, n) for s, n in found if n), key=lambda pair: -len(pair[1]))

    def _explained(self, found: Mapping[str, Array]) -> frozenset[str]:
        if any(not self._fits(n, found[n]) for n in found if n in self.claimed and n not in self.wrong):
            return frozenset()
        return frozenset(n for n in self.wrong if n in found and self._fits(n, found[n]))

    def _seconds(self, first: _Slip) -> Iterator[_Slip]:
        """Yield slips in another equation beside the first, those of what begins the same recurrence first."""
        rerun = next(r for r in self.reruns if r.form is first.form)
        others = [e for e in rerun.form.backward if e.name != first.equation.name]
        for equation in sorted(others, key=lambda e: not begins(rerun.form, e, first.equation)):
            if self.wrong & rerun.form.affected(equation.name):
                yield from self._in(rerun, equation, first, _FOR_TWO + _FOR_ONE)

    def _pair(self, first: _Slip, second: _Slip, alone: frozenset[str]) -> tuple[Cause, ...]:
        """Return both causes; a slip in the equation that begins the first's recurrence is the same slip."""
        if begins(first.form, second.equation, first.equation):
            return (self._cause(first, 1.0),)
        share = self._size(alone) / self._size(self.wrong)
        return self._cause(first, share), self._cause(second, 1 - share)

    def _size(self, names: frozenset[str]) -> float:
        return sum(float(np.sum((self.claimed[n] - self.true[n]) ** 2)) for n in sorted(names))

    # ------------------------------------------------------------ does it reproduce the claim?

    def _reproduces(self, found: Mapping[str, Array], c: float = 1.0) -> bool:
        there = {n: c * found[n] if n in self.wrong else found[n] for n in found}
        return all(self._fits(n, there.get(n, self.true[n])) for n in self.claimed)

    def _fits(self, name: str, found: Array) -> bool:
        claimed, true = self.claimed[name], self.true[name]
        size = _largest(claimed) or _largest(true)
        if found.shape != claimed.shape or not np.all(np.isfinite(found)):
            return False
        left = min(_largest(claimed - true), size) if name in self.wrong else 0.0
        return _largest(found - claimed) <= _LEFT * left + _ROUNDING * size

    def _factor(self, found: Mapping[str, Array]) -> float | None:
        """Return the factor beside a slip, the same for all wrong tensors; None where there is none with a name."""
        pairs = [(self.claimed[n].reshape(-1), found[n].reshape(-1)) for n in sorted(self.wrong)]
        above = sum(float(np.sum(a * b)) for a, b in pairs)
        below = sum(float(np.sum(b * b)) for _, b in pairs)
        if not below or not np.isfinite(above / below):
            return None
        c = above / below
        named = [*_FACTORS, *(float(n) ** e for n in sizes(self.study.case) for e in (1, -1))]
        return c if any(close(c, v) for v in named) and self._reproduces(found, c) else None

    def _confirmed(self, slip: _Slip, c: float) -> bool:
        """Does it reproduce the claims at the further points too, in at least three numbers that it changes?"""
        evidence = sum(int(np.sum(slip.found[n] != self.true[n])) for n in slip.found if n in self.true)
        for point in self.study.further:
            found = Rerun(slip.form, self._inputs(point)).changed(slip.equations, self.wanted)
            if found is None:
                return False
            claimed, true = self._tensors(point.claimed, point), self._tensors(point.true, point)
            for name in claimed:
                there = c * found[name] if name in self.wrong else found.get(name, true[name])
                if not _alike(there, claimed[name], _LEFT):
                    return False
        return evidence * (1 + len(self.study.further)) >= 3

    # ------------------------------------------------------------ words

    def _cause(self, slip: _Slip, share: float, c: float = 1.0) -> Cause:
        kind, text = told(slip.form, slip.equation, slip.change)
        names = [self.study.name(k) for k in self.study.wrong]
        if c != 1.0:
            said = say_factor(c, sizes(self.study.case))[1].replace("{of}", " and ".join(f"`{n}`" for n in names))
            text = f"{text}; besides, {said}"
        return Cause(text, share, kind, ", ".join(names))


def _alike(a: Array, b: Array, tolerance: float) -> bool:
    return a.shape == b.shape and _largest(a - b) <= tolerance * _largest(b)


def _largest(a: Array) -> float:
    return float(np.max(np.abs(a), initial=0.0))
