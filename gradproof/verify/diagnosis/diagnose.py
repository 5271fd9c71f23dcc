"""Why a gradient is wrong: the families of mistakes in order, then experiments; at most two causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gradproof.verify.diagnosis.case import Case, Cause
from gradproof.verify.diagnosis.families import scale
from gradproof.verify.diagnosis.hypothesis import Hypothesis, tried
from gradproof.verify.diagnosis.study import Study

Family = Callable[[Study, int], Iterator[Hypothesis]]
#: In the order in which they are tried, simplest first.
FAMILIES: tuple[Family, ...] = (scale.candidates,)
#: The share of the whole error that the causes must explain together.
_ENOUGH = 0.99
_MOST = 2


def diagnose(case: Case) -> tuple[Cause, ...]:
    """Return what explains the error, at most two causes; empty where nothing explains 99 % of it.

    A cause is named only if it predicts the claim at the given point and, where the true gradient can be had, at two
    further ones, with the same numbers; what it predicts must agree in at least three entries.
    """
    study = Study(case)
    if not study.wrong:
        return ()
    return _together(study, [_of_input(study, k) for k in study.wrong])


def _of_input(study: Study, k: int) -> Cause | None:
    """Return the first cause, in the order of the families, that explains the error of one input."""
    for family in FAMILIES:
        for hypothesis in family(study, k):
            found = tried(study, hypothesis)
            if found is not None:
                return found
    return None


def _together(study: Study, causes: list[Cause | None]) -> tuple[Cause, ...]:
    """Return the causes of all wrong inputs, alike ones as one; none where they leave more than 1 % unexplained."""
    weights = [study.weight(k) ** 2 for k in study.wrong]
    total = sum(weights)
    merged: dict[tuple[str, str], Cause] = {}
    for k, cause, weight in zip(study.wrong, causes, weights, strict=True):
        if cause is None:
            continue
        key = (cause.kind, cause.text.replace(f"`{study.name(k)}`", "``"))
        share = cause.share * weight / total
        before = merged.get(key)
        if before is None:
            merged[key] = replace(cause, share=share)
        else:
            names = f"{before.input}, {cause.input}"
            text = before.text.replace(f"`{before.input}`", f"`{names}`")
            merged[key] = replace(before, share=before.share + share, input=names, text=text)
    best = sorted(merged.values(), key=lambda c: -c.share)[:_MOST]
    return tuple(best) if sum(c.share for c in best) >= _ENOUGH else ()
