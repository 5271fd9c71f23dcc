"""Powers of balls, sums and products of the rows of slopes, and whether two are the same quantity."""

from __future__ import annotations

from typing import Protocol

from flint import arb, arb_mat


def same_ball(a: arb, b: arb) -> bool:
    """Have the two the very same midpoint and radius?"""
    return bool(a.mid() == b.mid() and a.rad() == b.rad())


class Moving(Protocol):
    """A value with the row of its derivatives."""

    value: arb
    slope: arb_mat | None


def differ(a: Moving, b: Moving) -> bool:
    """Are two that overlap in value not certainly the same quantity?"""
    if a is b:
        return False
    if a.slope is None and b.slope is None and same_ball(a.value, b.value):
        return False  # the same operations on the same numbers; balls of two quantities agree by no accident
    if not (a.value.is_exact() and b.value.is_exact()):
        return True
    slope = plus(a.slope, None if b.slope is None else -b.slope)
    return slope is not None and any(not s.is_zero() for s in slope.entries())


def raised(base: arb, exponent: arb) -> arb:
    """Return base**exponent; an integer exponent takes any base, another none below 0."""
    whole = exponent.unique_fmpz() if exponent.is_integer() else None
    if whole is None:
        return base**exponent
    # Arb takes the logarithm where the middle of a ball is 0, and finds no number, though 0 +- r has powers.
    return base ** int(whole) if base.mid() != 0 else _multiplied(base, int(whole))


def _multiplied(base: arb, exponent: int) -> arb:
    """Return base**exponent by multiplications alone."""
    if exponent < 0:
        return 1 / _multiplied(base, -exponent)
    half = _multiplied(base, exponent // 2) if exponent > 1 else arb(1)
    return half * half * base if exponent % 2 else half * half


def plus(a: arb_mat | None, b: arb_mat | None) -> arb_mat | None:
    """Return the sum of two rows; None is a row of zeros."""
    if a is None or b is None:
        return b if a is None else a
    return a + b


def times(slope: arb_mat | None, factor: arb) -> arb_mat | None:
    """Return a row times a number; None is a row of zeros."""
    return None if slope is None else slope * factor
