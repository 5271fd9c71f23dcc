"""Mistakes that people make less often: tried when none of the usual ones reproduces the claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gradproof.verify.diagnosis.tape.rarer.axes import over_other_axes
from gradproof.verify.diagnosis.tape.rarer.choices import at_choices
from gradproof.verify.diagnosis.tape.rarer.factors import with_other_right_factors
from gradproof.verify.diagnosis.tape.rarer.moved import moved
from gradproof.verify.diagnosis.tape.rarer.slices import in_loops
from gradproof.verify.diagnosis.tape.rarer.turns import at_turns
from gradproof.verify.diagnosis.tape.rarer.uses import of_uses
from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.units import Unit
from gradproof.verify.diagnosis.tape.variants import Variant

Maker = Callable[[Reach, list[Unit]], Iterator[Variant]]
#: By the word that `Variant.what` begins with.
RARER: dict[str, Maker] = {
    "turns": at_turns,
    "choice": at_choices,
    "uses": of_uses,
    "other axes": over_other_axes,
    "moved": moved,
    "right factor": with_other_right_factors,
    "in loops": in_loops,
}


def rarer(reach: Reach, units: list[Unit], word: str = "") -> Iterator[Variant]:
    """Yield the rarer mistakes (of one sort)."""
    for name, maker in RARER.items():
        if not word or word == name:
            yield from maker(reach, units)


def sort_of(v: Variant) -> str:
    """Return the word that a rarer mistake's `what` begins with; "" for a usual one."""
    word = v.what.partition(":")[0]
    return word if word in RARER else ""
