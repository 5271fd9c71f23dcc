"""What a run in balls meets on its way: kinks, floats that lost their derivatives, and how much it has cost."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NoReturn

from flint import arb

from gradproof.verify.balls.places import users_line

#: Events beyond so many are not written down: one is enough to know a kink.
_EVENTS = 50
#: Numbers that an operation on entries makes at most, its constants and what is between among them.
_MADE = 2
#: An odd multiplier that spreads the numbers of events over all of 32 bits.
_SPREADING = 2654435761


class Untraceable(Exception):
    """The function did something that balls cannot follow; the message says what, and at which line of whose code."""


class TooCostly(Untraceable):
    """The run would take more operations than its budget."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A float that left the run, the number it was made of, and the line of the user's code."""

    number: float
    source: Any
    line: str


class BudgetedTrace:
    """A trace that counts operations on entries, and stops a run that would take too long.

    Attributes:
        events: one text for each comparison at a kink (the two sides overlap and their derivatives differ).
        floats: what `__float__` gave away.
        lost: why the run cannot be trusted any more, though the user's code may have caught the error; "" if it can.
        budget: operations on entries that the run may take.
        work: those that it has taken.
    """

    __slots__ = (
        "_met",
        "budget",
        "casts",
        "events",
        "floats",
        "lost",
        "made",
        "most",
        "printed",
        "probe",
        "shift",
        "sides",
        "work",
    )

    def __init__(self, budget: int) -> None:
        self._met = 0
        self.events: list[str] = []
        self.floats: list[Leaving] = []
        self.lost = ""
        self.budget, self.work = budget, 0
        #: Numbers made so far, and how many may be: loops of Python's over single numbers ask for no array operation.
        self.made, self.most = 0, _MADE * budget
        #: Floats that leave are moved by this share of themselves: if nothing changes, nothing depends on them.
        self.shift = 0.0
        #: Is every event so far one at which both sides have the same value, so that only its slope is in question?
        self.sides = True
        #: Along this direction the value at such an event has a slope of its own (see `Number.either`); None: none has.
        self.probe: int | None = None
        #: Do casts to single precision give a ball around all that is rounded to the same? If not, they do nothing.
        self.casts = True

    def spend(self, operations: int) -> None:
        """Count operations before they are done.

        Raises:
            TooCostly: they are more than the budget has left.
        """
        self.work += operations
        if self.work > self.budget:
            self.refuse(f"more than {self.budget} operations in ball arithmetic", TooCostly)

    def refuse(self, why: str, kind: type[Untraceable] = Untraceable) -> NoReturn:
        """Raise that the run cannot go on, with the line of the user's code.

        It is remembered too: code that catches every exception must not go on as if nothing had been.
        """
        line = users_line()
        self.lost = self.lost or (f"{why}, at {line}" if line else why)
        raise kind(self.lost)

    def kink(self, what: str, *, sides: bool = False) -> None:
        """Note a comparison that the balls cannot decide; `sides`: whose two sides are continued by the same value."""
        self.sides = self.sides and sides
        self._met += 1
        if len(self.events) < _EVENTS:
            line = users_line()
            self.events.append(f"{what}, at {line}" if line else what)

    def number_of_its_own(self) -> arb:
        """Return a number between 1 and 2 that belongs to the last event alone."""
        return arb(1) + arb(self._met * _SPREADING % 2**32) / 2**32

    def leave(self, number: float, source: Any) -> float:
        """Return a float that leaves the run, and note it."""
        given = number * (1.0 + self.shift) if number else self.shift * 2.0**-32
        self.floats.append(Leaving(given, source, users_line()))
        return given

    def constant(self, value: arb) -> arb:
        """Return the ball that stands for a plain number met on the way: the number exactly."""
        return value


class LooseTrace(BudgetedTrace):
    """A trace in which a constant with many digits stands for every number that may have been rounded to it.

    2/3 and 0.1 in a user's code are not these numbers but floats near them: what differs by no more than such
    roundings explain is no mistake. Constants of up to 32 significant bits (integers, halves) are taken as exact.
    """

    __slots__ = ()

    def constant(self, value: arb) -> arb:
        """Return a ball around the constant of radius 4 units of roundoff, or the constant itself."""
        if not value.is_exact() or value.is_zero() or not value.is_finite():
            return value
        mantissa, _ = value.man_exp()
        return value if abs(mantissa).bit_length() <= 32 else value * arb(1, 2.0**-50)


#: The trace of the run under way in this thread; None outside of one.
ACTIVE: ContextVar[BudgetedTrace | None] = ContextVar("gradproof_balls", default=None)
