"""A claimed gradient against exact slopes, at one point: entries that differ, and how well the others agree."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from flint import arb, arb_mat, ctx

from gradproof.derive.interpret.run import bits
from gradproof.verify.calls import Array, Problem
from gradproof.verify.exactly import (
    DIGITS,
    DIRECTIONS,
    EVERY_ENTRY,
    WORKING_DIGITS,
    Slopes,
    exact_gradient,
    exact_slopes,
    random_directions,
)
from gradproof.verify.measured import Here
from gradproof.verify.report import Finding
from gradproof.verify.traced import TooCostly, Untraceable

#: A claim in floats (or with constants that were rounded to floats, such as 2/3) is not told from the exact value
#: closer than this: relative to the entry, and to the gradient's largest entry.
_RELATIVE, _ABSOLUTE = 1e-11, 1e-13
_BLOCKS = 16
_FOUND = 12


@dataclass(frozen=True)
class Exact:
    """What the exact path found at a point.

    Attributes:
        findings: entries that are certainly wrong, worst first.
        certified: did both the function and the gradient run in balls and agree to 40 digits everywhere?
        directions: None where every entry was compared, else along how many random directions.
        rows: the exact derivatives (for every entry, in order), or None.
        why_floats: why the gradient was taken as it is in float64, if it was.
    """

    findings: tuple[Finding, ...]
    certified: bool
    directions: int | None
    rows: list[arb] | None
    why_floats: str = ""


def compare_exactly(problem: Problem, here: Here, rng: np.random.Generator, count: int = DIRECTIONS) -> Exact:
    """Return how the claimed gradient stands against the exact one at a point: every entry, or so many directions.

    Raises:
        Untraceable: f cannot be followed in balls there, or has a kink exactly there.
    """
    for digits in (WORKING_DIGITS, 4 * WORKING_DIGITS):
        with ctx.workprec(bits(digits)):
            found = _compare(problem, here, rng, digits, count)
            if found is not None:
                return found
    raise Untraceable("error bounds too wide to tell the derivative")


def _compare(problem: Problem, here: Here, rng: np.random.Generator, digits: int, count: int) -> Exact | None:
    """Return the comparison at so many digits; None where the error bounds are too wide to tell."""
    total = sum(here.inputs[k].size for k in problem.wrt)
    directions = None if total <= EVERY_ENTRY else random_directions(problem, here.inputs, rng, count)
    try:
        slopes = exact_slopes(problem, here.inputs, here.cotangent, directions, digits)
    except TooCostly:
        directions = random_directions(problem, here.inputs, rng, count)
        slopes = exact_slopes(problem, here.inputs, here.cotangent, directions, digits)
    _usable(slopes)
    if not all(_is_narrow(r) for r in slopes.rows):
        return None
    claims, why = _claims(problem, here, digits)
    allowed = _allowed(here, claims)
    if directions is None:
        return _every_entry(problem, slopes, claims, allowed, why)
    off, certified = _along(slopes.rows, claims, directions, allowed)
    certified = certified and not why
    findings = _Search(problem, here, claims, allowed, rng).run() if off else ()
    if off and not findings:
        findings = (Finding("all inputs", (), off[0][0], off[0][1], 0.0, "along a random direction"),)
    return Exact(findings, certified and not off, count, None, why)


def _usable(slopes: Slopes) -> None:
    if slopes.events:
        raise Untraceable(f"a kink: {slopes.events[0]}")
    if not all(r.is_finite() for r in slopes.rows):
        raise Untraceable("a derivative without a finite bound")


def _is_narrow(row: arb) -> bool:
    """Is the bound good to a dozen digits? (Exactly 0, with no bound to speak of, counts as well.)"""
    return bool(row.rad() <= abs(row).mid() * 1e-12) or bool(abs(row).upper() < 1e-300)


def _claims(problem: Problem, here: Here, digits: int) -> tuple[list[Array], str]:
    """Return the claimed gradient in balls; if it does not run there, as exact floats, and why."""
    try:
        found = exact_gradient(problem, here.inputs, here.cotangent, digits)
        if all(f.shape == g.shape and _all_finite(f) for f, g in zip(found, here.gradients, strict=True)):
            return found, ""
        why = "the gradient has no finite bound in balls"
    except Untraceable as error:
        why = str(error)
    return [_exact_floats(g) for g in here.gradients], why


def _all_finite(array: Array) -> bool:
    return all(x.is_finite() for x in array.reshape(-1))


def _exact_floats(g: Array) -> Array:
    out = np.empty(g.shape, dtype=object)
    for place in np.ndindex(g.shape):
        out[place] = arb(float(g[place]))
    return out


def _allowed(here: Here, claims: list[Array]) -> list[Array]:
    """Return how far each claim may lie from the exact value by rounding alone."""
    largest = here.largest
    out = []
    for claim, rounding in zip(claims, here.rounding, strict=True):
        flat: list[arb] = claim.reshape(-1).tolist()
        sizes = np.array([abs(float(c.mid())) for c in flat]).reshape(claim.shape)
        out.append(_RELATIVE * sizes + _ABSOLUTE * largest + rounding)
    return out


def _every_entry(problem: Problem, slopes: Slopes, claims: list[Array], allowed: list[Array], why: str) -> Exact:
    findings, certified, first = [], not why, 0
    for k, claim, slack in zip(problem.wrt, claims, allowed, strict=True):
        for place in np.ndindex(claim.shape):
            expected, claimed = slopes.rows[first], claim.item(place)
            first += 1
            if _differs(expected, claimed, float(slack[place])):
                bar = float(expected.rad()) + float(slack[place])
                findings.append(Finding(problem.names[k], place, float(claimed.mid()), float(expected.mid()), bar))
            certified = certified and _agrees(expected, claimed)
    findings.sort(key=_badness)
    return Exact(tuple(findings), certified, None, slopes.rows, why)


def _badness(f: Finding) -> float:
    error = abs(f.claimed - f.expected)
    return -float("inf") if np.isnan(error) else -error


def _differs(expected: arb, claimed: arb, slack: float) -> bool:
    """Are the two apart by more than rounding, with certainty?"""
    room = slack + _RELATIVE * float(abs(expected).mid())
    return not claimed.is_finite() or bool(abs(expected - claimed).lower() > room)


def _agrees(expected: arb, claimed: arb) -> bool:
    scale = abs(expected).mid().max(arb(10) ** -DIGITS)
    return bool(expected.overlaps(claimed) and (expected - claimed).rad() <= scale * arb(10) ** -DIGITS)


def _along(
    rows: list[arb], claims: list[Array], directions: list[Array], allowed: list[Array]
) -> tuple[list[tuple[float, float]], bool]:
    """Return (claimed, expected) along the directions that differ, and whether all agree to 40 digits."""
    off, certified = [], True
    for j, expected in enumerate(rows):
        claimed = sum((_dot(c, d[j]) for c, d in zip(claims, directions, strict=True)), arb(0))
        slack = sum(float(np.sum(np.abs(d[j]) * room)) for d, room in zip(directions, allowed, strict=True))
        if _differs(expected, claimed, slack):
            off.append((float(claimed.mid()), float(expected.mid())))
        certified = certified and _agrees(expected, claimed)
    return off, certified


def _dot(claim: Array, direction: Array) -> arb:
    """Return sum(claim * direction); entries along which the direction does not go are not looked at."""
    chosen = np.flatnonzero(direction)
    if not len(chosen):
        return arb(0)
    row = arb_mat(1, len(chosen), claim.reshape(-1)[chosen].tolist())
    return (row * arb_mat(len(chosen), 1, [arb(x) for x in direction.reshape(-1)[chosen].tolist()]))[0, 0]


@dataclass
class _Search:
    """Finds wrong entries of a large gradient: blocks whose random direction objects are divided again."""

    problem: Problem
    here: Here
    claims: list[Array]
    allowed: list[Array]
    rng: np.random.Generator
    findings: list[Finding] = field(default_factory=list)

    def run(self) -> tuple[Finding, ...]:
        """Return up to a dozen wrong entries, worst first."""
        todo: list[_Block] = [(p, np.arange(self.here.inputs[k].size)) for p, k in enumerate(self.problem.wrt)]
        while todo and len(self.findings) < _FOUND:
            now, todo = todo[:_BLOCKS], todo[_BLOCKS:]
            parts = [(p, part) for p, chosen in now for part in np.array_split(chosen, _BLOCKS) if len(part)]
            for start in range(0, len(parts), _BLOCKS):
                todo += self._objecting(parts[start : start + _BLOCKS])
                if len(self.findings) >= _FOUND or len(todo) > 2 * _BLOCKS:
                    break
            todo = todo[: 2 * _BLOCKS]
        return tuple(sorted(self.findings, key=_badness))

    def _objecting(self, batch: list[_Block]) -> list[_Block]:
        """Return the blocks that are wrong somewhere; single wrong entries go to the findings instead."""
        here, wrt = self.here, self.problem.wrt
        directions = [np.zeros((len(batch), *here.inputs[k].shape)) for k in wrt]
        for j, (p, part) in enumerate(batch):
            weights = self.rng.uniform(0.5, 1.5, len(part)) * self.rng.choice([-1.0, 1.0], len(part))
            directions[p][j].reshape(-1)[part] = weights if len(part) > 1 else 1.0
        slopes = exact_slopes(self.problem, here.inputs, here.cotangent, directions)
        left = []
        for j, (p, part) in enumerate(batch):
            off, _ = _along([slopes.rows[j]], [self.claims[p]], [directions[p][j : j + 1]], [self.allowed[p]])
            if off and len(part) > 1:
                left.append((p, part))
            elif off:
                self._note(p, int(part[0]), off[0], float(slopes.rows[j].rad()))
        return left

    def _note(self, p: int, flat: int, pair: tuple[float, float], bar: float) -> None:
        k = self.problem.wrt[p]
        place = tuple(int(i) for i in np.unravel_index(flat, self.here.inputs[k].shape))
        self.findings.append(Finding(self.problem.names[k], place, *pair, bar))


_Block = tuple[int, Array]
