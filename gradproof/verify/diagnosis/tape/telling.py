"""A variant in words: its kind, what is wrong, and at which line of the user's code."""

from __future__ import annotations

import math
from pathlib import Path

from gradproof.verify.diagnosis.factors import close
from gradproof.verify.diagnosis.tape.dropped import dropped, of_an_input
from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.record import Group
from gradproof.verify.diagnosis.tape.variants import Variant

#: How a kind ranks where several variants give the same gradient: what says more comes first.
_RANKS = (
    ("sign", "factor"),
    (
        "swapped",
        "truncated",
        "regulariser",
        "residual",
        "mean-term",
        "variance-term",
        "duplicates",
        "broadcast",
        "transposed-use",
        "epsilon",
        "mask",
    ),
    ("size", "sum"),
    ("activation",),
    ("term-sign", "term-factor", "term"),
    ("path", "detached"),
)
#: Kinds and words of what needs no second look.
_OTHER = {
    "epsilon": ("epsilon", "the derivative is that with {number:g} for {constant:g}, another epsilon,"),
    "transposed": ("transposed-use", "{of} is taken transposed in the derivative"),
    "inverted": (
        "transposed-use",
        "the matrix is not transposed in the derivative, where its inverse's transpose belongs,",
    ),
    "reversed kernel": ("flip", "the other factor of the convolution is not reversed in the derivative"),
    "axis": ("broadcast", "the derivative is that of sums over the other axis"),
    "mask": ("mask", "the choice is left out of the derivative, as if every entry were taken,"),
    "carried": ("truncated", "nothing comes back from later steps of the loop: truncated backpropagation"),
    "step": ("shift", "the derivative takes what belongs to the next or the last step of the loop"),
    "reversed": ("flip", "the steps of the loop take each other's factor, in reversed order,"),
    "exchanged": ("swapped", "the gradients of the two factors are exchanged"),
    "behind": ("activation", "the gradient takes the cotangent from behind this step, whose derivative is left out:"),
    "other factor": ("term-factor", "another array stands for the other factor in the derivative"),
}
#: Functions that nobody calls an activation.
_POWERS = frozenset({"power", "square", "sqrt", "reciprocal", "cbrt"})


def rank(kind: str) -> int:
    """Return the place of a kind among those that explain the same."""
    return next((k for k, kinds in enumerate(_RANKS) if kind in kinds), len(_RANKS))


def told(reach: Reach, v: Variant) -> tuple[str, str]:
    """Return the kind and the words."""
    group = reach.tape.groups[v.unit.groups[0]]
    where = _where(group)
    if v.said[0]:
        kind, words = v.said
        return kind, f"{words} {where}"
    if v.what.startswith("algebra: "):
        how = "is left out" if v.what.endswith("left out") else "is multiplied in twice"
        return "term-factor", f"the derivative of the powers and products {how} {where}"
    if v.what.startswith("stretch: "):
        return _stretch(v, where)
    if v.what in ("slope", "slope twice", "inverse slope"):
        how = {"slope": "is left out", "slope twice": "is multiplied in twice", "inverse slope": "divides"}[v.what]
        kind = "clipped" if group.name == "clip" else "term-factor" if group.name in _POWERS else "activation"
        return kind, f"the derivative of {group.name} {how} {where}"
    if v.what == "drop":
        return dropped(reach, v, _operand(group, v.operand), where)
    if v.what == "sign":
        several = len(group.which) > 1 and not of_an_input(reach, v)
        part = f" of {_operand(group, v.operand)}" if several else ""
        return ("term-sign" if several and group.name in ("add", "subtract") else "sign"), (
            f"the sign of the gradient{part} is flipped {where}"
        )
    if v.what in ("factor", "size"):
        return (
            v.what,
            f"the gradient of {_operand(group, v.operand)} is {_number(v.number)} times what it should be {where}",
        )
    if v.what in ("coefficient", "coefficient twice", "inverse coefficient"):
        return _coefficient(reach, v, group, where)
    return _rest(reach, v, group, where)


