"""The rule of forward mode: the tangent of y sums, over every read T[g] in its equation, df/dT times T's tangent.

ẏ[I] = sum over R of ∂f/∂T[g] * Ṫ[g(I, R)], with the same local derivatives as the adjoint rule; no delta to solve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Add, Expr, Mul

from gradproof.derive.directions import Directions
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Iverson, Reduce
from gradproof.derive.normal import Context, make_sum, normalise
from gradproof.derive.partials import Partial, partials
from gradproof.derive.stops import RULE as STOP_RULE
from gradproof.derive.stops import stops


@dataclass(frozen=True, slots=True)
class Tangent:
    """The tangent of one equation's right side, as the rule states it: one part for every read that moves."""

    parts: tuple[tuple[Partial, Expr], ...]
    stopped: bool = False

    @property
    def raw(self) -> Expr:
        """The tangent, unit vectors not yet sifted."""
        return Add(*(_raw(p, value) for p, value in self.parts))

    def sifted(self, context: Context) -> Expr:
        """The tangent with unit vectors sifted, as far as they can be."""
        return Add(
            *(
                make_sum(list(p.binders), list(p.conditions), normalise(value, context), context)
                for p, value in self.parts
            )
        )

    @property
    def rules(self) -> str:
        """The rules by which the reads were differentiated, and that some were not."""
        held = [STOP_RULE] if self.stopped else []
        return ", ".join(dict.fromkeys([*(r for p, _ in self.parts for r in p.rules), *held]))


def tangent_of(equation: Equation, directions: Directions, kinks: str) -> Tangent:
    """Return the tangent of an equation's right side, with a convention where there is no derivative.

    Raises:
        NotYet: for an expression the rules do not cover, by name.
    """
    moving = {*directions.entry, *directions.names}
    return Tangent(tuple(_moving(equation, directions, kinks)), stops(equation, moving))


def _moving(equation: Equation, directions: Directions, kinks: str) -> Iterator[tuple[Partial, Expr]]:
    for p in partials(equation.value, kinks):
        moved = directions.tangent(p.element)
        if moved != 0:
            yield p, Mul(*p.factors, moved)


def _raw(p: Partial, value: Expr) -> Expr:
    if not p.binders:
        return Mul(value, Iverson(*p.conditions))
    return Reduce("sum", value, p.binders, None, p.conditions)
