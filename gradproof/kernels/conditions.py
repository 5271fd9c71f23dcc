"""Conditions to text, and the facts that they establish for reads behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from sympy import Add, Expr, Integer

from gradproof.derive.conditions import INTEGER_KINDS, Condition
from gradproof.derive.nodes import Quotient, elements, free_indices
from gradproof.errors import InternalError

if TYPE_CHECKING:
    from gradproof.kernels.expressions import Writer

Facts = tuple[Expr, ...]
_REAL_SIGNS = {"gt": ">", "gte": ">=", "same": "==", "differs": "!="}


def conditions_text(conditions: tuple[Condition, ...], writer: Writer, facts: Facts) -> tuple[str, Facts]:
    """Return the conditions joined by `and`, those on indices first, and the facts with theirs added.

    Conditions on indices guard the reads of the others. e >= 0 and n - 1 - e >= 0 are written 0 <= e < n.
    """
    texts, left = [], sorted(conditions, key=_reads_data)
    while left:
        c = left.pop(0)
        other = next((d for d in left if _is_range(c, d)), None)
        if other is None:
            texts.append(_text(c, writer, facts))
        else:
            left.remove(other)
            low, high = sorted((c, other), key=_minus_terms)
            bound = sp.expand(low.operands[0] + high.operands[0]) + 1
            texts.append(f"0 <= {writer.integer(low.operands[0], facts)} < {writer.integer(bound, facts)}")
            facts = (*facts, *_facts(other))
        facts = (*facts, *_facts(c))
    return " and ".join(texts), facts


def _reads_data(c: Condition) -> tuple[bool, bool]:
    return bool(elements(c)), c.kind not in INTEGER_KINDS


def _is_range(c: Condition, d: Condition) -> bool:
    """Are they e >= 0 and n - 1 - e >= 0?"""
    if c.kind != "ge" or d.kind != "ge" or c.operands[0].atoms(Quotient) or not free_indices(c.operands[0]):
        return False
    total = sp.expand(c.operands[0] + d.operands[0])
    return not free_indices(total) and not elements(total)


def _minus_terms(c: Condition) -> tuple[int, int, str]:
    minus = [t for t in Add.make_args(c.operands[0]) if t.as_coeff_Mul()[0] < 0]
    return sum(bool(free_indices(t)) for t in minus), len(minus), str(c.operands[0])


def _facts(c: Condition) -> Facts:
    """Return expressions that are at least 0 where the condition holds."""
    if c.kind == "ge":
        return (c.operands[0],)
    return (c.operands[0], -c.operands[0]) if c.kind == "eq" else ()


def _text(c: Condition, writer: Writer, facts: Facts) -> str:
    if c.kind == "ge":
        return _at_least_zero(c.operands[0], writer, facts)
    if c.kind in ("eq", "ne"):
        left, right = _sides(c.operands[0])
        if not free_indices(left) and free_indices(right):
            left, right = right, left
        return f"{writer.integer(left, facts)} {'==' if c.kind == 'eq' else '!='} {writer.integer(right, facts)}"
    if c.kind == "divides":
        return f"({writer.integer(c.operands[1], facts)}) % {writer.tight_integer(c.operands[0], facts)} == 0"
    if c.kind in _REAL_SIGNS:
        a, b = c.operands
        return f"{writer.operand(a, facts)} {_REAL_SIGNS[c.kind]} {writer.operand(b, facts)}"
    if c.kind == "not":
        return f"not ({conditions_text(c.operands, writer, facts)[0]})"
    raise InternalError(f"no source form for the condition {c.kind}")


def _at_least_zero(e: Expr, writer: Writer, facts: Facts) -> str:
    """e >= 0 with the terms on the side where they are positive: `t >= 1`, `t + 1 < T`."""
    number = e.as_coeff_Add()[0]
    strict = number < 0
    high, low = _sides(e + 1 if strict else e)
    if free_indices(low) and not free_indices(high):
        return f"{writer.integer(low, facts)} {'<' if strict else '<='} {writer.integer(high, facts)}"
    if strict and low.is_Integer:
        return f"{writer.integer(high, facts)} >= {writer.integer(low + 1, facts)}"
    return f"{writer.integer(high, facts)} {'>' if strict else '>='} {writer.integer(low, facts)}"


def _sides(e: Expr) -> tuple[Expr, Expr]:
    """Split e into what is added and what is taken away."""
    terms = Add.make_args(e)
    added = [t for t in terms if t.as_coeff_Mul()[0] > 0]
    taken = [-t for t in terms if t.as_coeff_Mul()[0] < 0]
    return Add(*added) if added else Integer(0), Add(*taken) if taken else Integer(0)
