"""Wrong in some places only: a branch of the input, a block, edge rows, a few entries; what is there, if one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.regions import Where, lines, named_entries, triangles
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis
from gradproof.verify.diagnosis.study import Point, Study

#: Entries off by less than this share of the largest error count as right.
_SMALL = 1e-9
_FEW = 3
#: Entries that each side of a threshold must have.
_SIDES = 2


def branches(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: wrong where the input is below 0, or above; off by one factor below 0 and by another above."""
    wrong = mask(study, study.here, k)
    if wrong.size < 3 or not np.any(wrong):
        return
    if np.all(wrong):
        yield from _two_factors(study, k)
    elif _follows_values(study, k):
        for words, where in _signs(study, k):
            if np.array_equal(where(study.here), wrong) and _has_two_sides(study, k, wrong):
                yield from _described(study, k, "branch", words, where)


def _has_two_sides(study: Study, k: int, wrong: Array) -> bool:
    """Are there entries enough on each side of 0? One that happens to be positive is no branch."""
    live = _live(study, study.here, k)
    return bool(np.sum(live & wrong) >= _SIDES and np.sum(live & ~wrong) >= _SIDES)


def _signs(study: Study, k: int) -> Iterator[tuple[str, Where]]:
    for words, test in (("< 0", np.less), ("> 0", np.greater)):
        yield f"where {{of}} {words}", lambda p, t=test: t(study.input(p, k), 0) & _live(study, p, k)  # type: ignore[misc]


