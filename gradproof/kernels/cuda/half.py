"""Half precision: arrays in float16 or bfloat16, arithmetic in float32.

What comes in is widened where it is read, and what goes out is rounded where it is written: once. An array that goes
out and is read again, or added to, is kept in float32 and rounded at the end. Matrix products read what comes in as it
is, and widen what goes to shared memory; cuBLAS, which takes two operands of one type, gets a copy in float32 of those
that are multiplied with something computed.
"""

from __future__ import annotations

from collections import Counter

from gradproof.derive.nodes import elements
from gradproof.kernels.cuda.homes import touched_by
from gradproof.kernels.cuda.steps import Body, Launch, Product, Step, Walk, Wide, leaves, under
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Plan, Row, Strip

#: How arrays are held, for each type.
HELD = {"float16": "np.float16", "bfloat16": "np.uint16"}


def halved(plan: Plan, steps: tuple[Step, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the inputs and outputs that are half precision for the caller, and those of them that launches have so."""
    given = frozenset(n for n in (*plan.program.inputs, *plan.program.outputs) if _is_array(plan, n))
    direct = {n for n in given if not _has_rows(plan, n)}
    writers: Counter[str] = Counter()
    multiplied = _multiplied(plan, steps)
    for leaf, way in leaves(steps):
        if not isinstance(leaf, Launch):
            direct -= {name for name, _ in touched_by(leaf) if name not in multiplied}
            continue
        inside = {*leaf.grid, *(step.index for step in way)}
        for s in leaf.statements:
            writers[s.name] += 1
            if s.kind in ("add", "argmax", "argmin") or set(s.reduced) & inside:
                direct.discard(s.name)
        made = {s.name for s in leaf.statements}
        direct -= {n for n in _read(leaf) if n not in plan.program.inputs and n not in made}
        direct -= {s.name for s in leaf.statements for node in leaf.nodes if _is_read_elsewhere(s, node)}
    return given, frozenset(n for n in direct if writers[n] == (n in plan.program.outputs))


def _multiplied(plan: Plan, steps: tuple[Step, ...]) -> set[str]:
    """Return the inputs that do nothing but be operands, as far as products are concerned."""
    dots = [leaf.dot for leaf, _ in leaves(steps) if isinstance(leaf, Product)]
    others = {n for leaf, _ in leaves(steps) if not isinstance(leaf, Launch | Product) for n, _ in touched_by(leaf)}
    asked = {e.name for d in dots for c in d.statement.guards for e in elements(c)}
    return {e.name for d in dots for e in (d.left, d.right) if e.name in plan.program.inputs} - others - asked


def multiplied_with_others(steps: tuple[Step, ...], half: frozenset[str]) -> frozenset[str]:
    """Return the operands in half precision that are multiplied with an array in float32."""
    pairs = [{leaf.dot.left.name, leaf.dot.right.name} for leaf, _ in leaves(steps) if isinstance(leaf, Product)]
    return frozenset(n for pair in pairs if not pair <= half for n in pair & half)


def _is_array(plan: Plan, name: str) -> bool:
    storage = plan.storage[name]
    return bool(storage.shape) and not storage.integer and not storage.wide


def _has_rows(plan: Plan, name: str) -> bool:
    storage = plan.storage[name]
    return any(storage.low) or any(storage.high)


def _read(leaf: Launch) -> set[str]:
    return {e.name for s in leaf.statements for part in (s.expr, *s.conditions, *s.guards) for e in elements(part)}


def _is_read_elsewhere(s: Statement, node: Body) -> bool:
    """Is what a statement makes read but for the same place in the same row, where it still has a name?"""
    if isinstance(node, Loop | Strip | Walk):
        return any(_is_read_elsewhere(s, inner) for inner in node.body)
    here = list(under(node))
    reads = {e for o in here for part in (o.expr, *o.conditions, *o.guards) for e in elements(part) if e.name == s.name}
    row = isinstance(node, Row | Wide) and s in here and s.kind == "map"
    return bool(reads - {s.target}) or bool(reads and not row)
