"""Comparisons: indicators, cases, and conditions below a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.algebra import elementwise
from gradproof.derive.latex.slots import Affine, affine, affine_node
from gradproof.derive.latex.tree import Cases, Indicator, Relation, Tree
from gradproof.derive.latex.values import Value, number
from gradproof.derive.latex.walk import symbols
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def condition(low: Lowering, tree: Tree) -> syntax.Node:
    """Return a comparison. Indices are compared as they are counted; beside anything else they are numbers.

    Raises:
        InputError: an index that is used as a number, but counts from 0 or from 1.
    """
    if not isinstance(tree, Relation):
        raise low.error("expected a comparison", tree.at, expected="z > 0")
    forms = [index_form(low, t) for t in tree.operands]
    bases = {low.scope[letter].base for f in forms if f is not None for letter in f.letters} - {None}
    if all(f is not None for f in forms) and len(bases) <= 1:
        pairs = zip(tree.operands, forms, strict=True)
        operands = tuple(affine_node(low, t, f, f.number) for t, f in pairs if f is not None)
    else:
        operands = tuple(low.scalar(t, "a side of a comparison") for t in tree.operands)
    return syntax.Compare(operands, tree.ops, low.span(tree.at))


def index_form(low: Lowering, tree: Tree) -> Affine | None:
    """Return the form of an index, i or i + 1; None for what is no index."""
    if not all(s.name in low.scope for s in symbols(tree)) or not any(symbols(tree)):
        return None
    try:
        form = affine(low, tree, 1)
    except InputError:
        return None
    return form if sum(form.letters.values()) == 1 and not form.sizes else None


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
    """Is an index compared, `[i = j]`, `[i > 1]`?"""
    return any(index_form(low, o) is not None for r in relations for o in r.operands)


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
