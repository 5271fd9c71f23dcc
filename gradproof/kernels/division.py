"""Division of integers with a remainder, as indices of a flat position need it: `Quotient` is for exact division."""

from __future__ import annotations

from sympy import Expr

from gradproof.derive.leaves import Node


class Whole(Node):
    """How many times `den` goes into `num`: both integers, neither negative."""

    @property
    def num(self) -> Expr:
        """What is divided."""
        return self.args[0]

    @property
    def den(self) -> Expr:
        """What it is divided by."""
        return self.args[1]


class Rest(Whole):
    """What is left of `num` when it is divided by `den`."""
