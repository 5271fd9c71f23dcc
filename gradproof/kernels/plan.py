"""The plan of a kernel as data: statements, a tree of loops, and where each tensor is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Element
from gradproof.kernels.prepare import Program


@dataclass(frozen=True, slots=True)
class Statement:
    """`target = expr`, or `target = kind over reduced, where the conditions hold, of expr`; at most one reduction.

    Attributes:
        number: the equation that it is part of.
        target: the element that is written.
        free: its indices, in loop order.
        reduced: the indices of the reduction.
        kind: map, sum, prod, max, min, argmax or argmin (a flat position, -1 if there is none); in a fast tree also
            add (the value is added to what the target holds).
        expr: an expression without reductions.
        conditions: which terms of the reduction count.
        guards: where the reduction is needed at all; elsewhere its value is not used.
    """

    number: int
    target: Element
    free: tuple[Index, ...]
    reduced: tuple[Index, ...]
    kind: str
    expr: Expr
    conditions: tuple[Condition, ...] = ()
    guards: tuple[Condition, ...] = ()

    @property
    def name(self) -> str:
        return self.target.name


@dataclass(frozen=True, slots=True)
class For:
    """A loop over an index, up (+1) or down (-1)."""

    index: Index
    body: tuple[Node, ...]
    direction: int = 1


@dataclass(frozen=True, slots=True)
class Pass:
    """A reduction: its accumulator starts, the body runs, its value is stored."""

    statement: Statement
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """The statement's expression is evaluated once, and assigned or accumulated."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Work:
    """A helper that works on whole matrices: arrays at the open indices; its value, if any, is stored.

    Attributes:
        helper: its name.
        arrays: names of the tensors, each with as many leading indices fixed as `fixed` has.
        fixed: the open indices.
        statement: where its value goes; None where it overwrites its last array.
    """

    helper: str
    arrays: tuple[str, ...]
    fixed: tuple[Index, ...]
    statement: Statement | None = None


Node = For | Pass | Point | Work


@dataclass(frozen=True, slots=True)
class Block:
    """The loops of one equation (or of a temporary of it), or of a recurrence."""

    equations: tuple[Equation, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a tensor is kept.

    Attributes:
        shape: its axes, without the rows that `start` adds.
        low: rows before row 0 in each axis; high: rows after the last.
        local: kept in a local scalar: none of its axes is stored.
        integer: holds integers (a position, a label).
        wide: holds float64 in every module: a sum of squares of which a root is taken, a matrix to eliminate.
    """

    shape: tuple[Expr, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    local: bool = False
    integer: bool = False
    wide: bool = False


@dataclass(frozen=True)
class LoopNest:
    """The plan of one kernel.

    Attributes:
        program: what it computes.
        blocks: in order.
        storage: by the name of the tensor, temporaries included.
    """

    program: Program
    blocks: tuple[Block, ...]
    storage: dict[str, Storage]