def _stretch(v: Variant, where: str) -> tuple[str, str]:
    what = v.what.removeprefix("stretch: ")
    if what in ("left out", "twice"):
        how = "is left out" if what == "left out" else "is multiplied in twice"
        return "activation", f"the derivative of the elementwise function {how} {where}"
    return "activation", f"{what} is taken for the derivative of the elementwise function y(x) {where}"


def _rest(reach: Reach, v: Variant, group: Group, where: str) -> tuple[str, str]:
    of = _operand(group, v.operand)
    if v.what in _OTHER:
        kind, words = _OTHER["step" if _is_next(reach, v) else v.what]
        c = next((c for c in group.constants if c is not None), 0.0)
        return kind, f"{words.format(number=v.number, constant=c, of=of)} {where}"
    if v.what in ("first", "last"):
        if group.name == "getitem":
            text = f"of the rows that are taken several times only the {v.what} use is counted {where}"
            return "duplicates", f"{text}: `a[i] += g` keeps one of them, np.add.at(a, i, g) adds all"
        return (
            "broadcast",
            f"of {of}, which is used several times, only the {v.what} use is counted: a sum is missing {where}",
        )
    if v.what == "mean":
        return "size", f"the gradient of {of} is a mean where it should be a sum {where}"
    if v.what == "transpose":
        return "transposed-use", f"the other matrix is not transposed (or is, and should not be) {where}"
    if v.what == "exponent":
        return "factor", f"the exponent is not multiplied in {where}"
    return "term-factor", f"the power is wrong in the derivative of {group.name} for {of} {where}"


def _coefficient(reach: Reach, v: Variant, group: Group, where: str) -> tuple[str, str]:
    how = {
        "coefficient": "is missing",
        "coefficient twice": "is multiplied in twice",
        "inverse coefficient": "divides where it should multiply, or multiplies where it should divide",
    }[v.what]
    constants = [c for j, c in enumerate(group.constants) if j != v.operand and c is not None]
    if constants and constants[0] == 0:
        return "activation", f"what is switched off is passed on: the derivative of the switch is left out {where}"
    if constants:
        kind = "size" if _is_size(reach, constants[0]) else "factor"
        return kind, f"the factor {_number(constants[0])} {how} {where}"
    return "term-factor", f"the other factor {how} {where}"


def _is_size(reach: Reach, c: float) -> bool:
    lengths = {n for g in reach.tape.groups for n in g.ids.shape if n > 1}
    return any(close(c, x) for n in lengths for x in (n, 1 / n, math.sqrt(n), 1 / math.sqrt(n)))


# ---------------------------------------------------------------- words


def _where(group: Group) -> str:
    if not group.places:
        return ""
    place = group.places[-1]
    text = f"`{group.line}`, " if group.line else ""
    return f"at {text}line {place.line} of {Path(place.file).name}"


def _is_next(reach: Reach, v: Variant) -> bool:
    """Is the array that stands for the other factor the same variable, of another step of the loop?"""
    g, groups = v.unit.groups[-1], reach.tape.groups
    if v.what != "other factor" or 1 - v.operand not in groups[g].which:
        return False
    taken = groups[g + int(v.number)]
    made = [groups[p] for p in reach.parents(g, groups[g].which.index(1 - v.operand))]
    return any(m.name == taken.name and m.places and m.places == taken.places for m in made)


def _operand(group: Group, operand: int) -> str:
    if len(group.constants) < 2 and len(group.which) < 2:
        return "its argument"
    return ("the left operand", "the right operand")[operand] if operand < 2 else f"operand {operand + 1}"


def _number(c: float) -> str:
    for n in range(2, 65):
        for value, text in ((math.sqrt(n), f"√{n}"), (1 / math.sqrt(n), f"1/√{n}"), (1 / n, f"1/{n}")):
            if close(c, value) and not close(c, round(c)):
                return text
    return f"{c:.6g}"