def _two_factors(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: one factor where x < 0, another where x > 0."""
    below = study.input(study.here, k) < 0
    factors = [_ratio(study.here, k, inside) for inside in (below, ~below)]
    if min(np.sum(below), np.sum(~below)) < 2 or None in factors or factors[0] == factors[1]:
        return
    low, high = factors
    exchanged = ": the branches are exchanged" if abs(low * high - 1) < 1e-6 else ""  # type: ignore[operator]
    text = f"the gradient of {{of}} is {low:.6g} times too large where {{of}} < 0 and {high:.6g} times where {{of}} > 0"

    def model(p: Point) -> Array:
        return np.where(study.input(p, k) < 0, float(low), float(high)) * p.true[k]  # type: ignore[arg-type]

    yield Hypothesis(k, lambda _: ("branch", text + exchanged), base=model)


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield descriptions of where the gradient is wrong, simplest first; each says what is there if it can."""
    wrong = mask(study, study.here, k)
    if wrong.size < 2 or np.all(wrong) or not np.any(wrong):
        return
    for kind, words, where in _places(study, k, wrong):
        known = np.isfinite(study.here.true[k])
        if np.array_equal((where(study.here) & known), wrong):
            yield from _described(study, k, kind, words, where)


def mask(study: Study, p: Point, k: int) -> Array:
    """Return which entries are wrong."""
    error = np.abs(study.error(p, k))
    known = p.true[k][np.isfinite(p.true[k])]
    size = float(np.max(np.abs(known), initial=0.0))
    level = max(_SMALL * float(np.max(error, initial=0.0)), 3 * study.accuracy[k] * size)
    return np.asarray(error > level)


# ---------------------------------------------------------------- where


def _places(study: Study, k: int, wrong: Array) -> Iterator[tuple[str, str, Where]]:
    for place in _masks(study, k):
        name = study.case.names[place]
        yield "term-factor", f"where `{name}` is 0", lambda p, j=place: np.asarray(p.inputs[j]) == 0  # type: ignore[misc]
    if _follows_values(study, k) and _has_two_sides(study, k, wrong):
        yield from (("branch", words, where) for words, where in _signs(study, k))
        yield from _thresholds(study, k, study.input(study.here, k), wrong)
    yield from named_entries(study, k)
    yield from triangles(study, k, wrong)
    yield from _beginning(study, k, wrong)
    yield from lines(wrong)
    if np.sum(wrong) <= _FEW and wrong.size > 2 * _FEW:
        places = ", ".join(f"[{', '.join(map(str, i))}]" for i in np.argwhere(wrong).tolist())
        count = "one entry" if np.sum(wrong) == 1 else f"{int(np.sum(wrong))} entries"
        yield "entry", f"in {count} of {wrong.size}, {places}", lambda _: wrong


def _masks(study: Study, k: int) -> Iterator[int]:
    """Yield positions of other inputs of k's shape that are 0 and 1 only."""
    for place, a in enumerate(study.case.inputs):
        array = np.asarray(a)
        alike = place != study.case.wrt[k] and array.shape == study.here.true[k].shape
        if alike and array.dtype.kind in "fiub" and set(np.unique(array).tolist()) == {0, 1}:
            yield place


def _follows_values(study: Study, k: int) -> bool:
    """Do the wrong entries move when the input's entries change places? Else they are places, not a branch."""
    there = study.shuffled(k)
    if there is None:
        return study.case.reference is None
    return not np.array_equal(mask(study, there, k), mask(study, study.here, k))


def _live(study: Study, p: Point, k: int) -> Array:
    """Return where the claim and the truth are not both 0: what is 0 on both sides tells nothing."""
    return (p.claimed[k] != 0) | (np.abs(p.true[k]) > study.noise(p, k))


def _thresholds(study: Study, k: int, x: Array, wrong: Array) -> Iterator[tuple[str, str, Where]]:
    """Yield |x| > t and |x| < t, t a round number between the two groups."""
    sizes = np.abs(x)
    inside, outside = sizes[wrong], sizes[~wrong]
    if min(len(inside), len(outside)) < _SIDES:
        return  # an error that vanishes smoothly looks so too
    for words, low, high, test in (
        ("|{of}| > ", outside, inside, np.greater),
        ("|{of}| < ", inside, outside, np.less),
    ):
        a, b = float(np.max(low)), float(np.min(high))
        if a < b:
            t = _round_between(a, b)
            yield "branch", f"where {words}{t:g}", lambda p, t=t, f=test: f(np.abs(study.input(p, k)), t)  # type: ignore[misc]


def _round_between(a: float, b: float) -> float:
    for digits in range(-3, 17):
        t = round((a + b) / 2, digits)
        if a <= t <= b:
            return t
    return (a + b) / 2


def _beginning(study: Study, k: int, wrong: Array) -> Iterator[tuple[str, str, Where]]:
    """Yield: a long vector is wrong up to some entry, as far as its entries are known."""
    known = np.flatnonzero(np.isfinite(study.here.true[k].reshape(-1)))
    hit = np.flatnonzero(wrong.reshape(-1))
    if wrong.ndim != 1 or len(known) == wrong.size or len(hit) < 4:
        return
    beyond = known[known > hit[-1]]
    if len(beyond) and set(known[known <= hit[-1]].tolist()) == set(hit.tolist()):
        last = int(beyond[0])
        text = f"in the first entries of {wrong.size}, up to one between {hit[-1]} and {last - 1}"
        yield "edge", text, lambda _: np.arange(wrong.size) < last


# ---------------------------------------------------------------- what is there


def _described(study: Study, k: int, kind: str, words: str, where: Where) -> Iterator[Hypothesis]:
    here = study.here
    inside = where(here)
    only = f"the gradient of {{of}} is wrong only {words}"
    if kind == "branch" and _zero(here.true[k], inside) and "< 0" in words:
        text = f"{only}, and the right one is 0 there: the derivative of relu is missing"
        yield _located(study, k, kind, text, where)
    yield times(study, k, kind, f"{only}", _inside(study, k, where, 0.0))
    ratio = _ratio(here, k, inside)
    if _zero(here.claimed[k], inside):
        yield Hypothesis(k, lambda _: (kind, f"{only}: it is 0 there"), base=_inside(study, k, where, 0.0))
    elif ratio is not None:
        text = f"{only}: there it is {ratio:.6g} times what it should be"
        yield Hypothesis(k, lambda _: (kind, text), base=_inside(study, k, where, ratio))
    yield _located(study, k, kind, only, where)


def _zero(a: Array, inside: Array) -> bool:
    return bool(np.all(np.abs(a[inside]) <= 1e-12 * float(np.max(np.abs(a), initial=0.0))))


def _ratio(p: Point, k: int, inside: Array) -> float | None:
    true, claimed = p.true[k][inside], p.claimed[k][inside]
    if not true.size or np.any(true == 0):
        return None
    ratios = claimed / true
    return float(ratios[0]) if np.ptp(ratios) <= 1e-6 * np.max(np.abs(ratios)) else None


def _inside(study: Study, k: int, where: Where, factor: float) -> Callable[[Point], Array]:
    del study
    return lambda p: np.where(where(p), factor * p.true[k], p.true[k])


def _located(study: Study, k: int, kind: str, text: str, where: Where) -> Hypothesis:
    """Return the hypothesis that the claim is right everywhere else: what it is there remains open.

    Such a place is named only if both sides of it have several entries, or the same were wrong at all points.
    """

    def model(p: Point) -> Array | None:
        return p.claimed[k] if np.array_equal(where(p) & mask(study, p, k), mask(study, p, k)) else None

    shuffled = study.shuffled(k) if kind == "branch" else None
    inside = where(study.here)
    known = min(int(np.sum(inside)), int(np.sum(~inside))) >= 4 or study.case.reference is not None
    holds = known and (shuffled is None or model(shuffled) is not None)
    right = int(np.sum(np.isfinite(study.here.true[k]) & ~mask(study, study.here, k)))
    return Hypothesis(k, lambda _: (kind, text) if holds else None, base=model, known=right if kind == "entry" else 0)
