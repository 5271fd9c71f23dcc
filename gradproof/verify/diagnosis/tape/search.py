"""Which mistake at a step of the user's own function reproduces the claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Array, Cause
from gradproof.verify.diagnosis.study import Point, Study
from gradproof.verify.diagnosis.tape.altered import altered
from gradproof.verify.diagnosis.tape.beside import at_inputs, exchanged, with_other_factors
from gradproof.verify.diagnosis.tape.dropped import of_an_input
from gradproof.verify.diagnosis.tape.loops import at_loops
from gradproof.verify.diagnosis.tape.opened import opened, said, whole
from gradproof.verify.diagnosis.tape.rarer import rarer, sort_of
from gradproof.verify.diagnosis.tape.record import Untapeable
from gradproof.verify.diagnosis.tape.stretches import in_place_of, stretches
from gradproof.verify.diagnosis.tape.taped import Taped, largest
from gradproof.verify.diagnosis.tape.telling import rank, told
from gradproof.verify.diagnosis.tape.variants import Variant, at_steps

#: What may be left of an error, as a share of it, and what is rounding, as a share of the gradient.
_LEFT, _ROUNDING = 1e-5, 1e-10
#: What is rounding of terms that cancel, as a share of the largest entry of all gradients.
_FLOOR = 1e-13
#: Work that one search may take: numbers on the tape times variants.
_WORK = 30_000_000
#: Mistakes that people make less often than those that may give the same numbers.
_FAR = frozenset({"other factor", "step"})


def from_tape(study: Study) -> tuple[Cause, ...]:
    """Return the mistake (or the two) that reproduces the claim; empty where none does, or f leaves no tape."""
    if study.case.function is None:
        return ()
    try:
        return _Search(study).causes()
    except Untapeable:
        return ()


class _Search:
    def __init__(self, study: Study) -> None:
        self.study = study
        self.wrong = frozenset(study.wrong)
        self.here = Taped(study, study.here)
        self.work = 0

    def causes(self) -> tuple[Cause, ...]:
        """Return the cause, or the two."""
        usual = self._one(rare=False) or self._another_function()
        return usual or self._one(rare=True) or self._opened() or self._two()

    def _one(self, *, rare: bool) -> tuple[Cause, ...]:
        for v in self._best(self._matching(self.study.here, part=False, rare=rare)):
            if self._confirmed([v]):
                return (self._cause(v),)
        return ()

    def _opened(self) -> tuple[Cause, ...]:
        """Return the place whose slice or index was forgotten, if the gradient is that of f without it."""
        case, here = self.study.case, self.study.here
        for look, found in opened(case, here.inputs, here.cotangent):
            if self._reproduced(here, found) != self.wrong:
                continue
            further = [(p, whole(case, p.inputs, p.cotangent, look)) for p in self.study.further]
            if all(g is not None and self._reproduced(p, g) == self.wrong for p, g in further):
                kind, text = said(look)
                return (Cause(text, 1.0, kind, ", ".join(self.study.name(k) for k in sorted(self.wrong))),)
        return ()

    def _cause(self, v: Variant) -> Cause:
        kind, text = told(self.here.reach, v)
        if (
            kind in ("sign", "factor")
            and not of_an_input(self.here.reach, v)
            and not any(self._is_whole(k) for k in self.wrong)
        ):
            kind = "branch" if self._is_branch(v) else f"term-{kind}"
        return Cause(text, 1.0, kind, ", ".join(self.study.name(k) for k in sorted(self.wrong)))

    def _is_whole(self, k: int) -> bool:
        """Is the claim the right gradient times one number?"""
        claimed, true = self.study.here.claimed[k], self.study.here.true[k]
        known = np.isfinite(true)
        c = float(np.sum((claimed * true)[known])) / (float(np.sum(true[known] ** 2)) or 1.0)
        return bool(np.allclose(claimed[known], c * true[known], rtol=1e-6, atol=1e-9 * largest(self.study.here)))

    def _is_branch(self, v: Variant) -> bool:
        """Does the step's result go into a choice between two?"""
        groups = self.here.run.tape.groups
        g = v.unit.groups[0]
        return any(x.name == "where" and g in self.here.reach.parents(k) for k, x in enumerate(groups))

    def _another_function(self) -> tuple[Cause, ...]:
        for v in self._alterations(self.here, self.study.here):
            if self._explains(self.here, self.study.here, v) and self._alteration_confirmed(v):
                return (self._cause(v),)
        return ()

    def _alterations(self, there: Taped, point: Point) -> Iterator[Variant]:
        return altered(self.study.case, point.inputs, there.run)

    def _explains(self, there: Taped, point: Point, v: Variant) -> bool:
        found = there.reverse.gradients([v.edges])
        return self._reproduced(point, [g[0] for g in found]) == self.wrong

    def _alteration_confirmed(self, v: Variant) -> bool:
        for point in self.study.further:
            there = Taped(self.study, point)
            again = [w for w in self._alterations(there, point) if _key(w) == _key(v)]
            if not any(self._explains(there, point, w) for w in again):
                return False
        return True

    def _matching(self, point: Point, *, part: bool, rare: bool = False) -> list[tuple[Variant, frozenset[int]]]:
        """Return the variants with the wrong inputs that each reproduces, leaving the others as they are."""
        chosen = list(self.here.variants(self.wrong, part=part, rare=rare))
        room = max(0, _WORK // max(1, len(self.here.run.tape.values)))
        chosen = chosen[:room]
        if not chosen:
            return []
        found = self.here.reverse.gradients([v.edges for v in chosen])
        out, closest = [], []
        near = self._near_a_claim(point, found)
        for m, v in enumerate(chosen):
            if not near[m]:
                continue
            gradients = [g[m] for g in found]
            mine = self._reproduced(point, gradients)
            if mine and (part or mine == self.wrong):
                out.append((v, mine))
                # Of a term that is tiny beside the error, all mistakes fit nearly; the true one to the last digit.
                if self._reproduced(point, gradients, left=0.0) == mine:
                    closest.append((v, mine))
        return closest or out

    def _near_a_claim(self, point: Point, found: list[Array]) -> Array:
        """Return which variants come near the claim about a wrong input: most do not, and need no closer look."""
        near = np.zeros(len(found[0]), dtype=bool)
        for k in self.wrong:
            known = np.isfinite(point.true[k])
            claimed, true = point.claimed[k][known], point.true[k][known]
            size = max(float(np.max(np.abs(a), initial=0.0)) for a in (claimed, true, claimed - true))
            off = np.abs(found[k][:, known] - claimed).reshape(len(near), -1)
            with np.errstate(invalid="ignore"):
                near |= np.max(off, axis=1, initial=0.0) <= 2 * _LEFT * size + _FLOOR * largest(point)
        return near

    def _reproduced(self, point: Point, found: list[Array], left: float = _LEFT) -> frozenset[int]:
        """Return the wrong inputs whose claim is this gradient; none if another's is neither the claim nor right."""
        mine = set()
        floor = _FLOOR * largest(point)
        for k, g in enumerate(found):
            claimed, true = point.claimed[k], point.true[k]
            if _alike(g, claimed, true, claimed, floor, part=left):
                if k in self.wrong:
                    mine.add(k)
            elif not _alike(g, true, true, claimed, floor):
                return frozenset()
        return frozenset(mine)

    def _best(self, found: list[tuple[Variant, frozenset[int]]]) -> list[Variant]:
        """Return the variants that say most first; a sign or factor of everything stands best near the end."""

        def order(v: Variant) -> tuple[int, int]:
            kind = told(self.here.reach, v)[0]
            return rank(kind) + 10 * (v.what in _FAR), -v.unit.groups[-1] if kind in ("sign", "factor", "size") else 0

        return sorted((v for v, _ in found), key=order)[:8]

    def _confirmed(self, chosen: list[Variant]) -> bool:
        """Do the same mistakes reproduce the claims at the further points?"""
        keys = [_key(v) for v in chosen]
        evidence = sum(self.study.here.true[k].size for k in self.wrong)
        for point in self.study.further:
            try:
                there = Taped(self.study, point)
            except Untapeable:
                return False
            tape, same = there.run.tape, self.here.run.tape
            if [g.name for g in tape.groups] != [g.name for g in same.groups]:
                return False
            again = [
                next((w for w in self._near(there, v) if _key(w) == key), None)
                for v, key in zip(chosen, keys, strict=True)
            ]
            if any(w is None for w in again):
                return False
            found = there.reverse.gradients([w.edges for w in again if w is not None])
            got = [self._reproduced(point, [g[m] for g in found]) for m in range(len(again))]
            if frozenset().union(*got) != self.wrong:
                return False
            evidence += sum(point.true[k].size for k in self.wrong)
        return evidence >= 3

    @staticmethod
    def _near(there: Taped, v: Variant) -> Iterator[Variant]:
        if sort_of(v):
            yield from rarer(there.reach, there.units, sort_of(v))
        elif v.what in ("carried", "step", "reversed"):
            yield from at_loops(there.reach, there.units)
        elif v.what == "behind":
            yield from at_inputs(there.reach)
        elif v.what == "exchanged":
            yield from exchanged(there.reach)
        elif v.what == "other factor":
            yield from with_other_factors(there.reach, v.unit)
        elif v.source >= 0:
            for stretch in stretches(there.run.tape, v.source):
                yield from in_place_of(there.run.tape, stretch)
        else:
            yield from at_steps(there.run.tape, v.unit, there.sizes)

    # ------------------------------------------------------------ two mistakes

    def _two(self) -> tuple[Cause, ...]:
        found = self._matching(self.study.here, part=True)
        ranked = sorted(found, key=lambda pair: (-len(pair[1]), rank(told(self.here.reach, pair[0])[0])))
        for v, mine in ranked[:40]:
            for w, other in ranked:
                if mine | other == self.wrong and not mine & other and self._confirmed([v, w]):
                    return self._pair((v, mine), (w, other))
        return ()

    def _pair(self, *pairs: tuple[Variant, frozenset[int]]) -> tuple[Cause, ...]:
        weights = {k: self.study.weight(k) ** 2 for k in self.wrong}
        out = []
        for v, mine in pairs:
            kind, text = told(self.here.reach, v)
            share = sum(weights[k] for k in sorted(mine)) / sum(weights.values())
            out.append(Cause(text, share, kind, ", ".join(self.study.name(k) for k in sorted(mine))))
        return tuple(sorted(out, key=lambda c: -c.share))


def _key(v: Variant) -> tuple[Any, ...]:
    return v.what, v.unit.groups, v.operand, v.number, v.source


def _alike(g: Array, wanted: Array, true: Array, claimed: Array, floor: float, *, part: float = _LEFT) -> bool:
    """Is a gradient the wanted one, to a small part of the claim's error?"""
    known = np.isfinite(true)
    if not np.all(np.isfinite(g[known])):
        return False
    error = float(np.max(np.abs(claimed - true)[known], initial=0.0))
    size = float(np.max(np.abs(wanted[known]), initial=0.0)) or float(np.max(np.abs(true[known]), initial=0.0))
    left = float(np.max(np.abs(g - wanted)[known], initial=0.0))
    return left <= part * min(error, size) + _ROUNDING * size + floor
