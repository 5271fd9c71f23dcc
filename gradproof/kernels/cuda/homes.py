"""Where each tensor lives on the device.

What one launch makes and uses stays in it: numbers in registers, rows in an array with a part for each block. What
several launches share is an array; it keeps only those axes for a step at a time whose loops run on the host.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import elements
from gradproof.kernels.cuda.serial import touched
from gradproof.kernels.cuda.steps import Cut, Launch, Leaf, Product, Repeat, Serial, Step, leaves
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import plain, reads
from gradproof.kernels.planner.tree import Place, Plan

Way = tuple[Repeat | Cut, ...]


@dataclass(frozen=True, slots=True)
class Homes:
    """The result.

    Attributes:
        plan: the plan with these places.
        own: tensors of which each block has an array of its own.
        local: tensors that are names within a launch.
    """

    plan: Plan
    own: frozenset[str]
    local: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Use:
    leaf: Leaf
    way: Way
    writer: Statement | None


def homes(plan: Plan, steps: tuple[Step, ...]) -> Homes:
    """Return where the tensors of a plan live."""
    uses: dict[str, list[_Use]] = {}
    for leaf, way in leaves(steps):
        for name, writer in touched_by(leaf):
            uses.setdefault(name, []).append(_Use(leaf, way, writer))
    kept = {*plan.program.inputs, *plan.program.outputs}
    found = dict(plan.places)
    own: set[str] = set()
    local: set[str] = set()
    for name, place in plan.places.items():
        if name in plan.program.outputs and not plan.storage[name].shape:
            found[name] = Place("array", ())
        if name in kept or name not in uses:
            continue
        home = _home(plan, name, place, uses[name])
        if home is None:
            found[name] = place
            (local if place.kind == "scalar" or not place.axes else own).add(name)
        else:
            found[name] = home
    return Homes(replace(plan, places=found), frozenset(own), frozenset(local))


def _home(plan: Plan, name: str, place: Place, uses: list[_Use]) -> Place | None:
    """Return the place of an array; None for what lives in one launch alone."""
    writers = [u.writer for u in uses if u.writer is not None]
    one = len({id(u.leaf) for u in uses}) == 1 and isinstance(uses[0].leaf, Launch)
    carried = any(_is_carried(w, uses[0]) for w in writers)
    if one and not carried and place.kind != "array":
        return None
    storage = plan.storage[name]
    if any(storage.low) or any(storage.high) or not writers:
        return Place("array", tuple(range(len(storage.shape))))
    hosted = _hosted(uses)
    if one:
        hosted |= _within(uses[0].leaf)
    target = writers[0].target.indices
    axes = tuple(a for a in range(len(storage.shape)) if a in place.axes or plain(target[a]) not in hosted)
    cut = {step.index for step in _common(uses) if isinstance(step, Cut)}
    return Place("array", axes, tuple(a for a in place.strips if plain(target[a]) in cut))


def _is_carried(s: Statement, use: _Use) -> bool:
    """Is it a sum that is complete only after the launch?"""
    if s.kind in ("map", "add") or not isinstance(use.leaf, Launch):
        return False
    return bool(set(s.reduced) & {*use.leaf.grid, *(step.index for step in use.way)})


def _within(leaf: Leaf) -> set[Index | None]:
    """Return the indices of loops that a block runs by itself."""
    grid = leaf.grid if isinstance(leaf, Launch) else ()
    if not isinstance(leaf, Launch):
        return set()
    return {i for s in leaf.statements for i in (*s.free, *s.reduced) if i not in grid}


def _hosted(uses: list[_Use]) -> set[Index | None]:
    return {step.index for step in _common(uses) if isinstance(step, Repeat)}


def _common(uses: list[_Use]) -> Way:
    common = uses[0].way
    for use in uses[1:]:
        same = 0
        while same < min(len(common), len(use.way)) and common[same] is use.way[same]:
            same += 1
        common = common[:same]
    return common


def touched_by(leaf: Leaf) -> list[tuple[str, Statement | None]]:
    """Return what a step touches, each with the statement that writes it."""
    if isinstance(leaf, Serial):
        return [(name, None) for name in touched(leaf.block)]
    if isinstance(leaf, Product):
        dot = leaf.dot
        read = [dot.left.name, dot.right.name, *[e.name for c in dot.statement.guards for e in elements(c)]]
        return [(dot.statement.name, dot.statement), *[(n, None) for n in read]]
    found: list[tuple[str, Statement | None]] = []
    for s in leaf.statements:
        found.append((s.name, s))
        found += [(e.name, None) for e in reads(s)]
    return found
