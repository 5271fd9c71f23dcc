"""How long a region takes, roughly: whether other threads are worth waking is decided by it at run time."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Integer, Mul, Pow

from gradproof.derive.nodes import Call, Element
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Loop, Node, Once, Region, Row, Strip

#: Nanoseconds a term on one core with vector instructions, measured as orders of magnitude.
_READ, _CALL, _OTHER, _STEP, _PRODUCT = 0.04, 0.25, 0.02, 3.0, 0.02


def region_work(region: Region) -> tuple[tuple[float, Expr], ...]:
    """Return the nanoseconds as terms: a number, and how often (an expression in sizes)."""
    terms: dict[Expr, float] = {}
    for node in region.body:
        for cost, times in _node(node, Integer(1)):
            terms[times] = terms.get(times, 0.0) + cost
    return tuple((cost, times) for times, cost in terms.items())


def _node(node: Node, times: Expr) -> Iterator[tuple[float, Expr]]:
    if isinstance(node, Strip):
        for inner in node.body:
            yield from _node(inner, times)
    elif isinstance(node, Loop):
        for inner in node.body:
            yield from _node(inner, times * node.index.size)
    elif isinstance(node, Row):
        yield sum(_statement(s) for s in node.statements), times * node.index.size
    elif isinstance(node, Once):
        yield _STEP * len(node.statements), times
    elif isinstance(node, Dot):
        sizes = [i.size for i in (*node.rows, *node.columns, *node.inner)]
        yield _PRODUCT, Mul(times, *sizes)


def calls(e: Expr) -> int:
    """Return how many functions an expression evaluates."""
    return _is_call(e) + sum(calls(a) for a in e.args if isinstance(a, Expr))


def _is_call(e: Expr) -> bool:
    return isinstance(e, Call) or (isinstance(e, Pow) and not e.exp.is_Integer)


def _statement(s: Statement) -> float:
    return _cost(s.expr) + 2 * _READ


def _cost(e: Expr) -> float:
    if isinstance(e, Element):
        return _READ
    own = _CALL if _is_call(e) else 0.0
    own += _OTHER * (len(e.args) if isinstance(e, Add | Mul) else 1)
    return own + sum(_cost(a) for a in e.args if isinstance(a, Expr))
