"""One number of the user's function: a ball for its value, and a row of balls for its derivatives.

It stands where NumPy would have a `float64`, and behaves as one (`face.py`); arrays hold such numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradproof.derive.interpret.arithmetic import differ, plus, raised, times
from gradproof.derive.interpret.ball import exact
from gradproof.verify.balls.face import Face
from gradproof.verify.balls.heads import SMOOTH
from gradproof.verify.balls.trace import BudgetedTrace

_NAN = arb("nan")
_HALF = arb(0.5)


class Number(Face):
    """`value + slope . epsilon` with epsilon**2 = 0: every operation encloses the exact value and derivatives.

    Attributes:
        value: a ball that contains the value.
        slope: one row of balls, [1, number of directions], or None where every derivative is exactly 0.
        trace: where undecided comparisons are noted.
        plain: set where the number was lifted from a plain one, and may become it again.
    """

    __slots__ = ("plain", "slope", "trace", "value")

    plain: bool

    def __init__(self, value: arb, trace: BudgetedTrace, slope: arb_mat | None = None) -> None:
        self.value, self.trace, self.slope = value, trace, slope
        trace.made += 1
        if trace.made > trace.most:
            trace.spend(trace.most)

    # ------------------------------------------------------------ arithmetic

    def __add__(self, other: Any) -> Number:
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        return Number(self.value + other.value, self.trace, plus(self.slope, other.slope))

    def __sub__(self, other: Any) -> Number:
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        a, b = self.slope, other.slope
        slope = a if b is None else -b if a is None else a - b
        return Number(self.value - other.value, self.trace, slope)

    def __mul__(self, other: Any) -> Number:
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        slope = plus(times(self.slope, other.value), times(other.slope, self.value))
        return Number(self.value * other.value, self.trace, slope)

    def __truediv__(self, other: Any) -> Number:
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        if other.value.is_zero():
            return self._over_zero(other)
        value = self.value / other.value
        slope = plus(times(self.slope, 1 / other.value), times(other.slope, -value / other.value))
        return Number(value, self.trace, slope)

    def __neg__(self) -> Number:
        return Number(-self.value, self.trace, None if self.slope is None else -self.slope)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return self._either(-self) if self._meets(self.constant(0)) else -self if self < 0 else self

    def __pow__(self, other: Any) -> Number:
        """`a**b`; an integer b allows every a, another b needs a > 0 (or a = 0 where no derivative is asked for)."""
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        if other.slope is None:
            slope = None if self.slope is None else self.slope * self._power_slope(other.value)
            return Number(raised(self.value, other.value), self.trace, slope)
        return (self.apply("log") * other).apply("exp")

    def __floordiv__(self, other: Any) -> Number:
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        return (self / other).floor()

    def __mod__(self, other: Any) -> Number:
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        return self - (self / other).floor() * other

    def __divmod__(self, other: Any) -> tuple[Number, Number]:
        return self // other, self % other

    def __radd__(self, other: Any) -> Number:
        return self + other

    def __rmul__(self, other: Any) -> Number:
        return self * other

    def __rsub__(self, other: Any) -> Number:
        return -self + other

    def __rtruediv__(self, other: Any) -> Number:
        return self._reflected(other, Number.__truediv__)

    def __rpow__(self, other: Any) -> Number:
        return self._reflected(other, Number.__pow__)

    def __rfloordiv__(self, other: Any) -> Number:
        return self._reflected(other, Number.__floordiv__)

    def __rmod__(self, other: Any) -> Number:
        return self._reflected(other, Number.__mod__)

    def _reflected(self, other: Any, operation: Callable[[Number, Number], Number]) -> Number:
        other = self.lift(other)
        return NotImplemented if other is NotImplemented else operation(other, self)

    def _power_slope(self, exponent: arb) -> arb:
        return arb(0) if exponent.is_zero() else exponent * raised(self.value, exponent - 1)

    def _over_zero(self, other: Number) -> Number:
        """Return what floats give for a division by exactly 0: an infinity, or NaN; its derivatives are not known."""
        slopes = [b.slope for b in (self, other) if b.slope is not None]
        infinite = self.value if self.value.is_nan() or self.value.contains(0) else None
        value = _NAN if infinite is not None else arb.pos_inf() if self.value > 0 else arb.neg_inf()
        return Number(value, self.trace, slopes[0] * _NAN if slopes else None)

    # ------------------------------------------------------------ functions

    def apply(self, name: str) -> Number:
        """Return f(self) for a smooth function of the table."""
        head = SMOOTH[name]
        value = head.value(self.value)
        return Number(value, self.trace, None if self.slope is None else self.slope * head.slope(self.value, value))

    def chain(self, value: arb, derivative: arb) -> Number:
        """Return the number of a function with this value and derivative at self."""
        return Number(value, self.trace, times(self.slope, derivative))

    def constant(self, value: arb | float) -> Number:
        """Return an exact constant of the same run."""
        return Number(value if isinstance(value, arb) else arb(value), self.trace)

    def maximum(self, other: Number) -> Number:
        if self._meets(other):
            return self._either(other)
        return Number(self.value.max(other.value), self.trace, self.slope if self >= other else other.slope)

    def minimum(self, other: Number) -> Number:
        if self._meets(other):
            return self._either(other)
        return Number(self.value.min(other.value), self.trace, self.slope if self <= other else other.slope)

    def _meets(self, other: Number) -> bool:
        """Do the two overlap without being certainly the same quantity? NaN meets nothing."""
        return bool(self.value.overlaps(other.value)) and not self.value.is_nan() and differ(self, other)

    def _either(self, other: Number) -> Number:
        """Return one of two numbers that meet, and note it.

        The result's slope is a guess. Along the direction of the probe it is a number that is no one else's: what
        comes out along it in the end says whether anything depends on the guess.
        """
        trace = self.trace
        trace.kink(f"{self.value.str(6)} against {other.value.str(6)}", sides=True)
        value = self.value.union(other.value)
        slopes = [s for s in (self.slope, other.slope) if s is not None]
        if trace.probe is None or not slopes:
            return Number(value, trace, slopes[0] if slopes else None)
        own = arb_mat(1, slopes[0].ncols())
        own[0, trace.probe] = trace.number_of_its_own()
        return Number(value, trace, slopes[0] + own)

    def sign(self) -> Number:
        if self.value.is_nan():
            return self.constant(_NAN)
        return self.constant(int(bool(self > 0)) - int(bool(self < 0)))

    def floor(self) -> Number:
        return self._step(self.value.floor(), self.value)

    def ceil(self) -> Number:
        return self._step(self.value.ceil(), self.value)

    def rint(self) -> Number:
        """Return the nearest integer, the even one of two."""
        shifted = self.value + _HALF
        up = shifted.floor()
        odd = shifted.is_integer() and up.is_exact() and int(up.unique_fmpz()) % 2 == 1
        return self._step(up - 1 if odd else up, shifted)

    def trunc(self) -> Number:
        return self.floor() if self.value > 0 else self.ceil()

    def _step(self, value: arb, jumps: arb) -> Number:
        """Return a step function's value, a constant; `jumps` is an integer where the function jumps."""
        if self.slope is not None and jumps.is_finite() and jumps.contains_integer():
            self.trace.kink(f"a step of a rounding at {self.value.str(6)}")
        if not value.is_exact() and value.is_finite():
            if self.slope is None:
                self.trace.kink(f"a step of a rounding at {self.value.str(6)}")
            value = arb(round(float(value.mid())))
        return Number(value, self.trace)

    # ------------------------------------------------------------ comparisons

    def __gt__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a > b, lambda a, b: a <= b)

    def __ge__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a >= b, lambda a, b: a < b)

    def __lt__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a < b, lambda a, b: a >= b)

    def __le__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a <= b, lambda a, b: a > b)

    def __eq__(self, other: object) -> Any:
        return self._compare(other, lambda a, b: a == b, lambda a, b: not a.overlaps(b))

    def __ne__(self, other: object) -> Any:
        same = self.__eq__(other)
        return same if same is NotImplemented else ~same

    def _compare(self, other: Any, yes: Callable[[arb, arb], bool], no: Callable[[arb, arb], bool]) -> Any:
        """Return the answer, the midpoints' where the balls overlap; NaN compares false, as in floats.

        The answer is NumPy's: of Python's own, `~True` is -2.
        """
        if type(other) is not Number and (other := self.lift(other)) is NotImplemented:
            return NotImplemented
        a, b = self.value, other.value
        if a.is_nan() or b.is_nan():
            return np.False_
        if a.overlaps(b) and differ(self, other):
            self.trace.kink(f"{a.str(6)} against {b.str(6)}")
        if yes(a, b):
            return np.True_
        return np.False_ if no(a, b) else np.bool_(yes(a.mid(), b.mid()))

    __hash__ = Face.__hash__

    def __bool__(self) -> bool:
        return bool(self != 0) or bool(self.value.is_nan())

    # ------------------------------------------------------------ conversion

    def lift(self, other: Any) -> Any:
        """Return a plain number as a constant of the same run, or NotImplemented."""
        if type(other) is Number:
            return other
        value = exact(other) if not isinstance(other, np.ndarray) else None
        return NotImplemented if value is None else plain_number(value, self.trace)


def plain_number(value: arb, trace: BudgetedTrace) -> Number:
    """Return the number that stands for a plain one of the user's code."""
    number = Number(trace.constant(value), trace)
    number.plain = True
    return number
