"""A run of the user's function: what stands in place of NumPy's functions, and what becomes of its errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from flint import arb

from gradproof.verify.balls.patches import running
from gradproof.verify.balls.places import raising_line
from gradproof.verify.balls.trace import BudgetedTrace, Untraceable

T = TypeVar("T")
#: By which share of themselves floats that leave are moved in the second run: more than what a cast to half precision
#: or two digits in print would hide.
_SHIFT = 2.0**-7


def run(call: Callable[[], T], trace: BudgetedTrace, functions: Sequence[Any]) -> T:
    """Return what a call of the user's code returns; `functions` are those whose names are to be rebound.

    Raises:
        Untraceable: it did something that balls cannot follow, or raised; also where the user's code caught that.
    """
    try:
        with running(trace, list(functions)), np.errstate(all="ignore"):
            found = call()
    except Exception as error:
        raise _as_untraceable(error) from error
    if trace.lost:
        raise Untraceable(trace.lost)
    return found


def _as_untraceable(error: BaseException) -> Untraceable:
    """Return the error of ours that others were raised from, or one that names theirs and the user's line."""
    innermost = error
    while True:
        if isinstance(innermost, Untraceable):
            return innermost
        if innermost.__cause__ is None:
            break
        innermost = innermost.__cause__
    line = raising_line(innermost.__traceback__)
    text = next(iter(str(innermost).splitlines()), "")
    return Untraceable(f"{type(innermost).__name__}: {text}{', at ' + line if line else ''}")


def unmoved(
    once: Callable[[BudgetedTrace], T], fresh: Callable[[], BudgetedTrace], balls: Callable[[T], list[arb]]
) -> T:
    """Return the result of a run in which no float that left it has an influence.

    Where floats left (to be printed, kept in a list, compared), the run is made once more with all of these floats
    moved a little: if a single bit of the result changes, a derivative has been lost with them.

    Raises:
        Untraceable: one has.
    """
    trace = fresh()
    found = once(trace)
    if not trace.floats:
        return found
    moved = fresh()
    moved.shift = _SHIFT
    if not all(_same(a, b) for a, b in zip(balls(found), balls(once(moved)), strict=True)):
        first = trace.floats[0].line
        raise Untraceable(f"numbers become floats on their way{', at ' + first if first else ''}")
    return found


def _same(a: arb, b: arb) -> bool:
    return bool(a.mid() == b.mid() and a.rad() == b.rad()) or (a.is_nan() and b.is_nan())
