"""Conditions in brackets: syntax -> Condition nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Expr

from gradproof.derive import conditions as cond
from gradproof.derive.conditions import Condition
from gradproof.derive.notation.cases import opposite
from gradproof.derive.notation.integers import is_integer, rational
from gradproof.derive.syntax import Binary, Bracket, Compare, Negation, Node, Position, Reduction
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.notation.build import Builder

Divisibility = frozenset[tuple[Expr, Expr]]


def build_conditions(builder: Builder, nodes: Iterable[Node]) -> list[Condition]:
    """Return the conditions of a bracket. A divisibility that stands in it makes quotients in its comparisons exact."""
    nodes = list(nodes)
    exact = frozenset(pair for n in nodes for pair in _divisibilities(builder, n))
    return [c for n in nodes for c in _condition(builder, n, exact)]


def _divisibilities(builder: Builder, node: Node) -> Iterable[tuple[Expr, Expr]]:
    """(s, A) for each `A % s == 0`."""
    if isinstance(node, Compare):
        for left, op, right in _pairs(node):
            if op == "==" and isinstance(left, Binary) and left.op == "%":
                c = _divides(builder, left, right)
                yield c.operands[0], c.operands[1]


def _pairs(node: Compare) -> list[tuple[Node, str, Node]]:
    return list(zip(node.operands, node.ops, node.operands[1:], strict=False))


def _condition(builder: Builder, node: Node, exact: Divisibility) -> list[Condition]:
    match node:
        case Compare():
            return [_compare(builder, left, op, right, exact) for left, op, right in _pairs(node)]
        case Negation():
            return [opposite(tuple(build_conditions(builder, node.conditions)))]
        case Bracket():
            return build_conditions(builder, node.conditions)
    raise InputError(
        "this is no condition", where=node.span, expected="a comparison such as i <= j, z[i] > 0 or (i+1) % s == 0"
    )


def _compare(builder: Builder, left: Node, op: str, right: Node, exact: Divisibility) -> Condition:
    for reduction, indices in ((right, left), (left, right)):
        if isinstance(reduction, Reduction) and reduction.op in ("argmax", "argmin"):
            return _arg(builder, reduction, indices, op)
    for a in (left, right):
        if isinstance(a, Position):
            raise InputError("a tuple may only be compared with argmax[...] or argmin[...]", where=a.span)
    if isinstance(left, Binary) and left.op == "%" and is_integer(left, builder.declared):
        return _remainder(builder, left, op, right)
    if is_integer(left, builder.declared) and is_integer(right, builder.declared):
        return _integer(builder, left, op, right, exact)
    a, b = builder.value(left), builder.value(right)
    if op in ("<", "<="):
        a, b, op = b, a, {"<": ">", "<=": ">="}[op]
    return {">": cond.greater, ">=": cond.greater_equal, "==": cond.same, "!=": cond.differs}[op](a, b)


def _divides(builder: Builder, left: Binary, right: Node) -> Condition:
    rest = builder.integers.build(right)
    return cond.divides(builder.integers.build(left.right), builder.integers.build(left.left) - rest)


def _remainder(builder: Builder, left: Binary, op: str, right: Node) -> Condition:
    if op not in ("==", "!="):
        raise InputError(f"a remainder is compared with {op}", where=left.span, expected="== or !=")
    c = _divides(builder, left, right)
    return c if op == "==" else cond.negation(c)


def _integer(builder: Builder, left: Node, op: str, right: Node, exact: Divisibility) -> Condition:
    """Compare integers. A quotient A/s is multiplied through; it counts as whole where `A % s == 0` stands beside."""
    whole = True

    def divide(num: Expr, den: Expr, _node: Binary) -> Expr:
        nonlocal whole
        ratio = sp.cancel(num / den)
        if not (ratio.is_polynomial() and ratio.is_integer):
            whole = whole and (den, sp.expand(num)) in exact
        return rational(num, den, _node)

    a, b = (builder.integers.fraction(n, divide) for n in (left, right))
    if op in (">", ">="):
        a, b, op = b, a, {">": "<", ">=": "<="}[op]
    num, den = sp.fraction(sp.together(b - a))
    num, den = sp.expand(num), sp.expand(den)
    match op:
        case "<":
            return cond.at_least_zero(num - (den if whole else 1))
        case "<=":
            return cond.at_least_zero(num)
        case "==":
            return cond.equals_zero(num)
    return cond.not_zero(num)


def _arg(builder: Builder, reduction: Reduction, position: Node, op: str) -> Condition:
    if op not in ("==", "!="):
        raise InputError(f"{reduction.op} is compared with {op}", where=reduction.span, expected="== or !=")
    items = position.items if isinstance(position, Position) else (position,)
    node = builder.reduction(Reduction(reduction.op[3:], reduction.items, reduction.body, reduction.span))
    if len(items) != len(node.binders):
        raise InputError(
            f"a position of {len(node.binders)} is compared with {len(items)} ind{'ices' if len(items) > 1 else 'ex'}",
            where=position.span,
            expected=f"one for each index that {reduction.op} binds",
        )
    c = cond.is_arg(node, tuple(builder.integers.build(i) for i in items))
    return c if op == "==" else cond.negation(c)
