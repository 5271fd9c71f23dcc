"""Mutants: a derived backward system with one small mistake in it, as a person would make it.

The check must object to every one; a mutant that SymPy finds equal to the original expression is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Add, Basic, Expr, Mul, Pow, S, Symbol, nan, zoo

from gradproof.derive.check import EquationError
from gradproof.derive.conditions import equals_zero
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, Element, Iverson, Linear, Product, Reduce, rebuild


@dataclass(frozen=True, slots=True)
class Change:
    """One mistake in an expression.

    Attributes:
        kind: "sign", "double", "term", "term sign", "factor", "power", "condition", "sum" or "transpose".
        text: what was done, in words.
        part: what was dropped, flipped, raised or transposed; None where it is the whole.
        value: the expression with the mistake.
    """

    kind: str
    text: str
    part: Basic | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Mutant:
    """A system in which one equation was changed.

    Attributes:
        equation: number of the changed equation.
        name: the tensor it defines.
        change: what was done, in words.
        system: the system with the mistake.
        kind: what was done, as a `Change` calls it.
        part: what was dropped, flipped, raised or transposed; None where it is the whole right side.
    """

    equation: int
    name: str
    change: str
    system: System
    kind: str = ""
    part: Basic | None = None


def mutants(system: System) -> tuple[Mutant, ...]:
    """Return every mutant with one mistake: a sign, a term, a factor, a coefficient, a sum, a bracket, a transpose."""
    found = []
    for place, equation in enumerate(system.equations):
        seen = {equation.value}
        for change in changes(equation.value):
            if change.value not in seen and not change.value.has(zoo, nan):
                seen.add(change.value)
                found.append(mutant(system, place, equation, change))
    return tuple(m for m in found if m is not None)


def mutant(system: System, place: int, equation: Equation, change: Change) -> Mutant | None:
    """Return the mutant; None where the mistake makes no system, as a read past an edge that a bracket kept out."""
    equations = list(system.equations)
    equations[place] = replace(equation, value=change.value)
    try:
        made = replace(system, equations=tuple(equations))
        return Mutant(equation.number, equation.name, change.text, made, change.kind, change.part)
    except EquationError:
        return None


def changes(e: Expr) -> Iterator[Change]:
    """Yield the changes of an expression, at the top and at every depth."""
    yield Change("sign", "flip the sign", None, -e)
    yield Change("double", "double it", None, 2 * e)
    yield from _inside(e)


def _inside(e: Expr) -> Iterator[Change]:
    yield from _here(e)
    if isinstance(e, Reduce):
        yield from _in_reduction(e)
    elif isinstance(e, Add | Mul | Product | Pow | Call | Linear):
        for k, part in enumerate(e.args):
            if isinstance(part, Expr) and not part.is_number:
                for c in _inside(part):
                    yield replace(c, value=rebuild(e, [c.value if j == k else a for j, a in enumerate(e.args)]))


def _in_reduction(e: Reduce) -> Iterator[Change]:
    opened, body, conditions = e.open()
    for c in _inside(body):
        yield replace(c, value=Reduce(e.op, c.value, opened, e.sizes, conditions))
    if e.op in ("solve", "logdet"):
        return
    for k in range(len(conditions)):
        rest = [c for j, c in enumerate(conditions) if j != k]
        value = Reduce(e.op, body, opened, e.sizes, rest)
        yield Change("condition", "drop a condition of the sum", conditions[k], value)
    for index in opened:
        value = Reduce(e.op, body, opened, e.sizes, [*conditions, equals_zero(index)])
        yield Change("sum", "drop a sum", e, value)


def _here(e: Expr) -> Iterator[Change]:
    if isinstance(e, Add):
        for k, term in enumerate(e.args):
            rest = [a for j, a in enumerate(e.args) if j != k]
            yield Change("term", f"drop the term {term}", term, Add(*rest))
            yield Change("term sign", f"flip the sign of {term}", term, Add(*rest, -term))
    elif isinstance(e, Mul | Product):
        for k, factor in enumerate(e.args):
            rest = [a for j, a in enumerate(e.args) if j != k]
            value = Mul(*rest) if isinstance(e, Mul) else Product(*rest) if rest else S.One
            yield Change("factor", f"drop the factor {factor}", factor, value)
    elif isinstance(e, Pow) and e.exp.is_Integer:
        yield Change("power", f"raise {e.base} to {e.exp + 1}", e, Pow(e.base, e.exp + 1))
    elif isinstance(e, Iverson):
        for k in range(len(e.conditions)):
            rest = [c for j, c in enumerate(e.conditions) if j != k]
            yield Change("condition", "drop a condition", e.conditions[k], Iverson(*rest))
    elif isinstance(e, Element):
        yield from _transposed(e)


def _transposed(e: Element) -> Iterator[Change]:
    """Swap two neighbouring indices of the same range."""
    sizes = [i.size if isinstance(i, Symbol) and hasattr(i, "size") else None for i in e.indices]
    for k in range(len(sizes) - 1):
        if sizes[k] is not None and sizes[k] == sizes[k + 1]:
            order = [*e.indices[:k], e.indices[k + 1], e.indices[k], *e.indices[k + 2 :]]
            yield Change("transpose", f"transpose {e.name}", e, Element(e.name, *order))
