"""A program for a device as data: what the host launches, in order.

Launch    a kernel: blocks share the places of its grid, the threads of a block share rows
Product   a matrix product for every place of a batch of indices
Serial    loops on whole arrays that one thread runs
Repeat    a loop of the host over an index, for what is carried from step to step
Cut       a loop of the host over stretches of an index
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.plan import Block, Statement
from gradproof.kernels.planner.tree import Dot, Loop, Node, Once, Row, Strip, statements_of


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """An innermost loop over several indices as one, whose places the threads of a block share."""

    indices: tuple[Index, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Owned:
    """Places that threads share, at each of which a thread runs some loops by itself: a window, in registers.

    Attributes:
        indices: the places, run together as one.
        loops: what is reduced at each, the outermost first.
        statements: reductions over all of the loops.
    """

    indices: tuple[Index, ...]
    loops: tuple[Index, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Online:
    """A row that finds a maximum, and sums of exponentials less a shift that depends on it, at once; see `online`.

    Attributes:
        index: whose places the threads of a block share.
        body: what is done at each place; the maximum is part of it.
        most: the maximum.
        shift: what the exponentials are taken less of, made of the maximum; it runs once, after the row.
        sums: of exponentials of the maximum itself less the shift, where the maximum stands for what it is taken of.
    """

    index: Index
    body: tuple[Statement, ...]
    most: Statement
    shift: Statement
    sums: tuple[Statement, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All of them, in the order in which they are complete."""
        return *self.body, self.shift, *self.sums


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Rows over one index one after the other, each beginning where the one before ended; see `walks`.

    Attributes:
        index: whose places the threads of a block share.
        body: the rows, and what is done once between them.
        held: what several of them read or one makes, which each thread keeps of the places that it had last.
    """

    index: Index
    body: tuple[Row | Online | Once, ...]
    held: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """For each term of a sum that labels place, a number for where it goes; a last one for where nothing is.

    Attributes:
        slots: where, axis by axis; sizes: the lengths of these axes.
        terms: the indices of the terms.
        name: the labels.
    """

    slots: tuple[Expr, ...]
    sizes: tuple[Expr, ...]
    terms: tuple[Index, ...]
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Places that threads share, at each of which a thread adds up the terms that have its key.

    Attributes:
        indices: the places, run together as one.
        run: those of them that make the key.
        keys: the key of each term.
        total: the sum, over the indices of the terms.
        adds: is it added to what is there?
    """

    indices: tuple[Index, ...]
    run: tuple[Index, ...]
    keys: Keys
    total: Statement
    adds: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Launch:
    """A kernel.

    Attributes:
        grid: the indices whose places blocks share, run together as one; none for a single block.
        nodes: what a block does at each of its places.
        flat: are the places shared by the threads of all blocks, so that each thread has places of its own?
        stretch: does a block run its nodes once for a stretch of the grid's one index, which they open themselves?
    """

    grid: tuple[Index, ...]
    nodes: tuple[Body, ...]
    flat: bool = False
    stretch: bool = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements, each once."""
        return tuple(dict.fromkeys(s for n in self.nodes for s in under(n)))


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """A matrix product for every place of some indices.

    Attributes:
        dot: the product.
        batch: the indices at whose places it is taken; it adds up over those that its statement reduces.
    """

    dot: Dot
    batch: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Serial:
    """A nest of loops on whole arrays that one thread runs, as an elimination."""

    block: Block


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """A loop of the host over an index, up (+1) or down (-1)."""

    index: Index
    body: tuple[Step, ...]
    direction: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A loop of the host over stretches of an index, as `strip` has them."""

    strip: Strip
    body: tuple[Step, ...]

    @property
    def index(self) -> Index:
        return self.strip.index


Leaf = Launch | Product | Serial
Step = Leaf | Repeat | Cut
Body = Node | Wide | Owned | Online | Walk | Keys | Segments


def under(node: Body) -> Iterator[Statement]:
    """Yield the statements under a node of a launch."""
    if isinstance(node, Wide | Owned | Online):
        yield from node.statements
    elif isinstance(node, Segments):
        yield node.total
    elif isinstance(node, Keys):
        return
    elif isinstance(node, Loop | Strip | Walk):
        for inner in node.body:
            yield from under(inner)
    else:
        yield from statements_of(node)


def leaves(
    steps: tuple[Step, ...], way: tuple[Repeat | Cut, ...] = ()
) -> Iterator[tuple[Leaf, tuple[Repeat | Cut, ...]]]:
    """Yield what is launched, each with the loops of the host around it, the outermost first."""
    for step in steps:
        if isinstance(step, Repeat | Cut):
            yield from leaves(step.body, (*way, step))
        else:
            yield step, way
