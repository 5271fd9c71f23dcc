"""The tape: groups of edges, one group for each operation on arrays, and where in the user's code it stands."""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
#: Code in these folders is not the user's.
_NOT_USERS = (str(Path(np.__file__).parent), str(Path(__file__).parents[2]))
#: Operations beyond this make a tape too long to search.
_MOST = 200_000


class Untapeable(Exception):
    """The function did something that a tape cannot follow; the message says what."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """What an operation does otherwise than in the user's code.

    Attributes:
        operand: which operand it is about.
        number: a constant for the operand; None: a product takes it transposed, a choice takes it everywhere.
        axes: what a sum runs over.
    """

    operand: int
    number: float | None
    axes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A call in the user's code: the frame (by its identity), its file, the instruction and the line."""

    frame: int
    file: str
    instruction: int
    line: int


@dataclass(frozen=True, slots=True)
class Look:
    """A place in the user's code that takes a part of an axis: file, instruction and line."""

    file: str
    instruction: int
    line: int

    @property
    def text(self) -> str:
        """The line, as text; "" where it cannot be read."""
        return linecache.getline(self.file, self.line).strip()


@dataclass(frozen=True, slots=True)
class Slot:
    """The edges of an operation to one operand: child, parent and d child / d parent, one entry an edge."""

    child: Array
    parent: Array
    weight: Array


@dataclass(frozen=True, slots=True)
class Group:
    """One operation on arrays.

    Attributes:
        name: of the ufunc or function; "input".
        ids: of its results, in their shape.
        slots: the edges to each operand that is on the tape; operands that are constants have none.
        constants: for each operand its value where it is a constant number, else None.
        which: for each slot the position of its operand.
        places: the calls that led here, the outermost first.
        elementwise: is each result a function of one entry of each operand?
        whole: of a reduction, the shape of what is reduced.
        keeps: does the result of a reduction keep its axes?
    """

    name: str
    ids: Array
    slots: tuple[Slot, ...]
    constants: tuple[float | None, ...] = ()
    which: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()
    elementwise: bool = False
    whole: tuple[int, ...] = ()
    keeps: bool = False

    @property
    def axes(self) -> tuple[int, ...]:
        """What a reduction runs over."""
        return tuple(j for j, n in enumerate(self.ids.shape) if n == 1 < self.whole[j]) if self.whole else ()

    @property
    def line(self) -> str:
        """The line of the user's code, as text; "" where it cannot be read."""
        return linecache.getline(self.places[-1].file, self.places[-1].line).strip() if self.places else ""


@dataclass
class Tape:
    """Groups in the order in which they ran; `values` are those of all numbers on the tape, by their ids.

    `change` says which operations do something else than in the user's code; `looks` gathers the places that take a
    part of an axis, where they are asked for, and at the one that is `opened` the whole is taken.
    """

    groups: list[Group] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    frames: dict[int, FrameType] = field(default_factory=dict)
    floats: list[tuple[float, int]] = field(default_factory=list)
    change: dict[int, Alteration] = field(default_factory=dict)
    looks: dict[Look, None] | None = None
    opened: Look | None = None

    def new(self, values: Array) -> Array:
        """Return ids for numbers."""
        if len(self.values) + values.size > _MOST:
            raise Untapeable(f"more than {_MOST} numbers")
        ids = np.arange(len(self.values), len(self.values) + values.size).reshape(values.shape)
        self.values += values.reshape(-1).tolist()
        return ids

    def add(self, group: Group) -> None:
        """Append an operation, with the places of the calls that led to it."""
        object.__setattr__(group, "places", self._places())
        self.groups.append(group)

    def look(self) -> Look | None:
        """Return the place of the nearest call in the user's code."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  (the only way to the caller's line)
        while frame is not None and frame.f_code.co_filename.startswith(_NOT_USERS):
            frame = frame.f_back
        return None if frame is None else Look(frame.f_code.co_filename, frame.f_lasti, frame.f_lineno)

    def _places(self) -> tuple[Place, ...]:
        found: list[Place] = []
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  (the only way to the caller's line)
        while frame is not None and frame.f_code.co_name != "run_on_tape":
            file = frame.f_code.co_filename
            if not file.startswith(_NOT_USERS):
                self.frames.setdefault(id(frame), frame)
                found.append(Place(id(frame), file, frame.f_lasti, frame.f_lineno))
            frame = frame.f_back
        return tuple(reversed(found))
