"""Subscripts -> index expressions that count from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.tree import Add, Mul, Num, Sym, Tree

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


@dataclass(slots=True)
class Ix:
    """A bound or left-hand index.

    Attributes:
        name: its name in the notation.
        size: the size variable of its range.
        base: the number that it counts from on the page, None where the page does not say.
        bound: where its sum ends, if that is no size of an axis: `n-1` or another index.
    """

    name: str
    size: int
    base: int | None
    bound: syntax.Node | None = None


@dataclass(frozen=True, slots=True)
class Affine:
    """`sum of coefficient * letter + rest`: letters by name, the rest as signed trees without letters."""

    letters: dict[str, int]
    number: int
    sizes: tuple[tuple[int, Tree], ...]


def slot(low: Lowering, tree: Tree) -> tuple[syntax.Node, Ix | None]:
    """Return the index expression of a subscript, and the index if it stands alone.

    Raises:
        InputError: an index that nothing binds, or an expression whose counting from 0 or 1 is not clear.
    """
    tree = unwrap(tree)
    if isinstance(tree, Sym) and not tree.subs and tree.name in low.scope:
        ix = low.scope[tree.name]
        return syntax.Name(ix.name, low.span(tree.at)), ix
    if isinstance(tree, Sym) and tree.subs:
        return _data(low, tree), None
    form = affine(low, tree, 1)
    shift = form.number + _shift(low, tree, form)
    return affine_node(low, tree, form, shift), None


def index_as_number(low: Lowering, tree: Sym) -> syntax.Node:
    """Return the number that an index is on the page: i + 1, where it counts from 1."""
    ix, span = low.scope[tree.name], low.span(tree.at)
    node: syntax.Node = syntax.Name(ix.name, span)
    if ix.base is None:
        raise low.error(
            f"{tree.name} is used as a number: does it count from 0 or from 1?",
            tree.at,
            expected=rf"\sum_{{{tree.name}=1}}^{{m}}, or its range beside the equation, {tree.name} = 1, \dots, m",
        )
    return syntax.Binary("+", node, syntax.Number(str(ix.base), span), span) if ix.base else node


def _data(low: Lowering, tree: Sym) -> syntax.Node:
    """A label as an index: `p_{i, y_i}`, where `given y[m] in C` says that y holds labels."""
    shape = low.know.shapes.get(low.know.name(tree.name))
    if shape is None or shape.declared.bound is None:
        raise low.error(
            f"{tree.name} stands in a subscript, but is not declared as labels",
            tree.at,
            hint=f"in a ```gradproof block: given {tree.name}[m] in C",
        )
    return low.value(tree).at(())


def affine(low: Lowering, tree: Tree, sign: int) -> Affine:
    """Return the affine form of an index expression."""
    tree = unwrap(tree)
    if isinstance(tree, Num) and tree.text.isdigit():
        return Affine({}, sign * int(tree.text), ())
    if isinstance(tree, Sym) and not tree.subs:
        return _symbol(low, tree, sign)
    if isinstance(tree, Add):
        parts = [affine(low, t, sign if s == "+" else -sign) for s, t in tree.terms]
        letters: dict[str, int] = {}
        for p in parts:
            for letter, c in p.letters.items():
                letters[letter] = letters.get(letter, 0) + c
        return Affine(letters, sum(p.number for p in parts), tuple(x for p in parts for x in p.sizes))
    if (
        isinstance(tree, Mul)
        and len(tree.factors) == 2
        and isinstance(tree.factors[0][1], Num)
        and tree.factors[1][0] != "/"
    ):
        return affine(low, tree.factors[1][1], sign * int(float(tree.factors[0][1].text)))
    raise low.error("this index expression is not understood", tree.at, expected="an index, t-1, 2i, n-i")


def _symbol(low: Lowering, tree: Sym, sign: int) -> Affine:
    if tree.name in low.scope:
        return Affine({tree.name: sign}, 0, ())
    if low.is_size(tree.name):
        return Affine({}, 0, ((sign, tree),))
    label = _word(low, tree)
    raise low.error(
        f"the index {tree.name} is not bound: no sum runs over it, and it does not stand at the left",
        tree.at,
        expected=rf"\sum_{{{tree.name}}}, or the index at the left",
        hint=rf"a label that is part of the name is written x_{{\text{{{label}}}}}"
        + (f" or x^{{({label})}}" if len(label) == 1 else ""),
    )


def _word(low: Lowering, tree: Sym) -> str:
    """Return the letters side by side in which a letter stands: max, in `x_{max}`."""
    text, (start, end) = low.source.text, tree.at
    while tree.name.isalpha() and len(tree.name) == 1 and text[start - 1 : start].isalpha():
        start -= 1
    while tree.name.isalpha() and len(tree.name) == 1 and text[end : end + 1].isalpha():
        end += 1
    return text[start:end] if end - start > 1 and text[start - 1 : start] == "{" and text[end] == "}" else tree.name


def _shift(low: Lowering, tree: Tree, form: Affine) -> int:
    """A subscript e counts from b, each letter from its own base: from 0 it is e + sum of c_l * b_l - b."""
    total = sum(form.letters.values())
    bases = {low.scope[letter].base for letter in form.letters}
    if total == 1 and not form.sizes and len(bases) == 1:
        return 0
    if len(bases) == 1 and None not in bases:
        base = bases.pop() or 0
        return base * (total - 1)
    if _starts_at_letter(low, form):
        return -form.number
    if not form.letters:
        raise low.error(
            "an entry by number: does it count from 0 or from 1?",
            tree.at,
            expected="an index bound by a sum, or a label x^{(1)}",
        )
    raise low.error(
        "does this index count from 0 or from 1?",
        tree.at,
        expected=r"indices bound by sums with a lower limit, \sum_{i=1}^{m}, or the range beside the equation, "
        r"\quad i = 0, \dots, n-1",
    )


def _starts_at_letter(low: Lowering, form: Affine) -> bool:
    """A window, `x_{i+k}` with k from 0 or `x_{i+k-1}` with k from 1: it starts at x_i, whatever i counts from."""
    bases = {letter: low.scope[letter].base for letter in form.letters}
    open_ = [letter for letter, base in bases.items() if base is None]
    if len(open_) != 1 or form.letters[open_[0]] != 1 or form.sizes:
        return False
    return form.number + sum(c * (bases[x] or 0) for x, c in form.letters.items()) == 0


def affine_node(low: Lowering, tree: Tree, form: Affine, number: int) -> syntax.Node:
    """Return a form as a node, with a number in place of its own."""
    span = low.span(tree.at)
    terms: list[tuple[int, syntax.Node]] = []
    for letter, c in form.letters.items():
        name: syntax.Node = syntax.Name(low.scope[letter].name, span)
        scaled = name if abs(c) == 1 else syntax.Binary("*", syntax.Number(str(abs(c)), span), name, span)
        if c:
            terms.append((c, scaled))
    terms += [(sign, syntax.Name(t.name, span)) for sign, t in form.sizes if isinstance(t, Sym)]
    if number or not terms:
        terms.append((number, syntax.Number(str(abs(number)), span)))
    terms.sort(key=lambda t: t[0] < 0)
    out: syntax.Node | None = None
    for c, node in terms:
        if out is None:
            out = node if c >= 0 else syntax.Unary(node, span)
        else:
            out = syntax.Binary("+" if c >= 0 else "-", out, node, span)
    assert out is not None
    return out
