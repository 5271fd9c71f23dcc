"""Sums, products and maxima over indices; norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.brackets import condition
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.slots import Ix, slot
from gradproof.derive.latex.tree import Add, Big, Norm, Num, Relation, Sym, Tree
from gradproof.derive.latex.values import Indices, Value, number
from gradproof.derive.latex.walk import symbols

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


def big(low: Lowering, tree: Big) -> Value:
    r"""Return a reduction; `\sum_{i=1}^{m} \sum_{c=1}^{C}` is one over i and c."""
    chain = [tree]
    while isinstance(inner := chain[-1].body, Big) and inner.op == tree.op:
        chain.append(inner)
    outer = dict(low.scope)
    try:
        bound = [_bind(low, t) for t in chain]
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


def _bind(low: Lowering, tree: Big) -> tuple[list[Ix], list[syntax.Node]]:
    """Bind the indices of a lower part; what is not a bare index or `i = 1` is a condition."""
    bound: list[Ix] = []
    later: list[Relation] = []
    for item in tree.lower:
        if isinstance(item, Sym) and not item.subs:
            bound.append(_new(low, item, None))
            if tree.upper is None:
                low.counts.bound(item, bound[-1].size)
        elif (
            isinstance(item, Relation)
            and item.ops[0] == "=="
            and len(item.ops) == 1
            and isinstance(item.operands[0], Sym)
        ):
            bound.append(_from(low, item, tree))
        elif isinstance(item, Relation):
            first = item.operands[0]
            if isinstance(first, Sym) and not first.subs and first.name not in low.scope:
                bound.append(_new(low, first, None))
            later.append(item)
        else:
            raise low.error(
                "this lower limit is not understood", item.at, expected=r"\sum_{i=1}^{m}, \sum_i or \sum_{j \neq i}"
            )
    if tree.upper is not None and not any(isinstance(i, Relation) and i.ops == ("==",) for i in tree.lower):
        if len(bound) != 1:
            raise low.error(
                "which index does the upper limit bound?", tree.upper.at, expected=r"\sum_{i=1}^{m} \sum_{j=1}^{n}"
            )
        low.sizes.bind(bound[0].size, size_node(low, tree.upper), low.span(tree.upper.at), f"the index {bound[0].name}")
        bound[0].base = 1
    return bound, [condition(low, r) for r in later]


def _new(low: Lowering, letter: Sym, base: int | None) -> Ix:
    if letter.name in low.scope:
        raise low.error(
            f"the index {letter.name} is bound twice", letter.at, expected="another letter for the inner sum"
        )
    ix = Ix(low.letter(letter.name), low.sizes.new(), base)
    low.scope[letter.name] = ix
    low.used.add(ix.name)
    return ix


def _from(low: Lowering, item: Relation, tree: Big) -> Ix:
    """`i = 1` to m has size m; `i = 0` to n - 1 has size n."""
    letter, start = item.operands
    if not isinstance(letter, Sym) or not isinstance(start, Num) or start.text not in ("0", "1"):
        raise low.not_yet(
            "a lower limit other than 0 or 1 is not read",
            item.at,
            hint=r"write \sum_{i=1}^{m} and an indicator [i > 1]",
        )
    ix = _new(low, letter, int(start.text))
    if tree.upper is None:
        return ix
    upper = unwrap(tree.upper)
    # counted from 0, the index stays below what stands above (plus 1 if it starts at 0)
    if any(x.name in low.scope for x in symbols(upper)):
        ix.bound = _up_to_index(low, upper)
        return ix
    node = size_node(low, upper) if start.text == "1" else _plus_one(low, upper)
    # a letter or a number as the limit tells how long the axis is: n entries from 1, n + 1 from 0
    if isinstance(node, syntax.Name | syntax.Number) or isinstance(upper, Sym):
        low.sizes.bind(ix.size, node, low.span(upper.at), f"the index {letter.name}")
    else:
        ix.bound = node
    return ix


def _up_to_index(low: Lowering, upper: Tree) -> syntax.Node:
    r"""`\sum_{j=1}^{i}`: both count alike, so j < i + 1, whatever they count from."""
    node, _ = slot(low, upper)
    span = low.span(upper.at)
    return syntax.Binary("+", node, syntax.Number("1", span), span)


def _plus_one(low: Lowering, upper: Tree) -> syntax.Node:
    """Return the number of values from 0 to the upper limit: n for n - 1."""
    match upper:
        case Add(terms=(("+", size), ("-", Num(text="1")))):
            return size_node(low, size)
        case Num() if upper.text.isdigit():
            return syntax.Number(str(int(upper.text) + 1), low.span(upper.at))
    span = low.span(upper.at)
    return syntax.Binary("+", size_node(low, upper), syntax.Number("1", span), span)


def size_node(low: Lowering, tree: Tree) -> syntax.Node:
    """Return a size expression: a name, a whole number, or sums and products of them."""
    from gradproof.derive.latex.declare import size_of

    return size_of(low.source, tree, low.know)


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
    body = unwrap(tree.body)
    value = low.symbol(body, whole=True) if isinstance(body, Sym) else low.value(body)
    if value.rank == 0:
        raise low.error(
            "the norm of a number: is it a vector?", tree.at, expected="a bold letter, a declaration, or |x|"
        )
    span = low.span(tree.at)
    indices: Indices = tuple(syntax.Name(low.fresh_letter(letter), span) for letter in value.letters)
    return syntax.Reduction("sum", indices, make(value.at(indices)), span)  # type: ignore[operator]
