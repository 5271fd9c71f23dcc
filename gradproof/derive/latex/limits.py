r"""What stands below and above a sum.

`\sum_{i=1}^{m}`, `\sum_{j \neq i}`, `\sum_{1 \leq i < j \leq n}`, `\sum_{j=i+1}^{n}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.brackets import condition, index_form
from gradproof.derive.latex.doubtful import check_domain
from gradproof.derive.latex.knowledge import between, fresh_letters
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.slots import Ix, affine_node
from gradproof.derive.latex.tree import Add, Big, Num, Relation, Sym, Tree
from gradproof.derive.latex.walk import symbols

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

Bound = tuple[list[Ix], list[syntax.Node]]
One = tuple[Ix, list[syntax.Node]]


def bind(low: Lowering, tree: Big) -> Bound:
    """Bind the indices of a lower part; what is neither a bare index nor `i = 1` is a condition as well."""
    bound: list[Ix] = []
    later: list[Relation] = []
    conditions: list[syntax.Node] = []
    start = next((r for r in tree.lower if _is_start(r)), None)
    for item in tree.lower:
        if isinstance(item, Sym) and not item.subs:
            bound.append(_bare(low, item, tree, start))
        elif _is_start(item) and isinstance(item, Relation):
            ix, more = _from(low, item.operands[0], item.operands[1], tree)
            bound.append(ix)
            conditions += more
        elif isinstance(item, Relation) and between(item):
            check_domain(low, tree, item)
            bound += _between(low, item)
            later += _inner(item)
        elif isinstance(item, Relation):
            letters = fresh_letters(item, tree.body)
            if not letters and not any(s.name in low.scope for s in symbols(item)):
                raise low.error(
                    "which index does this condition bind?", item.at, expected=rf"\{tree.op}_{{i : y_i > 0}}"
                )
            bound += [_new(low, s, None) for s in letters if s.name not in low.scope]
            later.append(item)
        else:
            raise low.error(
                "this lower limit is not understood", item.at, expected=r"\sum_{i=1}^{m}, \sum_i or \sum_{j \neq i}"
            )
    if tree.upper is not None and start is None:
        if len(bound) != 1:
            raise low.error(
                "which index does the upper limit bound?", tree.upper.at, expected=r"\sum_{i=1}^{m} \sum_{j=1}^{n}"
            )
        low.sizes.bind(bound[0].size, size_node(low, tree.upper), low.span(tree.upper.at), f"the index {bound[0].name}")
        bound[0].base = 1
    return bound, [*conditions, *(condition(low, r) for r in later)]


def _is_start(item: Tree) -> bool:
    return isinstance(item, Relation) and item.ops == ("==",) and _is_letter(item.operands[0])


def _is_letter(tree: Tree) -> bool:
    return isinstance(tree, Sym) and not tree.subs


def _bare(low: Lowering, item: Sym, tree: Big, start: Tree | None) -> Ix:
    r"""Bind i of `\sum_i`; in `\sum_{i,j=1}^{n}` it starts where j does."""
    if isinstance(start, Relation):
        ix, more = _from(low, item, start.operands[1], tree)
        if more:
            raise low.not_yet("this lower limit of two indices is not read", start.at, hint="write a sum for each")
        return ix
    ix = _new(low, item, None)
    if tree.upper is None:
        low.counts.bound(item, ix.size)
    return ix


def _new(low: Lowering, letter: Sym, base: int | None) -> Ix:
    if letter.name in low.scope:
        raise low.error(
            f"the index {letter.name} is bound twice", letter.at, expected="another letter for the inner sum"
        )
    base = low.stated.get(letter.name) if base is None else base
    ix = Ix(low.letter(letter.name), low.sizes.new(), base)
    low.scope[letter.name] = ix
    low.used.add(ix.name)
    return ix


def _from(low: Lowering, letter: Tree, start: Tree, tree: Big) -> One:
    """`i = 1` to m has size m; `i = 0` to n - 1 has size n; `j = i + 1` counts as i does."""
    assert isinstance(letter, Sym)
    form = index_form(low, start)
    if form is not None:
        return _from_index(low, letter, start, tree)
    if not isinstance(start, Num) or start.text not in ("0", "1"):
        raise low.not_yet(
            "a lower limit other than 0, 1 or another index is not read",
            start.at,
            hint=rf"write \sum_{{{letter.name}=1}}^{{m}} with an indicator, such as [{letter.name} > 1]",
        )
    ix = _new(low, letter, int(start.text))
    if tree.upper is not None:
        _limit(low, ix, letter.name, unwrap(tree.upper))
    return ix, []


def _from_index(low: Lowering, letter: Sym, start: Tree, tree: Big) -> One:
    r"""`\sum_{j=i+1}^{n}`: j counts from where i does, up to n, and is at least i + 1."""
    form = index_form(low, start)
    assert form is not None
    base = low.scope[next(iter(form.letters))].base
    if base is None or len(form.letters) > 1:
        raise low.error(
            f"the sum over {letter.name} starts at another index: does that count from 0 or from 1?",
            start.at,
            expected=r"\sum_{i=1}^{n} \sum_{j=i+1}^{n}, with the lower limit of i",
        )
    least = affine_node(low, start, form, form.number)
    ix = _new(low, letter, base)
    if tree.upper is not None:
        _limit(low, ix, letter.name, unwrap(tree.upper))
    span = low.span(start.at)
    return ix, [syntax.Compare((syntax.Name(ix.name, span), least), (">=",), span)]


def _limit(low: Lowering, ix: Ix, letter: str, upper: Tree) -> None:
    """Bind an index from above: counted from 0, it stays below m, if it starts at 1, or m + 1, if it starts at 0."""
    if any(x.name in low.scope for x in symbols(upper)):
        ix.bound = _up_to_index(low, ix, upper)
        return
    node = size_node(low, upper) if ix.base == 1 else _plus_one(low, upper)
    # a letter or a number as the limit tells how long the axis is: n entries from 1, n + 1 from 0
    if isinstance(node, syntax.Name | syntax.Number) or isinstance(upper, Sym):
        low.sizes.bind(ix.size, node, low.span(upper.at), f"the index {letter}")
    else:
        ix.bound = node


def _up_to_index(low: Lowering, ix: Ix, upper: Tree) -> syntax.Node:
    r"""`\sum_{j=1}^{i}`: j < i + 1, if both count alike; an index of which nothing is known counts as j does."""
    form = index_form(low, upper)
    if form is None or ix.base is None:
        raise low.not_yet("this upper limit is not read", upper.at, hint=r"write \sum_{j=1}^{i} or \sum_{j=1}^{n}")
    others = [low.scope[letter] for letter in form.letters]
    if len(others) > 1:
        raise low.not_yet("this upper limit is not read", upper.at, hint=r"write \sum_{j=1}^{i} or \sum_{j=1}^{n}")
    if others[0].base is None:
        if ix.base == 0 and form.number < 0:
            raise low.error(
                "this upper limit: does its index count from 0 or from 1?",
                upper.at,
                expected=r"its range beside the equation, \quad i = 0, \dots, n-1, or a sum over it with a lower limit",
            )
        others[0].base = ix.base
    number = form.number + others[0].base - ix.base + 1
    if number in (0, 1):
        # the axis is as long as the range of the other index, unless the page says otherwise
        low.sizes.suggest(ix.size, others[0].size)
    return affine_node(low, upper, form, number)


def _between(low: Lowering, item: Relation) -> list[Ix]:
    r"""`1 \leq i < j \leq n`: both run from 1 to n."""
    first, *letters = item.operands
    assert isinstance(first, Num)
    upper = letters.pop() if len(letters) > 1 else None
    out = []
    for letter in letters:
        assert isinstance(letter, Sym)
        ix = _new(low, letter, int(first.text))
        out.append(ix)
    for ix, letter in zip(out, letters, strict=True):
        if upper is not None:
            _limit(low, ix, letter.name if isinstance(letter, Sym) else "", _last(item, unwrap(upper)))
    return out


def _last(item: Relation, upper: Tree) -> Tree:
    r"""Return the last value: n for `i \leq n`, n - 1 for `i < n`."""
    return upper if item.ops[-1] == "<=" else Add((("+", upper), ("-", Num("1", upper.at))), upper.at)


def _inner(item: Relation) -> list[Relation]:
    r"""Return what the letters of `1 \leq i < j \leq n` say of one another."""
    letters = item.operands[1:-1]
    return [Relation(letters, item.ops[1:-1], item.at)] if len(letters) > 1 else []


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
