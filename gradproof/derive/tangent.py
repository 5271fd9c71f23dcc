"""The rule of forward mode: the tangent of y sums, over every read T[g] in its equation, df/dT times T's tangent.

ẏ[I] = sum over R of ∂f/∂T[g] * Ṫ[g(I, R)], with the same local derivatives as the adjoint rule; no delta to solve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul

from gradproof.derive.directions import Directions
from gradproof.derive.implicit import LinearSystem, is_solution, opened, with_names
from gradproof.derive.matrix_partials import of_residual
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Iverson, Reduce, substitute
from gradproof.derive.normal import Context, make_sum, normalise
from gradproof.derive.partials import Partial, partials
from gradproof.derive.stops import RULE as STOP_RULE
from gradproof.derive.stops import stops


@dataclass(frozen=True, slots=True)
class Tangent:
    """The tangent of one equation's right side, as the rule states it: one part for every read that moves.

    Where the equation is given by its residual, the parts are those of the right side less the matrix times the
    solution, and the tangent solves the same linear system for them.
    """

    parts: tuple[tuple[Partial, Expr], ...]
    stopped: bool = False
    system: LinearSystem | None = None

    @property
    def raw(self) -> Expr:
        """The tangent, unit vectors not yet sifted."""
        return self._solved(Add(*(_raw(p, value) for p, value in self.parts)))

    def sifted(self, context: Context) -> Expr:
        """The tangent with unit vectors sifted, as far as they can be."""
        return self._solved(
            Add(
                *(
                    make_sum(list(p.binders), list(p.conditions), normalise(value, context), context)
                    for p, value in self.parts
                )
            )
        )

    def _solved(self, right: Expr) -> Expr:
        return right if self.system is None or right == 0 else replace(self.system, right=right).value

    @property
    def rules(self) -> str:
        """The rules by which the reads were differentiated, and that some were not."""
        held = [STOP_RULE] if self.stopped else []
        return ", ".join(dict.fromkeys([*(r for p, _ in self.parts for r in p.rules), *held]))


def tangent_of(equation: Equation, directions: Directions, kinks: str, known: Sequence[Equation] = ()) -> Tangent:
    """Return the tangent of an equation's right side, with a convention where there is no derivative.

    Args:
        equation: the equation.
        directions: what moves, and how.
        kinks: whose convention is taken.
        known: equations that may give an inverse its name.

    Raises:
        NotYet: for an expression the rules do not cover, by name.
    """
    held = stops(equation, {*directions.entry, *directions.names})
    if not is_solution(equation.value):
        return Tangent(tuple(_moving(partials(equation.value, kinks), directions, known)), held)
    system = opened(equation.value)
    entry = substitute(equation.target, dict(zip(system.slots, system.columns, strict=True)))
    return Tangent(tuple(_moving(of_residual(system, entry, kinks), directions, known)), held, system)


def _moving(
    parts: Iterable[Partial], directions: Directions, known: Sequence[Equation]
) -> Iterator[tuple[Partial, Expr]]:
    for p in parts:
        moved = directions.tangent(p.element)
        if moved != 0:
            yield p, Mul(*with_names(p.factors, known), moved)


def _raw(p: Partial, value: Expr) -> Expr:
    if not p.binders:
        return Mul(value, Iverson(*p.conditions))
    return Reduce("sum", value, p.binders, None, p.conditions)
