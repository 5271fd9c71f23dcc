"""The brackets that a factor must take along when it leaves the conditions it stood under."""

from __future__ import annotations

from sympy import Basic, Expr, Mul
from sympy.core.symbol import Str

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import in_range, nonnegative
from gradproof.derive.conditions import Condition, at_least_zero
from gradproof.derive.nodes import Element, Iverson, Product, Reduce, free
from gradproof.derive.normal.context import Context, integer_facts


def read_guards(e: Basic, context: Context) -> list[Condition]:
    """Return the conditions, not proved by ranges nor stated inside e, under which all reads in e are inside.

    A bracket is a strong zero: a read past the edge under a false bracket does no harm, but a factor that is
    moved out of the bracket would read there. So it takes these along.
    """
    if isinstance(e, Element):
        return _element_guards(e, context)
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        facts = integer_facts(conditions)
        inner = [g for g in read_guards(body, context) if free(g).isdisjoint(opened)]
        return [g for g in inner if not nonnegative(g.operands[0], facts)]
    guards = [g for a in e.args if not isinstance(a, Str | Condition) for g in read_guards(a, context)]
    if guards and isinstance(e, Mul | Product):
        facts = integer_facts([c for a in e.args if isinstance(a, Iverson) for c in a.conditions])
        guards = [g for g in guards if not nonnegative(g.operands[0], facts)]
    return guards


def _element_guards(e: Element, context: Context) -> list[Condition]:
    guards = [g for i in e.indices if i.args for g in read_guards(i, context)]
    tensor = context.tensors.get(e.name)
    if tensor is None or tensor.outside is not None:
        return guards
    lows = context.lows.get(e.name, (0,) * tensor.rank)
    for index, size, low in zip(e.indices, tensor.shape, lows, strict=True):
        facts = context.data_facts(index)
        bounds = (integer_form(index + low), integer_form(size - 1 - index))
        guards += [at_least_zero(b) for b in bounds if not nonnegative(b, facts)]
    return guards


def reads_inside(e: Element, conditions: list[Condition], context: Context) -> bool:
    """Is every index of the element proved to be inside its axis, given the conditions?"""
    tensor = context.tensors.get(e.name)
    if tensor is None:
        return False
    facts = integer_facts(conditions)
    return all(in_range(i, n, facts + context.data_facts(i)) for i, n in zip(e.indices, tensor.shape, strict=True))


def guarded(factor: Expr, context: Context) -> list[Expr]:
    """Return the factor's own brackets as a list of at most one factor."""
    guards = read_guards(factor, context)
    return [Iverson(*guards)] if guards else []
