"""A program as flat statements: every nested reduction one of its own, a recurrence's steps kept together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradproof.derive.implicit import is_solution
from gradproof.derive.index import Index
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Reduce, names_in
from gradproof.kernels.lower import Lowering, Part, is_log_determinant
from gradproof.kernels.plan import Block, Statement, Storage
from gradproof.kernels.planner.scatter import scattered
from gradproof.kernels.planner.spread import spread
from gradproof.kernels.prepare import Program
from gradproof.kernels.recurrence import Group, ordered_groups
from gradproof.kernels.storage import storage_of

#: Kinds that the fast tree has; the others are loop nests.
_KINDS = ("sum", "max", "min")


@dataclass(frozen=True, slots=True)
class Work:
    """Statements that run in this order.

    Attributes:
        statements: at least one, or none where `block` holds a loop nest.
        step: the index along which a recurrence steps, else None.
        direction: +1 or -1 for a recurrence, else 0.
        block: the loop nest of what the fast tree does not take.
    """

    statements: tuple[Statement, ...]
    step: Index | None = None
    direction: int = 0
    block: Block | None = None


def flatten(program: Program) -> tuple[tuple[Work, ...], dict[str, Storage]]:
    """Return the work of a program in order, and the storage of its tensors, temporaries included."""
    storage = storage_of(program)
    works: list[Work] = []
    for group in ordered_groups(program.equations):
        works += _works(Lowering(program.system, group, storage), group)
    return tuple(works), storage


def _works(lowering: Lowering, group: Group) -> Iterator[Work]:
    if any(is_solution(e.value) or is_log_determinant(e.value) or not _is_taken(e) for e in group.equations):
        yield Work((), block=lowering.block())
        return
    parts = [s for e in group.equations for s in _statements(lowering.part(e))]
    statements = parts
    if not group.direction:
        scatters = [t for s in parts for t in scattered(s, lowering.positions)]
        yield Work(tuple(t for s in scatters for t in spread(s, lowering.storage)))
        return
    inside = _reading(statements, {name for name, _ in group.axis})
    if early := tuple(s for s in statements if s.name not in inside):
        yield Work(early)
    yield Work(tuple(s for s in statements if s.name in inside), lowering.step, group.direction)


def _is_taken(equation: Equation) -> bool:
    """Does the fast tree have every reduction of the equation?"""
    return all(r.op in _KINDS for r in equation.value.atoms(Reduce))


def _statements(part: Part) -> Iterator[Statement]:
    """Yield the statements of a part, what it reads first."""
    for inner in part.parts:
        yield from _statements(inner)
    yield part.statement


def _reading(statements: list[Statement], members: set[str]) -> set[str]:
    """Return the names that the recurrence's own tensors lead to."""
    inside = set(members)
    while True:
        more = {s.name for s in statements if names_in(s.expr).union(*map(names_in, s.conditions)) & inside} - inside
        if not more:
            return inside
        inside |= more
