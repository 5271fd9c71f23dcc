"""What a kernel is once it is written, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Array:
    """An array that the host makes for a launch, with a part for each of its blocks.

    Attributes:
        name: its name.
        extents: the lengths of its other axes, as text.
        kind: the type of its numbers, as text.
    """

    name: str
    extents: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """Names of arrays about terms that are sorted by where they go.

    Attributes:
        keys: the key of each term.
        order: the terms by their keys, those of one key as they come.
        starts: where each key begins in that order.
    """

    keys: str
    order: str
    starts: str


@dataclass(frozen=True, slots=True)
class Part:
    """A reduction of which each block has a part.

    Attributes:
        array: the parts.
        tensor: what they are parts of.
        target: the array that the complete value goes to, as text.
        kind: sum, max or min.
        start: what a part is before anything is added.
        last: the position, among the loops of the host around the launch, of the outermost that it reduces; None
            where it is complete after the launch.
    """

    array: Array
    tensor: str
    target: str
    kind: str
    start: str
    last: int | None


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel.

    Attributes:
        name: its name.
        arguments: names of its arguments, in order.
        text: its source.
        places: how many places its blocks share, as text; "1" for a single block.
        each: how many of them a block should have at least.
        arrays: what the host makes for its blocks.
        parts: reductions of which its blocks have parts.
    """

    name: str
    arguments: tuple[str, ...]
    text: str
    places: str
    each: str
    arrays: tuple[Array, ...] = ()
    parts: tuple[Part, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
