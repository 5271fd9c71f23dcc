"""The plan as data: a sequence of regions, in each a tree of loops; `show()` prints it.

    Region   work that threads share: each takes a stretch lo:hi of one index
    Loop     a loop over an index, up or down
    Strip    a loop over stretches of an index, so that what is kept for one of them stays in the cache
    Row      an innermost loop, made for vector instructions: a helper function on rows of arrays
    Once     statements at the indices that are open
    Dot      a matrix product at the indices that are open
    Nest     a loop nest as `lower` makes it, on whole arrays

Indices are those of the plan: one `Index` object stands for the same axis in all statements. A reduction starts where
its free indices are open and the first of its reduced ones is not, and is complete where that loop ends. If its
reduced index is a region's, each thread has a sum of its own, and they are added in the order of the threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.plan import Block, Statement, Storage
from gradproof.kernels.prepare import Program


@dataclass(frozen=True, slots=True)
class Dot:
    """`target[rows, columns] (+)= factor * left[rows, inner] @ right[inner, columns]` at the open indices.

    Attributes:
        statement: the sum that it computes; several products may add up to one statement.
        left, right: the operands, as they are read.
        rows, columns, inner: the indices of the matrices; several run together as one axis.
        factor: what the product is multiplied by: 1 or -1.
        accumulate: is it added to what is there? Where an inner index is a loop around the product (or a region's),
            the target is a sum over that loop as any other: zero where it starts, each thread's own in a region.
    """

    statement: Statement
    left: Element
    right: Element
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    inner: tuple[Index, ...]
    factor: int = 1
    accumulate: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The innermost loop over an index; statements run in order at each place."""

    index: Index
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """Statements that run once at the open indices."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop over an index, up (+1) or down (-1)."""

    index: Index
    body: tuple[Node, ...]
    direction: int = 1


@dataclass(frozen=True, slots=True)
class Strip:
    """A loop over stretches of an index, each of at most `length` places; the last may be shorter.

    In its body a `Loop` or `Row` over the index runs over the stretch, and a `Dot` whose rows, columns or inner
    indices begin with it takes that stretch of them. A sum over the index starts before the strips.

    Attributes:
        index: what is cut.
        body: what is done for each stretch.
        length: how many places a stretch has at most; with those of `beside`, which are whole in it.
        ends: other indices that need not run to their end: each below the end of the stretch plus a number. Under
            `j <= i`, j ends where the stretch of i does.
        beside: indices whose places are counted too: rows of an image are as many as have `length` places together.
    """

    index: Index
    body: tuple[Node, ...]
    length: int = 64
    ends: tuple[tuple[Index, int], ...] = ()
    beside: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Nest:
    """A block of `lower`, on whole arrays."""

    block: Block


Node = Loop | Strip | Row | Once | Dot | Nest


@dataclass(frozen=True, slots=True)
class Region:
    """Work on a stretch of an index; where there is none, one thread does it all.

    Attributes:
        index: what the threads share out; None for one thread.
        beside: an index shared out together with it: the body is a loop over `index`, in it one over `beside`, and
            nothing else; a stretch lo:hi is one of both, counted row by row.
        body: what each does for its stretch. Where a node needs the index open, it stands in a `Loop` or `Row` over
            it, which then runs from lo to hi; a `Dot` whose rows or columns begin with it takes that stretch of them.
        owned: the axis of the targets of "add" statements along which threads own what they add to: each goes through
            all of them, and does those whose place along that axis lies in lo:hi.
    """

    index: Index | None
    body: tuple[Node, ...]
    beside: Index | None = None
    owned: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor is kept.

    Attributes:
        kind: "array" (made by the wrapper or given by the caller), "buffer" (of one thread, made by the region's
            function, float64 where it is a sum), "scalar" (a local name).
        axes: which of its axes are kept; the others have one place only, which the loops reuse.
        strips: which of those are kept for one stretch of a `Strip` only, counted from its beginning.
    """

    kind: Literal["array", "buffer", "scalar"]
    axes: tuple[int, ...]
    strips: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The plan of one kernel.

    Attributes:
        program: what it computes.
        regions: in order.
        storage: of every tensor by name, temporaries (`p~max`) included: shape, start rows, integer or wide.
        places: where each tensor is kept.
    """

    program: Program
    regions: tuple[Region, ...]
    storage: dict[str, Storage]
    places: dict[str, Place]

    def show(self) -> str:
        """Return the plan in a few lines."""
        from gradproof.kernels.planner.show import show_plan

        return show_plan(self)


def statements_of(node: Node) -> Iterator[Statement]:
    """Yield the statements that stand under a node, those of products too; not those of a nest."""
    if isinstance(node, Loop | Strip):
        for inner in node.body:
            yield from statements_of(inner)
    elif isinstance(node, Row | Once):
        yield from node.statements
    elif isinstance(node, Dot):
        yield node.statement
