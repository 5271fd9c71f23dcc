"""Mistakes in one equation of a backward pass: those of `verify.mutate`, and others that people make."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Basic, Expr, Integer, Mul, S, nan, zoo

from gradproof.derive.index import Index, Size
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Call, Element, Reduce, elements, names_in, rebuild
from gradproof.verify.diagnosis.forms import Form
from gradproof.verify.diagnosis.slopes import is_slope
from gradproof.verify.mutate import Change, changes

_SHIFTS = (-1, 1)


def slips(form: Form, equation: Equation) -> Iterator[Change]:
    """Yield the changes of an equation's right side, each once."""
    seen = {equation.value}
    for change in _all(form, equation):
        if change.value not in seen and not change.value.has(zoo, nan):
            seen.add(change.value)
            yield change


def _all(form: Form, equation: Equation) -> Iterator[Change]:
    yield Change("zero", "set it to 0", None, S.Zero)
    yield from _later(equation)
    yield from _slope(form, equation)
    yield from changes(equation.value)
    yield Change("half", "halve it", None, equation.value / 2)
    for size in form.system.sizes if form.printed else ():
        if isinstance(size, Size):
            yield Change("size", f"divide by {size}", size, equation.value / size)
            yield Change("size", f"multiply by {size}", size, equation.value * size)
    yield from _elsewhere(equation.value)
    yield from _other_rows(equation)


def _slope(form: Form, equation: Equation) -> Iterator[Change]:
    """Yield: all factors that are the derivative of the activation are dropped, or stand twice."""
    if not isinstance(equation.value, Mul):
        return
    mine = [a for a in equation.value.args if names_in(a) and is_slope(form, equation, a)]
    if mine and len(mine) < len(equation.value.args):
        part = Mul(*mine)
        if len(mine) > 1:
            rest = [a for a in equation.value.args if a not in mine]
            yield Change("slope", f"drop the factor {part}", part, Mul(*rest))
        yield Change("slope twice", f"multiply by {part} again", part, equation.value * part)


def _later(equation: Equation) -> Iterator[Change]:
    """Yield: everything that comes from another time step is dropped."""
    value = equation.value
    later = [t for t in value.args if _moves(equation, t)] if isinstance(value, Add) else []
    if len(later) > 1:
        rest = [t for t in value.args if t not in later]
        yield Change("later", "drop what comes from other steps", Add(*later), Add(*rest))


def _moves(equation: Equation, term: Basic) -> bool:
    """Does a term read an adjoint at another place than where the equation stands?"""
    return any(reads_elsewhere(equation, e) for e in elements(term))


def reads_elsewhere(equation: Equation, e: Element) -> bool:
    """Is it an adjoint read at the target's index plus or minus something?"""
    mine = set(equation.indices)
    return e.name.startswith("d_") and any(
        not isinstance(i, Index) and not i.is_number and mine & i.free_symbols for i in e.indices
    )


def _elsewhere(e: Expr) -> Iterator[Change]:
    """Yield: a function is taken as its argument, or taken of itself (the derivative at the input, at the output)."""
    calls = sorted(e.atoms(Call), key=str)
    for call in calls:
        if len(call.arguments) == 1:
            argument = call.arguments[0]
            yield Change("at", f"{call} is taken as {argument}", call, _put(e, call, argument))
            again = Call(call.name, call)
            yield Change("at", f"{call} is taken at {call}", call, _put(e, call, again))


def _put(e: Basic, old: Basic, new: Basic) -> Expr:
    """Replace an expression everywhere; inside reductions as well, whose bound names it may hold."""
    if e == old:
        return new
    if not e.args or not e.has(old):
        return e
    if isinstance(e, Reduce):
        parts = [a if k in (0, 2) else _put(a, old, new) for k, a in enumerate(e.args)]
        return e.func(e.op, parts[1], e.args[2], e.args[3], e.args[4])
    return rebuild(e, [_put(a, old, new) for a in e.args])


def _other_rows(equation: Equation) -> Iterator[Change]:
    """Yield: a forward tensor is read one step too early or too late."""
    for e in sorted(elements(equation.value), key=str):
        if e.name.startswith("d_"):
            continue
        for place, i in enumerate(e.indices):
            if isinstance(i, Index) or i.is_number or not i.free_symbols:
                continue
            for step in _SHIFTS:
                moved = Element(e.name, *[j + Integer(step) if q == place else j for q, j in enumerate(e.indices)])
                yield Change("row", f"read {moved} for {e}", e, _put(equation.value, e, moved))
