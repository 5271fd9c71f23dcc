"""Smooth test functions with exact derivatives of every order, to stand for the unknown functions of a system."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq

_ORDERS = 4


@dataclass(frozen=True, slots=True)
class Smooth:
    """`sin(a + shift) + exp(a/2)/4`, or its derivative of the given order.

    Sine and exponential have nothing in common that a wrong derivation could profit from: no derivative of the sum
    vanishes, equals another one, or is even or odd.
    """

    shift: float
    order: int = 0

    def __call__(self, a: Any) -> Any:
        """Return the value at a float, an array or a ball."""
        if isinstance(a, arb):
            angle = a + arb(self.shift) + arb.pi() * fmpq(self.order, 2)
            return angle.sin() + (a / 2).exp() / 2 ** (2 + self.order)
        return np.sin(a + self.shift + self.order * math.pi / 2) + np.exp(np.asarray(a) / 2) / 2 ** (2 + self.order)

    def plain(self) -> Callable[[float], float]:
        """Return the same as a plain function of a float, in terms that a compiler knows."""
        angle, scale = self.shift + self.order * math.pi / 2, 0.25 / 2**self.order
        return lambda a: math.sin(a + angle) + scale * math.exp(a / 2)


def smooth_functions(names: Iterable[str]) -> dict[str, Smooth]:
    """Return a test function for each name, and its derivatives under the name with primes.

    >>> sorted(smooth_functions(["phi"]))[:2]
    ['phi', "phi'"]
    """
    return {
        name + "'" * order: Smooth(0.25 + 0.375 * k, order)
        for k, name in enumerate(names)
        for order in range(_ORDERS + 1)
    }
