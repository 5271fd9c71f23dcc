"""Why a gradient is wrong: the families of mistakes in order, then experiments; at most two causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gradproof.verify.diagnosis.case import Case, Cause
from gradproof.verify.diagnosis.families import (
    added,
    axes,
    blocks,
    clipped,
    counted,
    duplicates,
    elementwise,
    exchanged,
    jacobian,
    normalised,
    outer,
    places,
    scale,
    shared,
    softmaxes,
    sums,
    support,
    symmetric,
)
from gradproof.verify.diagnosis.hypothesis import Explained, Hypothesis, tried
from gradproof.verify.diagnosis.refined import refined
from gradproof.verify.diagnosis.study import Study
from gradproof.verify.diagnosis.tape.search import from_tape
from gradproof.verify.diagnosis.tiny import tiny

Family = Callable[[Study, int], Iterator[Hypothesis]]
#: In the order in which they are tried, simplest first; the later ones describe more than they explain.
FAMILIES: tuple[Family, ...] = (
    scale.candidates,
    exchanged.candidates,
    places.candidates,
    jacobian.candidates,
    clipped.candidates,
    support.branches,
    added.candidates,
)
LATER: tuple[Family, ...] = (
    symmetric.candidates,
    softmaxes.candidates,
    blocks.candidates,
    counted.candidates,
    exchanged.given_away,
    places.ordered,
    elementwise.candidates,
    sums.candidates,
    duplicates.candidates,
    shared.candidates,
    outer.candidates,
    axes.candidates,
    normalised.candidates,
    added.later,
    support.candidates,
)
#: Of gradients with more entries than this only what is cheap is tried.
_LARGE = 20_000
_CHEAP: tuple[Family, ...] = (scale.candidates, exchanged.candidates, clipped.candidates, support.candidates)
#: Causes from a tape that say less than the place where the gradient is wrong, if that is an edge or an entry.
_VAGUE = frozenset({"term", "path", "detached", "edge"})
#: The share of the whole error that the causes must explain together.
_ENOUGH = 0.99
_MOST = 2


def diagnose(case: Case) -> tuple[Cause, ...]:
    """Return what explains the error, at most two causes; empty where nothing explains 99 % of it.

    A cause is named only if it predicts the claim at the given point and, where the true gradient can be had, at two
    further ones, with the same numbers; what it predicts must agree in at least three entries.
    """
    study = Study(refined(case))
    if not study.wrong:
        return tiny(study)
    if case.derived is not None:
        from gradproof.verify.diagnosis.mutants import from_mutants

        found = from_mutants(study, case.derived)
        if found:
            return found
    first = [_of_input(study, k, FAMILIES) for k in study.wrong]
    simple = _together(study, first)
    if len(simple) == 1:
        return simple
    taped = from_tape(study)
    if len(taped) == 1:
        places = _places(study) if taped[0].kind in _VAGUE else ()
        return places or taped
    both = simple or taped
    return both or _together(study, [e or _of_input(study, k, LATER) for k, e in zip(study.wrong, first, strict=True)])


def _places(study: Study) -> tuple[Cause, ...]:
    """Return where the gradient is wrong, if that is at an edge or in a few entries; else nothing."""
    found = [_of_input(study, k, (support.candidates,)) for k in study.wrong]
    return _together(study, [e if e is not None and e.kind in ("edge", "entry") else None for e in found])


def _of_input(study: Study, k: int, families: tuple[Family, ...]) -> Explained | None:
    """Return the first explanation, in the order of the families, of the error of one input."""
    large = study.here.true[k].size > _LARGE
    for family in _CHEAP if large else families:
        for hypothesis in family(study, k):
            found = tried(study, hypothesis)
            if found is not None:
                return found
    return None


def _together(study: Study, found: list[Explained | None]) -> tuple[Cause, ...]:
    """Return the causes of all wrong inputs, alike ones as one; none where they leave more than 1 % unexplained."""
    weights = {k: study.weight(k) ** 2 for k in study.wrong}
    total = sum(weights.values())
    alike: dict[tuple[str, str], list[Explained]] = {}
    for one in found:
        if one is not None:
            alike.setdefault((one.kind, one.text), []).append(one)
    causes = [_cause(study, group, weights, total) for group in alike.values()]
    best = sorted(causes, key=lambda c: -c.share)[:_MOST]
    return tuple(best) if sum(c.share for c in best) >= _ENOUGH else ()


def _cause(study: Study, group: list[Explained], weights: dict[int, float], total: float) -> Cause:
    names = [study.name(e.input) for e in group]
    text = group[0].text.replace("{of}", " and ".join(f"`{n}`" for n in names))
    share = sum(e.share * weights[e.input] for e in group) / total
    return Cause(text, share, group[0].kind, ", ".join(names))
