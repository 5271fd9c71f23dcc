"""Running errors: the exact value, and a first-order bound of the error of computing it in rounded arithmetic.

The bound is in units of the roundoff and holds for the plain reading and for the usual rearrangements of it: sums
in any order (each addition is charged with the sum of its terms' magnitudes, not with the partial result), factors
inside or outside a sum, and arguments of functions that are shifted by quantities of the same size, as in the stable
forms of softmax and log-sum-exp (each function is charged with one rounding of its argument), and 1 + erf(u) as one
function, erfc(-u) (erf is charged with roundings of 1).
"""

from __future__ import annotations

from typing import Any

from flint import arb

from gradproof.derive.interpret.ball import Trace, exact
from gradproof.derive.interpret.heads import HEADS

#: Roundings charged to a call of a function: libraries promise 1 to 4 units in the last place.
_CALL = 4


class Rounded:
    """A value that a program computed in rounded arithmetic.

    Attributes:
        value: a ball around the exact value.
        error: bound of the computed value's error, in units of the roundoff.
        size: sum of the magnitudes of the terms it was added from.
        scale: the same, carried through products and functions: the result's largest term, where terms cancel in a
            factor or in the argument of a function. The unit in which an error is reported, and no part of the bound.
        trace: where comparisons that rounding may turn are noted.
    """

    __slots__ = ("error", "scale", "size", "trace", "value")

    def __init__(
        self, value: arb, trace: Trace, error: arb | None = None, size: arb | None = None, scale: arb | None = None
    ) -> None:
        self.value, self.trace = value, trace
        self.size = abs(value) if size is None else size
        self.scale = self.size if scale is None else scale
        whole = value.is_integer() or not value.is_finite()
        self.error = (arb(0) if whole else abs(value)) if error is None else error

    def __add__(self, other: Any) -> Rounded:
        size = self.size + other.size
        error = self.error + other.error + size
        return Rounded(self.value + other.value, self.trace, error, size, self.scale + other.scale)

    def __sub__(self, other: Any) -> Rounded:
        return self + (-other)

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.trace, self.error, self.size, self.scale)

    def __abs__(self) -> Rounded:
        return -self if self < Rounded(arb(0), self.trace) else self

    def __mul__(self, other: Any) -> Rounded:
        value = self.value * other.value
        error = abs(self.value) * other.error + abs(other.value) * self.error + abs(value)
        return Rounded(value, self.trace, error, None, self.scale * other.scale)

    def __truediv__(self, other: Any) -> Rounded:
        value = self.value / other.value
        error = (self.error + abs(value) * other.error) / abs(other.value) + 3 * abs(value)
        return Rounded(value, self.trace, error, None, self.scale / abs(other.value))

    def __pow__(self, other: Any) -> Rounded:
        exponent = other.value
        power = int(exponent.unique_fmpz()) if exponent.is_integer() else exponent
        value = self.value**power
        slope = abs(exponent * self.value ** (power - 1)) if power != 0 else arb(0)
        own = (abs(exponent) + _CALL) * abs(value)
        if other.error > 0:
            own += abs(value * self.value.log()) * other.error
        return Rounded(value, self.trace, slope * self.error + own, None, abs(value).max(slope * self.scale))

    def apply(self, name: str) -> Rounded:
        """Return f(self) for a smooth function of the table."""
        head = HEADS[name]
        value = head.value(self.value)
        found = self.chain(value, head.slope(self.value, value))
        found.error += _CALL * (1 - abs(value)) if name == "erf" else 0
        return found

    def chain(self, value: arb, derivative: arb) -> Rounded:
        """Return the number for a function with this value and derivative at self."""
        error = abs(derivative) * (self.error + abs(self.value)) + _CALL * abs(value)
        return Rounded(value, self.trace, error, None, abs(value).max(abs(derivative) * self.scale))

    def maximum(self, other: Rounded) -> Rounded:
        return self._chosen(other, self.value >= other.value)

    def minimum(self, other: Rounded) -> Rounded:
        return self._chosen(other, self.value <= other.value)

    def _chosen(self, other: Rounded, first: bool) -> Rounded:
        chosen = self if first else other
        return Rounded(chosen.value, self.trace, self.error.max(other.error), chosen.size, chosen.scale)

    def sign(self) -> Rounded:
        zero = Rounded(arb(0), self.trace)
        return Rounded(arb((self > zero) - (self < zero)), self.trace)

    def stop(self) -> Rounded:
        return self

    def floor(self) -> Rounded:
        whole = self.value.floor()
        nearest = (self.value + arb(0.5)).floor()
        self._note(Rounded(nearest, self.trace, arb(0)))
        return Rounded(whole, self.trace)

    def __gt__(self, other: Rounded) -> bool:
        self._note(other)
        return bool(self.value > other.value)

    def __ge__(self, other: Rounded) -> bool:
        self._note(other)
        return bool(self.value >= other.value)

    def __lt__(self, other: Rounded) -> bool:
        return other > self

    def __le__(self, other: Rounded) -> bool:
        return other >= self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rounded):
            return NotImplemented
        self._note(other)
        return bool(self.value == other.value)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def _note(self, other: Rounded) -> None:
        """Note a comparison that rounding may turn, at the coarsest roundoff there is to judge (float32)."""
        error = (self.error + other.error) * arb(2) ** -20
        if abs(self.value - other.value) <= error and not error.is_zero():
            self.trace.events.append(f"{self.value.str(6)} against {other.value.str(6)}, to rounding")

    def __repr__(self) -> str:
        return f"Rounded({self.value.str(12)}, error {self.error.str(3)})"


def lift(number: Any, trace: Trace) -> Rounded:
    """Return an input, which is taken as exact."""
    value = exact(number)
    if value is None:
        raise TypeError(f"{type(number).__name__} is no number")
    return Rounded(value, trace, arb(0))
