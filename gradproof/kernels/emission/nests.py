"""Loop nests as `lower` makes them, inside a region's function."""

from __future__ import annotations

from gradproof.kernels.emit import emit
from gradproof.kernels.expressions import Writer
from gradproof.kernels.plan import Block, LoopNest
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.scope import Scope


def nest_lines(block: Block, plan: Plan, scope: Scope, writer: Writer) -> tuple[str, ...]:
    """Return the lines of a nest; what it calls is noted with the writer."""
    body = emit(LoopNest(plan.program, (block,), plan.storage), scope)
    writer.used |= body.forms
    writer.unknown |= set(body.unknown)
    return body.lines
