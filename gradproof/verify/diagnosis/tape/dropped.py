"""A path that is left out, in words: through a mean, around a layer, to an earlier step, of a penalty."""

from __future__ import annotations

from gradproof.verify.diagnosis.tape.loops import is_carried
from gradproof.verify.diagnosis.tape.reach import Reach
from gradproof.verify.diagnosis.tape.variants import Variant

#: What a variance is put into, and a mean is not.
_ROOTS = frozenset({"sqrt", "power", "reciprocal"})
#: What a regulariser is made of.
_PENALTIES = frozenset({"sum", "absolute", "square", "power"})
#: Groups that are looked back from a dropped path for what made it.
_BACK = 6


def dropped(reach: Reach, v: Variant, of: str, where: str) -> tuple[str, str]:
    """Return kind and words of an operand whose gradient is left out, `of` what it is and `where`."""
    group = reach.tape.groups[v.unit.groups[0]]
    if _carried(reach, v):
        kept = f" beyond {int(v.number)} step{'s' if v.number > 1 else ''}" if v.number else ""
        text = f"what comes back from later steps through {of} is left out{kept} {where}: truncated backpropagation"
        return "truncated", text
    made = _made_by(reach, v)
    if made:
        kind, words = made
        return kind, f"the path through {words} is left out {where}"
    if group.name == "add" and _is_penalty(reach, v):
        return "regulariser", f"the gradient of the penalty is left out {where}"
    if group.name == "add" and len(group.which) == 2 and _skips(reach, v):
        return "residual", f"the path around (the skip connection) is left out {where}"
    alone = of_an_input(reach, v) and not _used_elsewhere(reach, v)
    kind = "detached" if alone else "term" if len(group.which) > 1 else "path"
    return kind, f"the path through {of} is left out {where}"


def _carried(reach: Reach, v: Variant) -> bool:
    """Do the later turns of a loop read, through this operand, what an earlier turn made?"""
    groups = reach.tape.groups
    unit = [g for g in v.unit.groups if v.operand in groups[g].which]
    found = [_from_earlier(reach, g, groups[g].which.index(v.operand)) for g in unit[1:]]
    return bool(found) and all(found)


def _from_earlier(reach: Reach, g: int, slot: int) -> bool:
    groups = reach.tape.groups
    made = [groups[p] for p in reach.parents(g, slot) if groups[p].places]
    return bool(made) and all(is_carried(groups[g], p) for p in made)


def _made_by(reach: Reach, v: Variant) -> tuple[str, str] | None:
    """Say what statistic a dropped operand is: a mean, a variance, the sum of a softmax."""
    groups = reach.tape.groups
    g = v.unit.groups[0]
    names: list[str] = [groups[g].name]
    scaled = False
    if v.operand not in groups[g].which:
        return None
    here = reach.parents(g, groups[g].which.index(v.operand))
    for _ in range(_BACK):
        if len(here) != 1:
            return None
        group = groups[next(iter(here))]
        names.append(group.name)
        scaled = scaled or (group.name in ("divide", "multiply") and any(c is not None for c in group.constants))
        if group.name == "sum":
            break
        here = reach.parents(next(iter(here)))
    else:
        return None
    if scaled and names[0] == "subtract" and names[1] in ("power", "square") and names[2:] == ["divide", "sum"]:
        return "mean-term", "the square of the mean"  # E[x²] - E[x]²
    if names[-1] != "sum" or groups[g].ids.size <= 1:
        return None
    if any(n in _ROOTS for n in (*names, *(_afterwards(reach, g) if scaled else ()))):
        return "variance-term", "the variance (or the norm)"
    return ("mean-term", "the mean") if scaled else ("term", "the sum")


def _afterwards(reach: Reach, g: int) -> list[str]:
    """Return the names of what is done with a group's result, as long as it is one thing."""
    names: list[str] = []
    for _ in range(_BACK // 2):
        users = [k for k in range(g + 1, len(reach.tape.groups)) if g in reach.parents(k)]
        if len(users) != 1:
            break
        g = users[0]
        names.append(reach.tape.groups[g].name)
    return names


def _is_penalty(reach: Reach, v: Variant) -> bool:
    """Is the operand a multiple of a sum of squares, or of sizes, of an input's entries?"""
    groups = reach.tape.groups
    g = v.unit.groups[0]
    here = reach.parents(g, groups[g].which.index(v.operand)) if v.operand in groups[g].which else frozenset()
    names: list[str] = []
    for _ in range(_BACK):
        if len(here) != 1:
            return False
        (g,) = here
        group = groups[g]
        if group.name == "input":
            return names[:1] == ["sum"] and len(names) > 1
        scales = group.name in ("multiply", "divide") and any(c is not None for c in group.constants)
        if not scales and group.name not in _PENALTIES:
            return False
        names += [] if scales else [group.name]
        here = reach.parents(g)
    return False


def _skips(reach: Reach, v: Variant) -> bool:
    g = v.unit.groups[0]
    if v.operand not in reach.tape.groups[g].which:
        return False
    mine = reach.parents(g, reach.tape.groups[g].which.index(v.operand))
    other = reach.parents(g, 1 - reach.tape.groups[g].which.index(v.operand))
    return any(mine <= reach.ancestors[o] | {o} for o in other) and not any(other <= reach.ancestors[m] for m in mine)


def _used_elsewhere(reach: Reach, v: Variant) -> bool:
    """Does another step read the operand too, or another operand of this one?"""
    g = v.unit.groups[0]
    slot = reach.tape.groups[g].which.index(v.operand)
    mine = reach.parents(g, slot)
    if any(mine & reach.parents(g, s) for s in range(len(reach.tape.groups[g].which)) if s != slot):
        return True
    return any(mine & reach.parents(k) for k in range(len(reach.tape.groups)) if k not in v.unit.groups)


def of_an_input(reach: Reach, v: Variant) -> bool:
    """Is the operand an input itself?"""
    g = v.unit.groups[0]
    if v.operand not in reach.tape.groups[g].which:
        return False
    mine = reach.parents(g, reach.tape.groups[g].which.index(v.operand))
    return all(reach.tape.groups[p].name == "input" for p in mine)
