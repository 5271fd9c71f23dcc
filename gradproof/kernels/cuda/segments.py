"""Terms that are added where labels say, the other way round: each entry adds up the terms whose labels mean it.

`d_E[tok[t],d] += d_x[t,d]` for all t becomes: sort the places t by tok[t], find where each label begins in that order,
and for all v and d add up the terms of v's segment. Every entry has one thread, which adds in the order of the terms.
"""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive.index import Index, fresh
from gradproof.derive.nodes import Element, elements, free, order_key
from gradproof.kernels.cuda.steps import Keys, Launch, Segments, Step
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import plain, reads
from gradproof.kernels.planner.tree import Node, Plan, Row, statements_of


def placed_by_labels(plan: Plan) -> frozenset[Statement]:
    """Return the statements that add terms where labels that come in say."""
    system = plan.program.system
    labels = frozenset(n for n in plan.program.inputs if system[n].bound is not None and system[n].shape)
    found = (s for r in plan.regions for node in r.body for s in statements_of(node) if s.kind == "add")
    return frozenset(s for s in found if _is_placed(s, labels) and not _has_rows(plan.storage[s.name]))


def _is_placed(s: Statement, labels: frozenset[str]) -> bool:
    at = [e for slot in s.target.indices for e in elements(slot)]
    return bool(at) and all(e.name in labels for e in at) and bool(_terms(s))


def _has_rows(storage: Storage) -> bool:
    return any(storage.low) or any(storage.high)


def only_placed(node: Node, placed: frozenset[Statement]) -> bool:
    """Is there nothing else under the node, so that all places can be sorted at once?"""
    found = list(statements_of(node))
    return bool(found) and placed.issuperset(found)


def separated(row: Row, placed: frozenset[Statement]) -> list[Row]:
    """Return the row in parts: what labels place stands by itself."""
    parts: list[list[Statement]] = []
    before = False
    for s in row.statements:
        alone = s in placed
        if alone or before or not parts:
            parts.append([])
        parts[-1].append(s)
        before = alone
    return [replace(row, statements=tuple(part)) for part in parts]


def segment_steps(s: Statement, storage: Storage) -> list[Step]:
    """Return the launches that find the key of each term, and that add up the terms of each key."""
    axes = _key_axes(s)
    terms = _terms(s)
    slots = tuple(s.target.indices[a] for a in axes)
    label = next(e.name for slot in slots for e in sorted(elements(slot), key=order_key))
    keys = Keys(slots, tuple(storage.shape[a] for a in axes), terms, label)
    indices = tuple(fresh(storage.shape[a]) if a in axes else plain(slot) for a, slot in enumerate(s.target.indices))
    places = tuple(i for i in indices if i is not None)
    total = replace(s, kind="sum", target=Element(s.name, *places), free=places, reduced=terms)
    run = tuple(places[a] for a in axes)
    return [Launch(terms, (keys,), flat=True), Launch(places, (Segments(places, run, keys, total),), flat=True)]


def _key_axes(s: Statement) -> tuple[int, ...]:
    """Return the axes that labels find, with those whose index the labels depend on."""
    found = {a for a, slot in enumerate(s.target.indices) if plain(slot) is None}
    inside = {i for a in found for i in free(s.target.indices[a])}
    return tuple(a for a, slot in enumerate(s.target.indices) if a in found or plain(slot) in inside)


def _terms(s: Statement) -> tuple[Index, ...]:
    """Return the indices over which an entry adds up."""
    axes = _key_axes(s)
    own = {plain(slot) for a, slot in enumerate(s.target.indices) if a not in axes}
    return tuple(i for i in s.free if i not in own)


# ---------------------------------------------------------------- zeros that need not be written


def without_zeros(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps without launches that write the zeros to which segments are added: these write their sums."""
    found: list[Step] = []
    for step in steps:
        node = step.nodes[0] if isinstance(step, Launch) else None
        if isinstance(step, Launch) and isinstance(node, Segments):
            at = _zeros(found, node.total.name)
            if at is not None:
                del found[at]
                found.append(replace(step, nodes=(replace(node, adds=False),)))
                continue
        found.append(step)
    return tuple(found)


def _zeros(steps: list[Step], name: str) -> int | None:
    """Return the position of the launch that does nothing but write zeros there, if nothing touches them after it."""
    for at in range(len(steps) - 1, -1, -1):
        step = steps[at]
        if not isinstance(step, Launch):
            return None
        if len(step.statements) == 1 and step.statements[0].name == name:
            s = step.statements[0]
            return at if s.kind == "map" and s.expr == 0 and set(map(plain, s.target.indices)) == set(s.free) else None
        if any(name in (s.name, *(e.name for e in reads(s))) for s in step.statements):
            return None
    return None
