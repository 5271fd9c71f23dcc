"""The adjoint of an equation that is given by its residual: the transposed linear system.

For R(Y, T) = 0 with cotangent Ȳ: solve (∂R/∂Y)ᵀ λ = Ȳ; then every other tensor has T̄ = -(∂R/∂T)ᵀ λ. Here R is the left
side less the right one, so that λ is the cotangent of the right side, and is named for it: `r_Y`.

Source: Giles (2008), Collected matrix derivative results for forward and reverse mode algorithmic differentiation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Mul

from gradproof.derive.implicit import LinearSystem, is_solution, named_inverse, opened
from gradproof.derive.index import Index
from gradproof.derive.matrix_partials import of_residual
from gradproof.derive.model import Equation, System
from gradproof.derive.naming import counted, pick_letter
from gradproof.derive.nodes import Element, Reduce, free, substitute
from gradproof.derive.normal.match import match
from gradproof.derive.partials import Partial
from gradproof.derive.symmetric import is_symmetric


def right_names(system: System, names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Return the name of the cotangent of the right side, for each of the names that is given by its residual."""
    used = {*system.by_name, *taken}
    return {n: counted("r", n, used) for n in names if any(is_solution(e.value) for e in system.equations_of(n))}


def right_shape(equation: Equation) -> tuple[Expr, ...]:
    """Return the shape of the right side's cotangent."""
    return tuple(i.size for i in _axes(equation, opened(equation.value).rows))


def _axes(equation: Equation, rows: Sequence[Index]) -> tuple[Index, ...]:
    """The axes of the right side: those of the target, with rows in the place of the columns."""
    slots = opened(equation.value).slots
    batch = tuple(i for i in equation.indices if i not in slots)
    if len(rows) != len(slots):
        return (*rows, *batch)
    place = dict(zip(slots, rows, strict=True))
    return tuple(place.get(i, i) for i in equation.indices)


def residual_partials(
    equation: Equation, cotangent: str, kinks: str
) -> tuple[Element, tuple[Index, ...], Iterator[Partial]]:
    """Return the right side's cotangent, its indices, and the derivatives of right side less matrix times Y.

    Args:
        equation: over fresh indices.
        cotangent: the name of the right side's cotangent.
        kinks: whose convention is taken where there is no derivative.
    """
    own = opened(equation.value)
    axes = _axes(equation, own.rows)
    there: Mapping[Expr, Expr] = dict(zip(own.slots, own.columns, strict=True))
    parts = of_residual(own, substitute(equation.target, there), kinks)
    return Element(cotangent, *axes), axes, (replace(p, rules=("implicit differentiation", *p.rules)) for p in parts)


def transposed(
    equation: Equation, system: System, right: str, cotangent: str, symmetric: Collection[str] = ()
) -> tuple[Element, Expr]:
    """Return the right side's cotangent and its value: the solution of the transposed system.

    Where Y is the inverse itself, the solution is its product with the cotangent of Y.

    Args:
        equation: the equation of Y.
        system: where it stands.
        right: the name of the right side's cotangent.
        cotangent: the name of the cotangent of Y.
        symmetric: tensors that equal their transpose.
    """
    own = opened(equation.value)
    rows = _letters(equation, system, own)
    target = Element(right, *_axes(equation, rows))
    seed = at(equation, cotangent, own, own.columns)
    there = LinearSystem(own.rows, own.columns, own.matrix, own.right, own.columns)
    inverse = named_inverse((equation,), there, rows)
    if inverse is not None:
        return target, Reduce("sum", inverse * seed, own.columns)
    if is_symmetric(own, symmetric):
        return target, replace(own, right=at(equation, cotangent, own, own.rows), slots=rows).value
    return target, LinearSystem(own.columns, own.rows, own.matrix, seed, rows).value


def at(equation: Equation, name: str, own: LinearSystem, places: Sequence[Index]) -> Element:
    """Return the element of a tensor like Y with these indices for its columns."""
    place = dict(zip(own.slots, places, strict=True))
    return Element(name, *[place.get(i, i) for i in equation.target.indices])


def multiple_of_another(value: Expr, cotangent: Equation, known: Sequence[Equation]) -> Expr | None:
    """Return c*z where the cotangent that the system is solved for is c times the right side of z's equation.

    Args:
        value: the solution for the cotangent.
        cotangent: the equation of the cotangent.
        known: equations, among them z's.
    """
    own = opened(value)
    if not isinstance(own.right, Element) or own.right.name != cotangent.name:
        return None
    place = dict(zip(cotangent.target.indices, own.right.indices, strict=True))
    factors = Mul.make_args(substitute(cotangent.value, place))
    outside = [f for f in factors if free(f).isdisjoint(own.rows)]
    inside = Mul(*[f for f in factors if f not in outside])
    asked = replace(own, right=inside).value
    for equation in known:
        if is_solution(equation.value) and inside != 0:
            for found in match(equation.value, asked, {}, frozenset(equation.indices)):
                if set(equation.indices) <= set(found):
                    return Mul(*outside, substitute(equation.target, found))
    return None


def _letters(equation: Equation, system: System, own: LinearSystem) -> tuple[Index, ...]:
    """Return letters for the rows."""
    used = [i.name for i in equation.indices]
    rows = []
    for i in own.rows:
        rows.append(Index(pick_letter(system, i.size, used), i.size))
        used.append(rows[-1].name)
    return tuple(rows)
