"""The brackets that a factor must take along when it leaves the conditions it stood under."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic, Expr, Mul, Pow
from sympy.core.symbol import Str

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import in_range, nonnegative
from gradproof.derive.conditions import Condition, at_least_zero, divides
from gradproof.derive.nodes import (
    Element,
    Iverson,
    Node,
    Product,
    Quotient,
    Reduce,
    free,
    free_indices,
    order_key,
    rebuild,
)
from gradproof.derive.normal.context import Context, integer_facts


class Known:
    """What conditions state of integers."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = frozenset(conditions)
        equal = [e for c in conditions if c.kind == "eq" for e in (c.operands[0], -c.operands[0])]
        self.facts = (*integer_facts(list(conditions)), *equal)

    def imply(self, guard: Condition) -> bool:
        """Does the guard of a read follow? That of an exact quotient has to be stated as it is."""
        return guard in self.conditions or (guard.kind == "ge" and nonnegative(guard.operands[0], self.facts))


def read_guards(e: Basic, context: Context) -> list[Condition]:
    """Return the conditions, not proved by ranges nor stated inside e, under which all reads in e are inside.

    A bracket is a strong zero: a read past the edge under a false bracket does no harm, but a factor that is
    moved out of the bracket would read there. So it takes these along.
    """
    if isinstance(e, Element):
        return _element_guards(e, context)
    if isinstance(e, Pow) and _divides_by_index(e):
        least = integer_form(e.base - 1)
        return [] if nonnegative(least, context.data_facts(e.base)) else [at_least_zero(least)]
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        known = Known(conditions)
        inner = [g for x in (body, *conditions) for g in read_guards(x, context) if free(g).isdisjoint(opened)]
        return [g for g in inner if not known.imply(g)]
    guards = [g for a in e.args if not isinstance(a, Str) for g in read_guards(a, context)]
    if guards and isinstance(e, Mul | Product | Iverson):
        brackets = [a for a in e.args if isinstance(a, Iverson)] if not isinstance(e, Iverson) else [e]
        known = Known([c for b in brackets for c in b.conditions])
        guards = [g for g in guards if not known.imply(g)]
    return guards


def _divides_by_index(e: Pow) -> bool:
    """Is it a division by a number that grows with an index, as 1/i is, which is none in row 0?"""
    return bool(e.exp.is_number and e.exp < 0) and bool(free_indices(e.base)) and not e.base.atoms(Node)


def _element_guards(e: Element, context: Context) -> list[Condition]:
    guards = [g for i in e.indices if i.args for g in read_guards(i, context)]
    # Between two rows is no row, also where what lies past the edges is 0.
    guards += [divides(q.den, q.num) for i in e.indices for q in sorted(i.atoms(Quotient), key=order_key)]
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


def guarded(factor: Expr, left: Sequence[Condition], context: Context) -> list[Expr]:
    """Return the factor, which leaves these conditions, with the brackets for what they alone kept inside its axes.

    What they do not imply was kept inside by brackets further out, which stand beside the factor as before.
    """
    placed, guards = _placed(factor, Known(left), context)
    return [placed, Iverson(*guards)] if guards else [placed]


def _placed(e: Expr, left: Known, context: Context) -> tuple[Expr, list[Condition]]:
    """Return e and the guards that stand beside it; those of what has brackets of its own stand there.

    Beside the whole they would take away more than they may: in [i != 0]*x[i] + [i == 0, c]*x[k] the second read
    is inside only under its own bracket, and no condition for it may stand before the first.
    """
    if not read_guards(e, context):
        return e, []
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        body, guards = _placed(body, left, context)
        guards = [g for g in guards if free(g).isdisjoint(opened)]
        known = Known(conditions)
        unproved = [g for g in guards if not known.imply(g)]
        if conditions and unproved:
            return Reduce(e.op, body * Iverson(*unproved), opened, e.sizes, conditions), []
        return Reduce(e.op, body, opened, e.sizes, conditions), unproved
    if isinstance(e, Element | Iverson | Pow) and not (isinstance(e, Pow) and e.base.atoms(Node)):
        return e, [g for g in read_guards(e, context) if left.imply(g)]
    args = [(a, []) if isinstance(a, Str | Condition) else _placed(a, left, context) for a in e.args]
    found = [g for _, guards in args for g in guards]
    whole = rebuild(e, [a for a, _ in args])
    brackets = [a for a in e.args if isinstance(a, Iverson)] if isinstance(e, Mul | Product) else []
    if not brackets:
        return whole, found
    known = Known([c for b in brackets for c in b.conditions])
    found = [g for g in found if not known.imply(g)]
    return (whole * Iverson(*found) if found else whole), []
