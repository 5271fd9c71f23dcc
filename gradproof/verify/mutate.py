"""Mutants: a derived backward system with one small mistake in it, as a person would make it.

The check must object to every one; a mutant that SymPy finds equal to the original expression is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul, Pow, S, Symbol, nan, zoo

from gradproof.derive.check import EquationError
from gradproof.derive.conditions import equals_zero
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, Element, Iverson, Linear, Product, Reduce, rebuild

Change = tuple[str, Expr]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A system in which one equation was changed.

    Attributes:
        equation: number of the changed equation.
        name: the tensor it defines.
        change: what was done, in words.
        system: the system with the mistake.
    """

    equation: int
    name: str
    change: str
    system: System


def mutants(system: System) -> tuple[Mutant, ...]:
    """Return every mutant with one mistake: a sign, a term, a factor, a coefficient, a sum, a bracket, a transpose."""
    found = []
    for place, equation in enumerate(system.equations):
        seen = {equation.value}
        for change, value in changes(equation.value):
            if value not in seen and not value.has(zoo, nan):
                seen.add(value)
                found.append(_mutant(system, place, equation, change, value))
    return tuple(m for m in found if m is not None)


def _mutant(system: System, place: int, equation: Equation, change: str, value: Expr) -> Mutant | None:
    """Return the mutant; None where the mistake makes no system, as a read past an edge that a bracket kept out."""
    equations = list(system.equations)
    equations[place] = replace(equation, value=value)
    try:
        return Mutant(equation.number, equation.name, change, replace(system, equations=tuple(equations)))
    except EquationError:
        return None


def changes(e: Expr) -> Iterator[Change]:
    """Yield (what was done, the changed expression), at the top and at every depth."""
    yield "flip the sign", -e
    yield "double it", 2 * e
    yield from _inside(e)


def _inside(e: Expr) -> Iterator[Change]:
    yield from _here(e)
    if isinstance(e, Reduce):
        yield from _in_reduction(e)
    elif isinstance(e, Add | Mul | Product | Pow | Call | Linear):
        for k, part in enumerate(e.args):
            if isinstance(part, Expr) and not part.is_number:
                for change, new in _inside(part):
                    yield change, rebuild(e, [new if j == k else a for j, a in enumerate(e.args)])


def _in_reduction(e: Reduce) -> Iterator[Change]:
    opened, body, conditions = e.open()
    for change, new in _inside(body):
        yield change, Reduce(e.op, new, opened, e.sizes, conditions)
    if e.op in ("solve", "logdet"):
        return
    for k in range(len(conditions)):
        rest = [c for j, c in enumerate(conditions) if j != k]
        yield "drop a condition of the sum", Reduce(e.op, body, opened, e.sizes, rest)
    for index in opened:
        yield "drop a sum", Reduce(e.op, body, opened, e.sizes, [*conditions, equals_zero(index)])


def _here(e: Expr) -> Iterator[Change]:
    if isinstance(e, Add):
        for k, term in enumerate(e.args):
            rest = [a for j, a in enumerate(e.args) if j != k]
            yield f"drop the term {term}", Add(*rest)
            yield f"flip the sign of {term}", Add(*rest, -term)
    elif isinstance(e, Mul | Product):
        for k, factor in enumerate(e.args):
            rest = [a for j, a in enumerate(e.args) if j != k]
            yield f"drop the factor {factor}", Mul(*rest) if isinstance(e, Mul) else Product(*rest) if rest else S.One
    elif isinstance(e, Pow) and e.exp.is_Integer:
        yield f"raise {e.base} to {e.exp + 1}", Pow(e.base, e.exp + 1)
    elif isinstance(e, Iverson):
        for k in range(len(e.conditions)):
            yield "drop a condition", Iverson(*[c for j, c in enumerate(e.conditions) if j != k])
    elif isinstance(e, Element):
        yield from _transposed(e)


def _transposed(e: Element) -> Iterator[Change]:
    """Swap two neighbouring indices of the same range."""
    sizes = [i.size if isinstance(i, Symbol) and hasattr(i, "size") else None for i in e.indices]
    for k in range(len(sizes) - 1):
        if sizes[k] is not None and sizes[k] == sizes[k + 1]:
            order = [*e.indices[:k], e.indices[k + 1], e.indices[k], *e.indices[k + 2 :]]
            yield f"transpose {e.name}", Element(e.name, *order)
