"""Half precision: arrays in float16 or bfloat16, arithmetic in float32.

What comes in is widened where it is read, and what goes out is rounded where it is written: once. An array that goes
out and is read again, or added to, is kept in float32 and rounded at the end; one that takes part in a matrix product
is widened at the beginning.
"""

from __future__ import annotations

from collections import Counter

from gradproof.derive.nodes import elements
from gradproof.errors import NotYet
from gradproof.kernels.cuda.homes import touched_by
from gradproof.kernels.cuda.steps import Body, Launch, Step, Wide, leaves, under
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Plan, Row, Strip
from gradproof.kernels.prepare import Program

#: How arrays are held, for each type.
HELD = {"float16": "np.float16", "bfloat16": "np.uint16"}


def refuse_updates(program: Program, dtype: str) -> None:
    """Refuse an optimiser's step: parameters in half precision lose the steps that are too small for them.

    Raises:
        NotYet: it is one.
    """
    if program.updated:
        raise NotYet(
            f"an update of parameters in {dtype}",
            expected=f"float32: a step below half a unit in the last place of {dtype} would be lost each time",
            hint="keep the parameters and what the optimiser saves in float32, and round a copy of them",
        )


def halved(plan: Plan, steps: tuple[Step, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the inputs and outputs that are half precision for the caller, and those of them that launches have so."""
    given = frozenset(n for n in (*plan.program.inputs, *plan.program.outputs) if _is_array(plan, n))
    direct = {n for n in given if not _has_rows(plan, n)}
    writers: Counter[str] = Counter()
    for leaf, way in leaves(steps):
        if not isinstance(leaf, Launch):
            direct -= {name for name, _ in touched_by(leaf)}
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
    if isinstance(node, Loop | Strip):
        return any(_is_read_elsewhere(s, inner) for inner in node.body)
    here = list(under(node))
    reads = {e for o in here for part in (o.expr, *o.conditions, *o.guards) for e in elements(part) if e.name == s.name}
    row = isinstance(node, Row | Wide) and s in here and s.kind == "map"
    return bool(reads - {s.target}) or bool(reads and not row)
