"""Are two systems the same? Proved for all sizes, certified at points in ball arithmetic, refuted, or undecided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradproof.derive.check import require_system
from gradproof.derive.matching import Merged, Pair, Proof, claimed, merge, prove
from gradproof.derive.model import System
from gradproof.derive.notation import parse_system
from gradproof.derive.request import names as listed
from gradproof.derive.stops import stand_in
from gradproof.errors import InputError, InternalError
from gradproof.verify.sameness_points import Judge
from gradproof.verify.sameness_report import Compared, Sameness

#: So many points must be usable before two systems are certified to agree at them.
_LEAST = 3


def compare(
    a: System | str,
    b: System | str,
    *,
    of: str | Sequence[str] | None = None,
    rename: Mapping[str, str] | None = None,
    without: str | Sequence[str] = (),
    seed: int = 0,
) -> Sameness:
    r"""Return whether two systems compute the same, with a counterexample where they do not.

    Inputs and outputs are matched by name, sizes through shapes. Where b computes `d_x`, `dx` or `grad_x` of a tensor
    x of a, it is a backward pass, and is compared with the derived one.

    Args:
        a: a system, or its text in the notation.
        b: another way to compute its outputs, or a backward pass for it; a text may compute `d_x` beside `x`.
        of: the outputs whose gradients are derived, for a backward pass (default: those of a).
        rename: what a name of b is called in a: {"yhat": "p"}.
        without: assumptions not to use ("all" for none of them).
        seed: of the random points.

    Raises:
        InputError: nothing in the two can be matched.

    Example:
        >>> import gradproof as gp
        >>> a = gp.system("given x[n]\ny[i] = tanh(x[i])")
        >>> b = gp.system("given x[n]\ny[i] = 2*sigmoid(2*x[i]) - 1")
        >>> gp.compare(a, b).verdict
        'proved'
    """
    a, b = _read(a), _read(b)
    dropped = listed(without, "without")
    merged = merge(a, b, of=of, renamed=rename, without=_known_assumptions(a, dropped))
    found = _judged(_without(merged, dropped), (a.title, b.title), seed)
    of_values = all(p.name in a.by_name for p in found.pairs)
    return replace(found, stopped=of_values and stand_in(a) != stand_in(b))


def claim(
    system: System | str,
    text: str,
    *,
    of: str | Sequence[str] | None = None,
    without: str | Sequence[str] = (),
    seed: int = 0,
) -> Sameness:
    r"""Return whether `left = right` holds of a system and its gradients, for all values of the free indices.

    Args:
        system: a system, or its text in the notation.
        text: the claim, over the system's tensors and their gradients `d_x`.
        of: the outputs whose gradients are derived (default: the system's).
        without: assumptions not to use ("all" for none of them).
        seed: of the random points.

    Raises:
        InputError: the text is no claim, or speaks of what the system does not have.

    Example:
        >>> import gradproof as gp
        >>> gp.claim(gp.load("softmax"), "sum[c] d_z[i,c] = 0").verdict
        'proved'
    """
    system = _read(system)
    dropped = listed(without, "without")
    merged = _without(claimed(system, text, of, _known_assumptions(system, dropped)), dropped)
    return replace(_judged(merged, (system.title, text), seed), claim=" ".join(text.split()))


def _judged(merged: Merged, titles: tuple[str, str], seed: int) -> Sameness:
    proof = prove(merged)
    judge = Judge(merged, np.random.default_rng(seed))
    judge.collect()
    pairs = tuple(_verdict(p, proof, judge) for p in merged.pairs)
    return Sameness(
        titles=titles,
        pairs=pairs,
        points=tuple(str(p) for p in judge.usable),
        agreeing=judge.agreeing,
        counterexample=judge.counterexample,
        missing=merged.missing,
    )


def _read(system: System | str) -> System:
    return parse_system(system, adjoints=True) if isinstance(system, str) else require_system(system, "compare")


def _known_assumptions(a: System, dropped: Sequence[str]) -> tuple[str, ...]:
    return tuple(n for n in dropped if n == "all" or n in {s.name for s in a.assumptions})


def _without(merged: Merged, dropped: Sequence[str]) -> Merged:
    """Return the two without the assumptions that are not to be used.

    Raises:
        InputError: there is no assumption of that name.
    """
    stated = merged.system.assumptions
    for name in dropped:
        if name != "all" and name not in {s.name for s in stated}:
            known = ", ".join(s.name for s in stated) or "no name: the systems state none"
            raise InputError(f"there is no assumption named {name!r}", expected=known)
    kept = () if "all" in dropped else tuple(s for s in stated if s.name not in dropped)
    return replace(merged, system=replace(merged.system, assumptions=kept))


def _verdict(pair: Pair, proof: Proof, judge: Judge) -> Compared:
    """Join what was proved and what was seen at points.

    Raises:
        InternalError: a proof that a point contradicts.
    """
    used, apart = proof.proved.get(pair.second), pair.second in judge.apart
    if used is not None and apart:
        raise InternalError(f"{pair.name} was proved equal, and differs at {judge.apart[pair.second]}")
    own = judge.merged.own[pair.second][0].name
    if used is not None:
        assumed = tuple(dict.fromkeys((*judge.merged.assumed, *used)))
        return Compared(pair.name, own, "proved", assumed, induction=proof.inductions.get(pair.second))
    if apart:
        return Compared(pair.name, own, "refuted", reason=f"at {judge.apart[pair.second]}")
    if len(judge.usable) >= _LEAST:
        return Compared(pair.name, own, "certified")
    return Compared(pair.name, own, "undecided", reason="; ".join(dict.fromkeys(judge.reasons)))
