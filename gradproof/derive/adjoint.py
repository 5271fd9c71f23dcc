"""The one rule: the adjoint of T at slot J sums, over every read T[g], cotangent times df/dT times [J == g].

T̄[J] = sum over equations y[I] = f(..., T[g(I, R)], ...), over I and R, of ȳ[I] * ∂f/∂T[g] * [J == g(I, R)];
the delta is solved for an index of I or R where that is possible, and stays a condition where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul

from gradproof.derive.conditions import Condition
from gradproof.derive.functions import Kink
from gradproof.derive.implicit import is_solution, with_names
from gradproof.derive.implicit_adjoint import residual_partials
from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import Element, Iverson, Reduce, substitute
from gradproof.derive.normal import Context, make_sum, normalise
from gradproof.derive.partials import delta, partials
from gradproof.derive.start_rows import start_mark


@dataclass(frozen=True, slots=True)
class Contribution:
    """One read of the tensor: the sum over `binders` where `conditions` of `value`.

    Attributes:
        equation: number of the equation that reads it.
        binders: free indices of that equation (first) and of its reductions, open.
        own: the free indices of the equation: the ones to solve for first.
        rules: the rules used on the way to the read.
        kinks: (function, its arguments, kink) met on the way.
    """

    equation: int
    binders: tuple[Index, ...]
    own: tuple[Index, ...]
    conditions: tuple[Condition, ...]
    value: Expr
    rules: tuple[str, ...]
    kinks: tuple[tuple[str, tuple[Expr, ...], Kink], ...]

    @property
    def raw(self) -> Expr:
        """The contribution as the rule states it, the delta unsolved."""
        if not self.binders:
            return Mul(self.value, Iverson(*self.conditions))
        return Reduce("sum", self.value, self.binders, None, self.conditions)

    def sifted(self, context: Context) -> Expr:
        """The contribution with the delta solved, as far as it can be."""
        value = normalise(self.value, context)
        return make_sum(list(self.binders), list(self.conditions), value, context, prefer=self.own)


def contributions(
    name: str,
    slots: tuple[Expr, ...],
    users: Iterable[Equation],
    adjoint: Mapping[str, str],
    *,
    kinks: str = "torch",
    known: Sequence[Equation] = (),
) -> list[Contribution]:
    """Return one contribution for every read of `name` in the equations, at the given slots.

    Args:
        name: the tensor whose adjoint is wanted.
        slots: where: indices, or fixed numbers for a start row.
        users: the equations that read it.
        adjoint: names of the adjoints of their targets, or of the right sides of those given by a residual; a start
            row's is marked by `start_mark`.
        kinks: whose convention is taken where there is no derivative.
        known: equations that may give an inverse its name.
    """
    return [_with_names(c, known) for e in users for c in _reads(name, slots, e, adjoint[e.name], kinks)]


def _with_names(c: Contribution, known: Sequence[Equation]) -> Contribution:
    factors = Mul.make_args(c.value)
    return replace(c, value=Mul(*with_names(factors, known))) if any(map(is_solution, factors)) else c


def _reads(
    name: str, slots: tuple[Expr, ...], equation: Equation, cotangent: str, kinks: str
) -> Iterator[Contribution]:
    """Yield the contributions of one equation, over fresh copies of its indices."""
    renaming = {i: fresh(i.size) for i in equation.indices}
    back = {v: k for k, v in renaming.items()}
    target = substitute(equation.target, renaming)
    seed = Element(start_mark(cotangent) if equation.kind is Kind.START else cotangent, *target.indices)
    own: tuple[Index, ...] = tuple(renaming.values())
    value = substitute(equation.value, renaming)
    parts = partials(value, kinks)
    if is_solution(value):
        seed, own, parts = residual_partials(Equation(equation.number, target, value), cotangent, kinks)
    for p in parts:
        if p.element.name == name:
            yield Contribution(
                equation.number,
                (*own, *p.binders),
                own,
                (*p.conditions, *delta(slots, p.element)),
                Mul(seed, *p.factors),
                p.rules,
                tuple((f, tuple(substitute(a, back) for a in args), k) for f, args, k in p.kinks),
            )


def total(parts: Iterable[Expr]) -> Expr:
    """Return the sum of the contributions."""
    return Add(*parts)
