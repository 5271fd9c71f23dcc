"""Comparisons: indicators, cases, and conditions below a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.algebra import elementwise
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.tree import Cases, Indicator, Num, Relation, Sym, Tree
from gradproof.derive.latex.values import Value, number

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def condition(low: Lowering, tree: Tree) -> syntax.Node:
    """Return a comparison; indices in it are compared as they are counted."""
    if not isinstance(tree, Relation):
        raise low.error("expected a comparison", tree.at, expected="z > 0")
    operands = tuple(_side(low, t) for t in tree.operands)
    return syntax.Compare(operands, tree.ops, low.span(tree.at))


def _side(low: Lowering, tree: Tree) -> syntax.Node:
    inner = unwrap(tree)
    if isinstance(inner, Sym) and not inner.subs and inner.name in low.scope:
        return syntax.Name(low.scope[inner.name].name, low.span(tree.at))
    return low.scalar(tree, "a side of a comparison")


def indicator(low: Lowering, tree: Indicator) -> Value:
    """Return an indicator, entry by entry for arrays."""
    relations = [r for r in tree.conditions if isinstance(r, Relation)]
    if _has_index(low, relations):
        return number(syntax.Bracket(tuple(condition(low, r) for r in relations), low.span(tree.at)))
    values = tuple(low.value(o) for r in relations for o in r.operands)

    def make(nodes: list[syntax.Node]) -> syntax.Node:
        rest, out = list(nodes), []
        for r in relations:
            mine, rest = rest[: len(r.operands)], rest[len(r.operands) :]
            out.append(syntax.Compare(tuple(mine), r.ops, low.span(r.at)))
        return syntax.Bracket(tuple(out), low.span(tree.at))

    return elementwise(low, make, values, tree.at)


def _has_index(low: Lowering, relations: list[Relation]) -> bool:
    """A condition on indices, `[i = j]`: all sides are indices (or numbers beside them)."""
    sides = [unwrap(o) for r in relations for o in r.operands]
    found = [isinstance(s, Sym) and not s.subs and s.name in low.scope for s in sides]
    if any(found) and any(isinstance(s, Num) for s in sides):
        at = relations[0].at
        raise low.error(
            "an index is compared with a number: does it count from 0 or from 1?",
            at,
            expected="a comparison of two indices",
        )
    return any(found)


def cases(low: Lowering, tree: Cases) -> Value:
    """Return nested `where`s; the last row must be the rest of the others."""
    rows = list(tree.rows)
    value, last = rows[-1]
    if last is not None and not (len(rows) == 2 and _complement(rows[0][1], last)):
        raise low.error("do the cases cover everything, once?", last.at, expected=r"\text{otherwise} in the last row")
    parts: list[Tree] = []
    for v, c in rows[:-1]:
        if not isinstance(c, Relation):
            raise low.error("only the last row may be without a condition", v.at, expected="a condition")
        parts += [Indicator((c,), c.at), v]
    values = tuple(low.value(t) for t in (*parts, value))
    span = low.span(tree.at)

    def make(nodes: list[syntax.Node]) -> syntax.Node:
        out = nodes[-1]
        for j in range(len(nodes) - 3, -1, -2):
            bracket = nodes[j]
            conditions = bracket.conditions if isinstance(bracket, syntax.Bracket) else (bracket,)
            out = syntax.Apply("where", (conditions[0], nodes[j + 1], out), span)
        return out

    return elementwise(low, make, values, tree.at)


def _complement(a: Tree | None, b: Tree) -> bool:
    from gradproof.derive.latex.same import same

    if not isinstance(a, Relation) or not isinstance(b, Relation) or len(a.ops) != 1 or len(b.ops) != 1:
        return False
    return b.ops[0] == _OPPOSITE[a.ops[0]] and all(same(x, y) for x, y in zip(a.operands, b.operands, strict=True))
