"""Simplify a set of conditions that hold together."""

from __future__ import annotations

from collections.abc import Iterable

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import nonnegative
from gradproof.derive.conditions import Condition, truth
from gradproof.derive.nodes import free, free_indices, substitute
from gradproof.derive.normal.context import Context, integer_facts


def tidy(conditions: Iterable[Condition], context: Context) -> list[Condition] | None:
    """Return the conditions without those that the others and the index ranges imply; None where they contradict."""
    kept: list[Condition] = []
    for c in dict.fromkeys(conditions):
        known = truth(c)
        if known is False:
            return None
        if known is None:
            kept.append(c)
    position = 0
    while position < len(kept):
        c = kept[position]
        verdict = _implied(c, [d for d in kept if d is not c], context)
        if verdict is False:
            return None
        if verdict:
            del kept[position]
            position = 0
        else:
            position += 1
    return kept


def _implied(c: Condition, others: list[Condition], context: Context) -> bool | None:
    """Return True where the others imply c, False where they exclude it, None where neither is proved."""
    if c.kind not in ("ge", "eq", "ne"):
        return None
    e = c.operands[0]
    if _fails_at_equals(c, others):
        return False
    facts = integer_facts(others, near=e if c.kind == "ge" else None) + context.data_facts(e)
    if c.kind == "ge":
        if nonnegative(e, facts):
            return True
        return False if nonnegative(integer_form(-e - 1)) else None
    apart = nonnegative(integer_form(e - 1), facts) or nonnegative(integer_form(-e - 1), facts)
    if apart:
        return c.kind == "ne"
    return None


def _fails_at_equals(c: Condition, others: list[Condition]) -> bool:
    """Is c false where the equations among the others hold, as [i == 0] beside [3*i - 1 >= 0]?"""
    e = c.operands[0]
    for d in others:
        for index in sorted(free_indices(d.operands[0]), key=str) if d.kind == "eq" else ():
            factor = d.operands[0].coeff(index)
            value = integer_form(index - d.operands[0] / factor) if factor in (1, -1) else index
            if index in free(e) and index not in free(value):
                e = integer_form(substitute(e, {index: value}))
    if c.kind == "ge":
        return nonnegative(integer_form(-e - 1))
    return bool(e.is_Integer and (e == 0) == (c.kind == "ne"))
