"""Indices that need not run to their end while a stretch of another is done: under `j <= i`, what lies past i is 0.

Scores that a causal mask hides are neither made nor multiplied: every sum over j in the strip counts only j <= i, or
has a factor that is 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sympy import Add, Basic, Expr, Mul, Pow

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson, free
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import plain
from gradproof.kernels.planner.tree import Dot, Node, Once, Row


def ends(leaves: Sequence[Node], index: Index, other: Index, own: Collection[str]) -> Iterator[tuple[Index, int]]:
    """Yield the other index and how far past the stretch of `index` it runs, where all that is done allows it.

    Args:
        leaves: the innermost nodes of the strip.
        index: what the strip cuts.
        other: the index that may end early.
        own: tensors that are made and used in the strip alone.
    """
    if other == index:
        return
    statements = [s for n in leaves if isinstance(n, Row | Once) for s in n.statements]
    found = {p for s in statements for p in _offsets(s, index, other)}
    for past in sorted(found)[-1:]:
        if all(_allows(n, other, own, _Support(statements, index, other, past)) for n in leaves):
            yield other, past


def _offsets(s: Statement, index: Index, other: Index) -> Iterator[int]:
    """Yield the c of conditions `other <= index + c`."""
    brackets = [f for f in Mul.make_args(s.expr) if isinstance(f, Iverson)]
    for c in (*s.conditions, *[c for b in brackets for c in b.conditions]):
        past = _offset(c, index, other)
        if past is not None:
            yield past


def _offset(c: Basic, index: Index, other: Index) -> int | None:
    if not isinstance(c, Condition) or c.kind != "ge":
        return None
    rest = integer_form(c.operands[0] - index + other)
    return int(rest) if rest.is_Integer else None


class _Support:
    """Which tensors are 0 past the end."""

    def __init__(self, statements: Sequence[Statement], index: Index, other: Index, past: int) -> None:
        self.index, self.other, self.past = index, other, past
        self.made = {s.target: s.expr for s in statements if s.kind == "map"}

    def holds(self, conditions: Sequence[Basic]) -> bool:
        """Do the conditions say that the place is before the end?"""
        offsets = [_offset(c, self.index, self.other) for c in conditions]
        return any(p is not None and p <= self.past for p in offsets)

    def ends(self, e: Expr) -> bool:
        """Is the expression 0 past the end, whatever finite numbers stand in it?"""
        if isinstance(e, Iverson):
            return self.holds(e.conditions)
        if isinstance(e, Mul):
            return any(self.ends(a) for a in e.args)
        if isinstance(e, Add):
            return all(self.ends(a) for a in e.args)
        if isinstance(e, Pow):
            return bool(e.exp.is_Integer and e.exp > 0) and self.ends(e.base)
        return isinstance(e, Element) and e in self.made and self.ends(self.made[e])


def _allows(node: Node, other: Index, own: Collection[str], support: _Support) -> bool:
    """Does it suffice to do the node before the end?"""
    if isinstance(node, Dot):
        if other not in (*node.rows, *node.columns, *node.inner):
            return True
        first = other in (node.rows[0], node.columns[0], node.inner[0])
        done = node.statement.name in own and other not in node.inner
        return first and (done or support.ends(node.left) or support.ends(node.right))
    return isinstance(node, Row | Once) and all(_statement_allows(s, other, own, support) for s in node.statements)


def _statement_allows(s: Statement, other: Index, own: Collection[str], support: _Support) -> bool:
    if other in s.reduced:
        return support.holds(s.conditions) or (s.kind == "sum" and support.ends(s.expr))
    written = any(other in free(slot) for slot in s.target.indices)
    return not written or (s.name in own and all(plain(slot) is not None for slot in s.target.indices))
