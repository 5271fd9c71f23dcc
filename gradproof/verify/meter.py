"""Counting evaluations: a budget of them or of time, and progress where a person watches."""

from __future__ import annotations

import re
import sys
import time

from gradproof.errors import InputError

_SECONDS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h)?\s*")
_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, None: 1.0}
#: Seconds before progress is shown, and between two showings.
_QUIET, _EVERY = 1.0, 0.2


class Spent(BaseException):
    """The budget is spent; no `except Exception` on the way may take this for the user's."""


class Meter:
    """Counts evaluations, and ends them with the budget.

    Attributes:
        evaluations: so far.
        stage: what is being done, for the progress line.
    """

    def __init__(self, budget: float | str | None = None) -> None:
        self.evaluations = 0
        self.stage = "judging"
        self.budget = budget
        self._limit, seconds = _limits(budget)
        self._start = time.monotonic()
        self._end = None if seconds is None else self._start + seconds
        self._shown = self._start + _QUIET - _EVERY
        self._drawn = False
        self._watched = sys.stderr is not None and sys.stderr.isatty()

    def tick(self) -> None:
        """Count one evaluation.

        Raises:
            Spent: there are none left.
        """
        if self.is_spent():
            raise Spent
        self.evaluations += 1
        if self._watched and time.monotonic() - self._shown > _EVERY:
            self._show()

    @property
    def left(self) -> int | None:
        """The evaluations that are left; None where they are not limited."""
        return None if self._limit is None else max(0, self._limit - self.evaluations)

    def is_spent(self) -> bool:
        """Is nothing left?"""
        return self.left == 0 or (self._end is not None and time.monotonic() > self._end)

    def _show(self) -> None:
        self._shown, self._drawn = time.monotonic(), True
        seconds = self._shown - self._start
        sys.stderr.write(f"\r\x1b[2Kgradproof: {self.stage}, {self.evaluations} evaluations, {seconds:.0f} s")
        sys.stderr.flush()

    def close(self) -> None:
        """Take the progress line away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def _limits(budget: float | str | None) -> tuple[int | None, float | None]:
    if budget is None:
        return None, None
    if isinstance(budget, str):
        found = _SECONDS.fullmatch(budget)
        if found:
            return None, float(found[1]) * _UNITS[found[2]]
    elif not isinstance(budget, bool) and budget > 0:
        return int(budget), None
    raise InputError(f"budget={budget!r}", expected='a number of evaluations, or a time such as "10s" or "2min"')
