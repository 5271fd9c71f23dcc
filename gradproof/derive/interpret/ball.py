"""Dual balls: a value with a rigorous error bound, and the row of its derivatives in chosen directions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq

from gradproof.derive.interpret.arithmetic import differ, plus, raised, times
from gradproof.derive.interpret.heads import HEADS


class Trace:
    """What a run in balls met: comparisons that the balls cannot decide, and values that were turned into floats.

    Attributes:
        events: one text for each comparison at a kink (the two sides overlap and their derivatives differ).
        floats: pairs (float returned by `__float__`, the ball it came from).
    """

    __slots__ = ("events", "floats")

    def __init__(self) -> None:
        self.events: list[str] = []
        self.floats: list[tuple[float, Ball]] = []

    def constant(self, value: arb) -> arb:
        """Return the ball that stands for a plain number met on the way: the number exactly."""
        return value


class Ball:
    """`value + slope . epsilon` with epsilon**2 = 0: every operation encloses the exact value and derivatives.

    Attributes:
        value: a ball that contains the value.
        slope: one row of balls, [1, number of directions], or None where every derivative is exactly 0.
        trace: where undecided comparisons are noted.
    """

    __slots__ = ("slope", "trace", "value")

    def __init__(self, value: arb, trace: Trace, slope: arb_mat | None = None) -> None:
        self.value, self.trace, self.slope = value, trace, slope

    # ------------------------------------------------------------ arithmetic

    def __add__(self, other: Any) -> Ball:
        other = self.lift(other)
        if other is NotImplemented:
            return NotImplemented
        return Ball(self.value + other.value, self.trace, plus(self.slope, other.slope))

    def __sub__(self, other: Any) -> Ball:
        other = self.lift(other)
        return NotImplemented if other is NotImplemented else self + (-other)

    def __mul__(self, other: Any) -> Ball:
        other = self.lift(other)
        if other is NotImplemented:
            return NotImplemented
        slope = plus(times(self.slope, other.value), times(other.slope, self.value))
        return Ball(self.value * other.value, self.trace, slope)

    def __truediv__(self, other: Any) -> Ball:
        other = self.lift(other)
        if other is NotImplemented:
            return NotImplemented
        if other.value.is_zero():
            return self._undefined(other)
        value = self.value / other.value
        slope = plus(times(self.slope, 1 / other.value), times(other.slope, -value / other.value))
        return Ball(value, self.trace, slope)

    def __neg__(self) -> Ball:
        return Ball(-self.value, self.trace, None if self.slope is None else -self.slope)

    def __pos__(self) -> Ball:
        return self

    def __radd__(self, other: Any) -> Ball:
        return self + other

    def __rmul__(self, other: Any) -> Ball:
        return self * other

    def __rsub__(self, other: Any) -> Ball:
        return -self + other

    def __rtruediv__(self, other: Any) -> Ball:
        other = self.lift(other)
        return NotImplemented if other is NotImplemented else other / self

    def __rpow__(self, other: Any) -> Ball:
        other = self.lift(other)
        return NotImplemented if other is NotImplemented else other**self

    def __pow__(self, other: Any) -> Ball:
        """`a**b`; an integer b allows every a, another b needs a > 0 (or a = 0 where no derivative is asked for)."""
        other = self.lift(other)
        if other is NotImplemented:
            return NotImplemented
        exponent = other.value
        if other.slope is None:
            slope = None if self.slope is None else self.slope * self._power_slope(exponent)
            return Ball(raised(self.value, exponent), self.trace, slope)
        return (self.apply("log") * other).apply("exp")

    def _power_slope(self, exponent: arb) -> arb:
        if exponent.is_zero():
            return arb(0)
        return exponent * raised(self.value, exponent - 1)

    def __abs__(self) -> Ball:
        return -self if self < 0 else self

    def _undefined(self, *others: Ball) -> Ball:
        slopes = [b.slope for b in (self, *others) if b.slope is not None]
        return Ball(arb("nan"), self.trace, slopes[0] * arb("nan") if slopes else None)

    # ------------------------------------------------------------ functions

    def apply(self, name: str) -> Ball:
        """Return f(self) for a smooth function of the table."""
        head = HEADS[name]
        value = head.value(self.value)
        return Ball(value, self.trace, None if self.slope is None else self.slope * head.slope(self.value, value))

    def chain(self, value: arb, derivative: arb) -> Ball:
        """Return the ball of a function with this value and derivative at self."""
        return Ball(value, self.trace, times(self.slope, derivative))

    def maximum(self, other: Any) -> Ball:
        other = self.lift(other)
        slope = self.slope if self >= other else other.slope
        return Ball(self.value.max(other.value), self.trace, slope)

    def minimum(self, other: Any) -> Ball:
        other = self.lift(other)
        slope = self.slope if self <= other else other.slope
        return Ball(self.value.min(other.value), self.trace, slope)

    def sign(self) -> Ball:
        positive, negative = self > 0, self < 0
        return Ball(arb(positive - negative), self.trace)

    def stop(self) -> Ball:
        """Return the value alone: a constant."""
        return Ball(self.value, self.trace)

    def floor(self) -> Ball:
        return self._step(self.value.floor())

    def ceil(self) -> Ball:
        return self._step(self.value.ceil())

    def rint(self) -> Ball:
        return self._step((self.value + arb(0.5)).floor())

    def _step(self, value: arb) -> Ball:
        if self.slope is not None and not (value.is_exact() and not self.value.contains_integer()):
            self.trace.events.append(f"a step of a floor or rounding at {self.value.str(6)}")
        return Ball(value, self.trace)

    # ------------------------------------------------------------ comparisons

    def __gt__(self, other: Any) -> bool:
        return self._compare(other, lambda a, b: a > b, lambda a, b: a <= b)

    def __ge__(self, other: Any) -> bool:
        return self._compare(other, lambda a, b: a >= b, lambda a, b: a < b)

    def __lt__(self, other: Any) -> bool:
        return self._compare(other, lambda a, b: a < b, lambda a, b: a >= b)

    def __le__(self, other: Any) -> bool:
        return self._compare(other, lambda a, b: a <= b, lambda a, b: a > b)

    def __eq__(self, other: object) -> bool:
        if self.lift(other) is NotImplemented:
            return NotImplemented
        return self._compare(other, lambda a, b: a == b, lambda a, b: not a.overlaps(b))

    def __ne__(self, other: object) -> bool:
        same = self == other
        return same if same is NotImplemented else not same

    __hash__ = None  # type: ignore[assignment]

    def _compare(self, other: Any, yes: Callable[[arb, arb], bool], no: Callable[[arb, arb], bool]) -> bool:
        """Return the answer, the midpoints' where the balls overlap; NaN compares false, as in floats."""
        other = self.lift(other)
        if other is NotImplemented:
            raise TypeError("a ball can be compared with a number only")
        a, b = self.value, other.value
        if a.is_nan() or b.is_nan():
            return False
        if a.overlaps(b) and differ(self, other):
            self.trace.events.append(f"{a.str(6)} against {b.str(6)}")
        if yes(a, b):
            return True
        return False if no(a, b) else bool(yes(a.mid(), b.mid()))

    def __bool__(self) -> bool:
        return self != 0

    # ------------------------------------------------------------ conversion

    def lift(self, other: Any) -> Any:
        """Return a number as a ball of the same trace, or NotImplemented."""
        if isinstance(other, Ball):
            return other
        value = exact(other)
        return NotImplemented if value is None else Ball(self.trace.constant(value), self.trace)

    def __float__(self) -> float:
        number = float(self.value.mid())
        self.trace.floats.append((number, self))
        return number

    def __getattr__(self, name: str) -> Callable[[], Ball]:
        """Return a smooth function as a method: `np.exp` of an object array calls `exp()` of each entry."""
        if name in HEADS:
            return lambda: self.apply(name)
        raise AttributeError(f"a ball has no {name!r}")

    def conjugate(self) -> Ball:
        return self

    def __repr__(self) -> str:
        return f"Ball({self.value.str(12)})"


_INFINITE = {math.inf: arb.pos_inf(), -math.inf: arb.neg_inf()}


def exact(number: Any) -> arb | None:
    """Return a Python or NumPy number as a ball (a float stands for the number it is exactly), or None."""
    if isinstance(number, arb):
        return number
    if isinstance(number, bool | int | float):
        return _INFINITE[number] if number in _INFINITE else arb(number + 0)
    if isinstance(number, Fraction):
        return arb(fmpq(number.numerator, number.denominator))
    if isinstance(number, fmpq):
        return arb(number)
    item = getattr(number, "item", None)
    if item is not None and getattr(number, "ndim", None) == 0:
        plain = item()
        return exact(plain) if isinstance(plain, bool | int | float) else None
    return None
