"""Sums, products and maxima over indices; norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.doubtful import check_matrix_norm, rank_of
from gradproof.derive.latex.limits import bind
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.slots import Ix
from gradproof.derive.latex.tree import At, Big, Func, Inner, Norm, Num, Sym, Tree
from gradproof.derive.latex.values import Indices, Value, kind, number

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


def big(low: Lowering, tree: Big) -> Value:
    r"""Return a reduction; `\sum_{i=1}^{m} \sum_{c=1}^{C}` is one over i and c."""
    chain = [tree]
    while isinstance(inner := chain[-1].body, Big) and inner.op == tree.op:
        chain.append(inner)
    outer = dict(low.scope)
    try:
        bound = [bind(low, t) for t in chain]
        names = {ix.name for b in bound for ix in b[0]}
        low.bare -= names
        body = low.value(chain[-1].body)
        alone = low.bare & names
    finally:
        low.scope = outer
    binders = [ix for b in bound for ix in b[0]]
    conditions = [c for b in bound for c in b[1]]

    def entry(indices: Indices) -> syntax.Node:
        low.bare = (low.bare - names) | alone
        node = body.at(indices)
        items = [_item(low, tree, ix) for ix in binders]
        return syntax.Reduction(tree.op, (*items, *conditions), node, low.span(tree.at))

    if body.rank == 0:
        return number(entry(()))
    return Value(body.axes, body.letters, entry, body.row)


def _item(low: Lowering, tree: Big, ix: Ix) -> syntax.Node:
    """Return `i`, or `i<m` where no axis tells the range."""
    span = low.span(tree.at)
    name = syntax.Name(ix.name, span)
    if ix.bound is not None:
        for n in _size_names(ix.bound):
            if low.is_size(n):
                low.size_uses.setdefault(n, span)
        return syntax.Compare((name, ix.bound), ("<",), span)
    if ix.name in low.bare:
        return name
    size = low.sizes.name(ix.size)
    if size is None:
        raise low.error(f"the range of {ix.name} is not known", tree.at, expected=rf"\sum_{{{ix.name}=1}}^{{m}}")
    for n in _size_names(size):
        low.size_uses.setdefault(n, span)
    return syntax.Compare((name, size), ("<",), span)


def _size_names(node: object) -> list[str]:
    if isinstance(node, syntax.Name):
        return [node.name]
    return (
        [n for f in ("left", "right", "operand") for n in _size_names(getattr(node, f, None))]
        if node is not None
        else []
    )


# ---------------------------------------------------------------- norms


def norm(low: Lowering, tree: Norm) -> Value:
    """Return the Euclidean norm, or the sum of absolute values for order 1."""
    span = low.span(tree.at)
    order = tree.order
    if isinstance(order, Num) and order.text == "1":
        return number(_over_all(low, tree, lambda x: syntax.Apply("abs", (x,), span)))
    squared = squared_norm(low, tree)
    if squared is None:
        raise low.not_yet("this norm is not read", tree.at, hint="the Euclidean norm and the norm of order 1 are")
    return number(syntax.Apply("sqrt", (squared.at(()),), span))


def squared_norm(low: Lowering, tree: Norm) -> Value | None:
    """Return the sum of squares, None for a norm of another order."""
    order = tree.order
    if order is not None and not (
        (isinstance(order, Num) and order.text == "2") or (isinstance(order, Sym) and order.name == "F")
    ):
        return None
    span = low.span(tree.at)
    return number(_over_all(low, tree, lambda x: syntax.Binary("**", x, syntax.Number("2", span), span)))


def _over_all(low: Lowering, tree: Norm, make: object) -> syntax.Node:
    value = _whole(low, tree.body)
    if value.rank == 0:
        raise low.error(
            "the norm of a number: is it a vector?", tree.at, expected="a bold letter, a declaration, or |x|"
        )
    check_matrix_norm(low, tree, value)
    return _summed(low, value, tree.at, make)


def _whole(low: Lowering, tree: Tree) -> Value:
    """Return the value of what may be a bare letter for a whole array."""
    body = unwrap(tree)
    return low.symbol(body, whole=True) if isinstance(body, Sym) else low.value(body)


def _summed(low: Lowering, value: Value, at: At, make: object) -> syntax.Node:
    span = low.span(at)
    indices: Indices = tuple(syntax.Name(low.fresh_letter(letter), span) for letter in value.letters)
    return syntax.Reduction("sum", indices, make(value.at(indices)), span)  # type: ignore[operator]


def inner(low: Lowering, tree: Inner) -> Value:
    """Return the sum of the products of entries, of two vectors or two matrices."""
    from gradproof.derive.latex.algebra import combine

    a, b = _whole(low, tree.left), _whole(low, tree.right)
    if a.rank != b.rank or a.rank == 0:
        raise low.error(
            f"the inner product of {kind(a)} and {kind(b)}",
            tree.at,
            expected="two vectors, or two matrices of one shape: bold letters, or a declaration",
        )
    return number(_summed(low, combine(low, "*", a, b, tree.at), tree.at, lambda x: x))


def absolute(low: Lowering, tree: Func) -> Value:
    r"""`|x|` of a number; of a vector it is the norm in one book and taken entry by entry in the next."""
    value = low.value(tree.args[0])
    if value.rank:
        more = rank_of(low, tree.args[0])
        raise low.error(
            f"|...| of {kind(value)}: its norm, or the absolute value of each entry?",
            tree.at,
            expected=r"\lVert x \rVert for the norm, indices for the entries, y_i = |x_i|",
            hint=f"if what has an index is a vector for each value of it, declare it: where {more}" if more else "",
        )
    span = low.span(tree.at)
    return number(syntax.Apply("abs", (value.at(()),), span))
