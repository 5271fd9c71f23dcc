"""Conditions to text, and the facts that they establish for reads behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Expr, Integer, S

from gradproof.derive.conditions import INTEGER_KINDS, Condition
from gradproof.errors import InternalError

if TYPE_CHECKING:
    from gradproof.kernels.expressions import Writer

_INTEGER_SIGNS = {"ge": ">=", "eq": "==", "ne": "!="}
_REAL_SIGNS = {"gt": ">", "gte": ">=", "same": "==", "differs": "!="}


def in_order(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return integer conditions on indices first: they guard the reads of the others."""
    from gradproof.derive.nodes import elements

    return tuple(sorted(conditions, key=lambda c: (bool(elements(c)), c.kind not in INTEGER_KINDS)))


def condition_facts(c: Condition) -> tuple[Expr, ...]:
    """Return expressions that are at least 0 where the condition holds."""
    if c.kind == "ge":
        return (c.operands[0],)
    return (c.operands[0], -c.operands[0]) if c.kind == "eq" else ()


def condition_text(c: Condition, writer: Writer, facts: tuple[Expr, ...]) -> str:
    """Return the condition as a Python expression."""
    if c.kind in _INTEGER_SIGNS:
        left, right = _sides(c.operands[0])
        return f"{writer.integer(left, facts)} {_INTEGER_SIGNS[c.kind]} {writer.integer(right, facts)}"
    if c.kind == "divides":
        return f"({writer.integer(c.operands[1], facts)}) % {writer.integer(c.operands[0], facts)} == 0"
    if c.kind in _REAL_SIGNS:
        a, b = c.operands
        return f"{writer.real(a, facts)} {_REAL_SIGNS[c.kind]} {writer.real(b, facts)}"
    if c.kind == "not":
        return f"not ({writer.condition(c.operands, facts)[0]})"
    raise InternalError(f"no source form for the condition {c.kind}")


def _sides(e: Expr) -> tuple[Expr, Expr]:
    """Split e into what is added and what is taken away, so that `e >= 0` reads `t >= 1`."""
    terms = Add.make_args(e)
    added = [t for t in terms if t.as_coeff_Mul()[0] > 0]
    taken = [-t for t in terms if t.as_coeff_Mul()[0] < 0]
    return Add(*added) if added else S.Zero, Add(*taken) if taken else Integer(0)
