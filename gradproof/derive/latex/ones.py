r"""The vector of ones, `\mathbf{1}` or `\mathbf{1}_n`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.tree import Applied, Sym
from gradproof.derive.latex.values import Value, number

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


def is_ones(tree: Sym) -> bool:
    r"""Is it `\mathbf{1}`, whatever stands below?"""
    return tree.bold and "1" in (tree.name, tree.numbered)


def check_ones(low: Lowering, tree: Applied) -> None:
    r"""`\mathbf{1}_A(x)`, `\mathbf{1}(a + b)`: an indicator, or a product?"""
    if is_ones(tree.head):
        raise low.error(
            r"\mathbf{1} before parentheses: an indicator, or the vector of ones times a number?",
            tree.at,
            expected=r"\mathbb{1}[z > 0] with a comparison, \mathbf{1} \cdot (...) for the product",
        )


def ones(low: Lowering, tree: Sym) -> Value:
    r"""Return the vector of ones, as long as its place asks for; `\mathbf{1}_n` has n entries.

    Raises:
        InputError: what stands below is no length.
    """
    one = syntax.Number("1", low.span(tree.at))
    size = low.sizes.new()
    if tree.numbered:
        length: syntax.Node = syntax.Number(tree.name[1:], one.span)
        low.sizes.bind(size, length, one.span, "the vector of ones")
    elif tree.subs:
        below = tree.subs[0]
        if not isinstance(below, Sym) or len(tree.subs) > 1 or below.subs or tree.paren:
            raise low.not_yet("only a length is read below the vector of ones", below.at, hint=r"write \mathbf{1}_n")
        if below.name in low.scope:
            return number(one)
        name = low.know.name(below.name)
        low.sizes.bind(size, syntax.Name(name, low.span(below.at)), low.span(below.at), "the vector of ones")
    return Value((size,), ("",), lambda _: one)
