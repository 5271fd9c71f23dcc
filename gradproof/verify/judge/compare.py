"""A claimed gradient against exact slopes, at one point: entries that differ, and how well the others agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, arb_mat, ctx

from gradproof.derive.interpret.run import bits
from gradproof.verify.balls.exactly import (
    DIRECTIONS,
    EVERY_ENTRY,
    WORKING_DIGITS,
    Slopes,
    boxed,
    exact_gradient,
    exact_slopes,
    random_directions,
)
from gradproof.verify.balls.traced import LooseTrace, TooCostly, Untraceable
from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.blocks import Search
from gradproof.verify.judge.here import Here, rounding_of
from gradproof.verify.judge.standing import RELATIVE, Look, Pair, Verdict, as_floats, badness, with_loose_constants
from gradproof.verify.report import Finding

HIDDEN = "hidden by the rounding of constants or of the gradient itself"
#: A direction's entries are scaled: its smallest term is not below this (entries claimed 0 apart).
_SMALLEST = 0.25


@dataclass(frozen=True)
class Exact:
    """What the exact path found at a point.

    Attributes:
        findings: entries that are certainly wrong, worst first.
        unclear: entries that rounding hides.
        certified: did both the function and the gradient run in balls and agree to 40 digits everywhere?
        directions: None where every entry was compared, else along how many random directions.
        why_floats: why the gradient was taken as it is in float64, if it was.
        gradients: where it ran in balls, the claimed gradient that they give, in float64.
    """

    findings: tuple[Finding, ...]
    unclear: tuple[Finding, ...]
    certified: bool
    directions: int | None
    why_floats: str = ""
    gradients: tuple[Array, ...] = ()


def compare_exactly(
    problem: Problem, here: Here, rng: np.random.Generator, count: int = DIRECTIONS, *, rtol: float = 0.0
) -> Exact:
    """Return how the claimed gradient stands against the exact one at a point: every entry, or so many directions.

    Raises:
        Untraceable: f cannot be followed in balls there, or has a kink exactly there.
    """
    for digits in (WORKING_DIGITS, 4 * WORKING_DIGITS):
        with ctx.workprec(bits(digits)):
            found = _compare(problem, here, rng, digits, count, rtol=rtol)
            if found is not None:
                return found
    raise Untraceable("error bounds too wide to tell the derivative")


def _compare(
    problem: Problem, here: Here, rng: np.random.Generator, digits: int, count: int, *, rtol: float
) -> Exact | None:
    """Return the comparison at so many digits; None where the error bounds are too wide to tell."""
    total = sum(here.inputs[k].size for k in problem.wrt)
    along = _directions(problem, here, rng, count) if total > EVERY_ENTRY else None
    try:
        slopes = exact_slopes(problem, here.inputs, here.cotangent, along, digits)
    except TooCostly:
        if along is not None:
            raise
        along = _directions(problem, here, rng, count)
        slopes = exact_slopes(problem, here.inputs, here.cotangent, along, digits)
    _usable(slopes)
    if not _are_narrow(slopes.rows, digits):
        return None
    claims, why = _claims(problem, here, digits)
    task = Comparison(problem, here, rng, claims, why, digits, rtol)
    if along is None:
        return task.every_entry(slopes.rows)
    return task.along(slopes.rows, along, count)


def _directions(problem: Problem, here: Here, rng: np.random.Generator, count: int) -> list[Array]:
    loud = [np.where(np.abs(g) > 2 * r, g, 0.0) for g, r in zip(here.gradients, here.rounding, strict=True)]
    return random_directions(problem, here.inputs, loud, rng, count)


def _usable(slopes: Slopes) -> None:
    if slopes.events:
        raise Untraceable(f"a kink: {slopes.events[0]}")
    if not all(r.is_finite() for r in slopes.rows):
        raise Untraceable("a derivative without a finite bound")


def _are_narrow(rows: list[arb], digits: int) -> bool:
    """Are the bounds good to a dozen digits? What vanishes to 180 digits of the largest counts as 0."""
    largest = max((abs(r).mid() for r in rows), default=arb(0))
    zero = arb(10) ** -180 * largest if digits > WORKING_DIGITS else arb(0)
    return all(r.rad() <= abs(r).mid() * 1e-12 or abs(r).upper() < 1e-300 or abs(r).upper() <= zero for r in rows)


def _claims(problem: Problem, here: Here, digits: int) -> tuple[list[Array], str]:
    """Return the claimed gradient in balls; if it does not run there, as exact floats, and why."""
    try:
        found = exact_gradient(problem, here.inputs, here.cotangent, digits)
        if all(f.shape == g.shape and _all_finite(f) for f, g in zip(found, here.gradients, strict=True)):
            return found, ""
        why = "the gradient has no finite bound in balls"
    except Untraceable as error:
        why = str(error)
    return [boxed(g) for g in here.gradients], why


def _all_finite(array: Array) -> bool:
    return all(x.is_finite() for x in array.reshape(-1))


@dataclass
class Comparison:
    """A gradient's claims at a point, in balls or (`why` says why) as exact floats."""

    problem: Problem
    here: Here
    rng: np.random.Generator
    claims: list[Array]
    why: str
    digits: int
    rtol: float = 0.0

    # ------------------------------------------------------------ every entry

    def every_entry(self, rows: list[arb]) -> Exact:
        """Return what stands against the entries, all of them; `rows` are the exact ones, in order."""
        pairs = self._entries(rows)
        looks = [p.look() for p in pairs]
        doubtful = [k for k, look in enumerate(looks) if look == "apart"]
        wrong, unclear = self._judged(doubtful, pairs)
        certified = not self.why and set(looks) <= {"agrees"}
        return Exact(wrong, unclear, certified, None, self.why, self._in_float64())

    def _entries(self, rows: list[arb]) -> list[Pair]:
        claims = [c for g in self.claims for c in g.reshape(-1).tolist()]
        rounding = self._rounding(self.here.rounding)
        return [Pair(e, c, None, r, self.rtol) for e, c, r in zip(rows, claims, rounding, strict=True)]

    def _rounding(self, arrays: list[Array]) -> list[float]:
        flat = [float(r) for a in arrays for r in a.reshape(-1)]
        return flat if self.why else [0.0] * len(flat)

    def _judged(self, doubtful: list[int], pairs: list[Pair]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Look again at the entries in doubt: return those that are wrong, worst first, and those that are hidden."""
        if not doubtful:
            return (), ()
        again = self._in_floats(doubtful, pairs) if self.why else self._loosened(doubtful)
        found: dict[str, list[Finding]] = {"right": [], "wrong": [], "unclear": []}
        for k, (verdict, pair) in zip(doubtful, again, strict=True):
            found[verdict].append(self._finding(k, pair))
        return tuple(sorted(found["wrong"], key=badness)), tuple(sorted(found["unclear"], key=badness))

    def _loosened(self, doubtful: list[int]) -> list[tuple[Verdict, Pair]]:
        slopes = exact_slopes(self.problem, self.here.inputs, self.here.cotangent, None, self.digits, kind=LooseTrace)
        _usable(slopes)
        claims = [c for g in self.loose_claims for c in g.reshape(-1).tolist()]
        pairs = [Pair(slopes.rows[k], claims[k]) for k in doubtful]
        return [(with_loose_constants(p, self.here.largest), p) for p in pairs]

    @cached_property
    def loose_claims(self) -> list[Array]:
        """Return the claims in balls in which constants stand for all numbers that may have been rounded to them."""
        return exact_gradient(self.problem, self.here.inputs, self.here.cotangent, self.digits, kind=LooseTrace)

    def _in_floats(self, doubtful: list[int], pairs: list[Pair]) -> list[tuple[Verdict, Pair]]:
        here = self.here
        more = rounding_of(self.problem, here.inputs, here.cotangent, here.gradients, self.rng, samples=8, ulps=16)
        seen = self._rounding(more)
        again = [Pair(pairs[k].expected, pairs[k].claimed, None, max(pairs[k].rounding, seen[k])) for k in doubtful]
        return [(as_floats(p, here.largest), p) for p in again]

    def _finding(self, flat: int, pair: Pair) -> Finding:
        for k, claim in zip(self.problem.wrt, self.claims, strict=True):
            if flat < claim.size:
                place = tuple(int(i) for i in np.unravel_index(flat, claim.shape))
                bar = pair.radius + pair.rounding
                return Finding(self.problem.names[k], place, float(pair.claimed.mid()), float(pair.expected.mid()), bar)
            flat -= claim.size
        raise IndexError(flat)

    def _in_float64(self) -> tuple[Array, ...]:
        if self.why:
            return ()
        flat = [np.array([float(x.mid()) for x in claim.reshape(-1)]) for claim in self.claims]
        return tuple(f.reshape(c.shape) for f, c in zip(flat, self.claims, strict=True))

    # ------------------------------------------------------------ directions

    def along(self, rows: list[arb], directions: list[Array], count: int) -> Exact:
        """Return what stands against the directions; where one objects, the entries that it objects to."""
        pairs = self.pairs(rows, self.claims, directions)
        looks = [p.look() for p in pairs]
        verdicts = self._again(pairs, looks, directions) if "apart" in looks else []
        certified = not self.why and set(looks) <= {"agrees"}
        if "wrong" in verdicts:
            search = Search(self)
            wrong, unclear = search.run()
            if not (wrong or unclear or search.explained):
                pair = pairs[verdicts.index("wrong")]
                text = "along a random direction"
                wrong = (Finding("all inputs", (), float(pair.claimed.mid()), float(pair.expected.mid()), 0.0, text),)
            return Exact(wrong, unclear, False, count, self.why)
        hidden = tuple(
            Finding("all inputs", (), float(p.claimed.mid()), float(p.expected.mid()), p.radius, "along a direction")
            for p, v in zip(pairs, verdicts, strict=False)
            if v == "unclear"
        )
        return Exact((), hidden, certified, count, self.why, self._in_float64())

    def _again(self, pairs: list[Pair], looks: list[Look], directions: list[Array]) -> list[Verdict]:
        """Return a verdict for each direction, those in doubt looked at again."""
        if self.why:
            return [
                "right" if k != "apart" or p.distance.lower() <= p.rounding else "wrong"
                for p, k in zip(pairs, looks, strict=True)
            ]
        here = self.here
        slopes = exact_slopes(self.problem, here.inputs, here.cotangent, directions, self.digits, kind=LooseTrace)
        _usable(slopes)
        loose = self.pairs(slopes.rows, self.loose_claims, directions)
        largest = [*[0.0] * (len(loose) - 1), here.largest]
        found = [
            with_loose_constants(p, most, _SMALLEST if most == 0 else 0.0)
            for p, most in zip(loose, largest, strict=True)
        ]
        return [v if k == "apart" else "right" for v, k in zip(found, looks, strict=True)]

    def pairs(self, rows: list[arb], claims: list[Array], directions: list[Array]) -> list[Pair]:
        """Return (expected, claimed) along each direction."""
        out = []
        for j, expected in enumerate(rows):
            claimed = sum((_dot(c, d[j]) for c, d in zip(claims, directions, strict=True)), arb(0))
            here = list(zip(self.here.gradients, self.here.rounding, directions, strict=True))
            terms = sum(float(np.sum(np.abs(d[j] * g))) for g, _, d in here)
            rounding = sum(float(np.sum(np.abs(d[j]) * (RELATIVE * np.abs(g) + r))) for g, r, d in here)
            out.append(Pair(expected, claimed, terms, rounding if self.why else 0.0, self.rtol))
        return out


def _dot(claim: Array, direction: Array) -> arb:
    """Return sum(claim * direction); entries along which the direction does not go are not looked at."""
    chosen = np.flatnonzero(direction)
    if not len(chosen):
        return arb(0)
    row = arb_mat(1, len(chosen), claim.reshape(-1)[chosen].tolist())
    return (row * arb_mat(len(chosen), 1, [arb(x) for x in direction.reshape(-1)[chosen].tolist()]))[0, 0]
