"""What stands in claims alone: derivatives as arrays of their own, the identity, the trace, diagonal matrices."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.names import partial_name
from gradproof.derive.latex.ranks import axes_text, base_name
from gradproof.derive.latex.slots import slot
from gradproof.derive.latex.stated.letters import flattened
from gradproof.derive.latex.tree import Applied, Derivative, Mul, Sym, Tree
from gradproof.derive.latex.values import Indices, Value, kind, number

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

#: How a derivative of one array for another is laid out, and one of a number for an array.
LAYOUTS = ("mixed", "denominator", "numerator", "entries")
_TRACE, _DIAGONAL = ("tr", "Tr", "trace"), ("diag", "Diag")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A derivative that a claim speaks of, as an array: the axes of `of`, then those of each of `by`."""

    name: str
    of: str
    by: tuple[str, ...]
    sign: str


@dataclass
class Stating:
    """What is collected while a claim is lowered.

    Attributes:
        layout: one of LAYOUTS.
        wanted: the derivatives, by name.
        open: "gradient" where the shape of a number's derivative matters, "jacobian" where an array's does,
            "entries" where an array's derivative was taken entry by entry.
    """

    layout: str = "mixed"
    wanted: dict[str, Wanted] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)


def derivative(low: Lowering, stating: Stating, tree: Derivative) -> Value:
    r"""Return the derivative as an array of its own, dL_dw[j], at the indices that the page writes.

    Raises:
        InputError: no equation of the page defines what is differentiated.
    """
    of, by = _symbols(low, tree)
    name, array = _array(low, stating, of, by, tree)
    slots, axes, letters = list[syntax.Node | int](), list[int](), list[str]()
    at, groups = 0, list[int]()
    for symbol in (of, *by):
        own = name_of(low, symbol)
        rank = len(low.axes.get(own, ()))
        subs = _subs(low, symbol)
        for axis in range(rank):
            if axis < len(subs):
                node, ix = slot(low, subs[axis])
                if ix is not None:
                    low.sizes.join(ix.size, array[at], low.span(subs[axis].at), f"axis {axis + 1} of {own}")
                slots.append(node)
            else:
                slots.append(len(axes))
                axes.append(array[at])
                letters.append(low.know.letters.get((symbol.name, axis), ""))
            at += 1
        groups.append(max(0, rank - len(subs)))
    value = Value(tuple(axes), tuple(letters), lambda indices: _entry(low, name, slots, indices, tree))
    return _laid_out(low, stating, tree, value, groups)


def name_of(low: Lowering, symbol: Sym) -> str:
    """Return the name of a quantity."""
    return low.know.name(base_name(low.know, symbol))


def _subs(low: Lowering, symbol: Sym) -> tuple[Tree, ...]:
    above = (Sym(symbol.paren, False, (), "", 0, symbol.at),) if symbol.paren in low.know.binders else ()
    return (*above, *symbol.subs)


def _symbols(low: Lowering, tree: Derivative) -> tuple[Sym, tuple[Sym, ...]]:
    of, by = flattened(tree)
    wrong = next((x for x in (of, *by) if not isinstance(x, Sym) or x.primes), None)
    if wrong is not None:
        raise low.not_yet(
            "a derivative for an expression is not read",
            wrong.at,
            hint="name the expression by an equation first",
        )
    assert isinstance(of, Sym)
    return of, tuple(x for x in by if isinstance(x, Sym))


def _array(
    low: Lowering, stating: Stating, of: Sym, by: tuple[Sym, ...], tree: Derivative
) -> tuple[str, tuple[int, ...]]:
    """Return the name and the axes of the derivative."""
    whole, variables = name_of(low, of), tuple(name_of(low, b) for b in by)
    if whole not in low.computed:
        raise low.error(
            f"no equation on this page defines {whole}",
            tree.at,
            expected=f"an equation for it: {low.source.text[of.at[0] : of.at[1]]} = ...",
        )
    axes = low.axes_of(whole, low.rank(whole, of))
    name = whole
    for symbol, variable in zip(by, variables, strict=True):
        if low.is_size(variable) or symbol.name in low.scope:
            raise low.error(f"{variable} is a whole number here: there is no derivative for it", symbol.at)
        axes = (*axes, *low.axes_of(variable, low.rank(variable, symbol)))
        if variable not in low.computed:
            low.inputs.setdefault(variable, symbol.at)
        name = partial_name(name, variable)
    # `dL/dw` and `\partial L / \partial w` may be two things in one line
    name = f"total_{name}" if tree.sign == "d" else name
    if name in low.know.shapes:
        raise low.not_yet(f"{name} is declared on this page: the gradient comes in, and is not derived", tree.at)
    stating.wanted[name] = Wanted(name, whole, variables, tree.sign)
    low.inputs.setdefault(name, tree.at)
    low.axes[name] = axes
    for symbol, own in zip((of, *by), (whole, *variables), strict=True):
        rank = len(low.axes[own])
        if len(_subs(low, symbol)) > rank:
            raise low.error(
                f"{own} has {axes_text(rank)}, but {len(symbol.subs)} indices",
                symbol.at,
                expected="one index for each axis",
            )
    return name, axes


def _entry(low: Lowering, name: str, slots: list[syntax.Node | int], indices: Indices, tree: Derivative) -> syntax.Node:
    return low.item(name, tuple(indices[s] if isinstance(s, int) else s for s in slots), tree.at)


def _laid_out(low: Lowering, stating: Stating, tree: Derivative, value: Value, groups: list[int]) -> Value:
    """Return the derivative with its axes in the order of the layout."""
    first, rest = groups[0], [g for g in groups[1:] if g]
    if tree.sign == "prime" and first and rest == [first]:
        return _entries(low, tree, value, first)
    if first and len(rest) == 1:
        stating.open.add("jacobian")
        return _of_array(low, stating, tree, value, first)
    if first or len(rest) != 1 or value.rank > 2:
        return value
    if tree.sign != "nabla":
        stating.open.add("gradient")
    if stating.layout != "numerator" or tree.sign == "nabla":
        return value
    if value.rank == 1:
        return Value(value.axes, value.letters, value.at, row=True)
    return Value(value.axes[::-1], value.letters[::-1], lambda i: value.at(i[::-1]))


def _of_array(low: Lowering, stating: Stating, tree: Derivative, value: Value, first: int) -> Value:
    rest = value.rank - first
    if stating.layout == "entries" and first == rest:
        stating.open.add("entries")
        return _entries(low, tree, value, first)
    if stating.layout != "denominator":
        return value
    axes = (*value.axes[first:], *value.axes[:first])
    letters = (*value.letters[first:], *value.letters[:first])
    return Value(axes, letters, lambda i: value.at((*i[rest:], *i[:rest])))


def _entries(low: Lowering, tree: Derivative, value: Value, first: int) -> Value:
    for a, b in zip(value.axes[:first], value.axes[first:], strict=True):
        low.sizes.join(a, b, low.span(tree.at), "an axis of a derivative entry by entry")
    return Value(value.axes[:first], value.letters[:first], lambda i: value.at((*i, *i)))


def chain_product(low: Lowering, stating: Stating, tree: Mul) -> Value | None:
    r"""Return `\frac{\partial L}{\partial a} \frac{\partial a}{\partial w}` of arrays: sums over what they share.

    None where the factors are no such chain, or all numbers.
    """
    factors = [f for _, f in tree.factors]
    if len(factors) < 2 or any(op not in ("", "cdot") for op, _ in tree.factors):
        return None
    if not all(isinstance(f, Derivative) and not isinstance(f.of, Derivative) for f in factors):
        return None
    pairs = [_symbols(low, f) for f in factors if isinstance(f, Derivative)]
    if _linked(low, pairs[::-1]) and not _linked(low, pairs):
        factors, pairs = factors[::-1], pairs[::-1]
    if not _linked(low, pairs):
        return None
    arrays = [derivative(low, Stating("mixed", stating.wanted), f) for f in factors if isinstance(f, Derivative)]
    shared = [len(low.axes[name_of(low, by[0])]) for _, by in pairs[:-1]]
    if not any(shared):
        return None
    return _contracted(low, arrays, shared, tree)


def _linked(low: Lowering, pairs: list[tuple[Sym, tuple[Sym, ...]]]) -> bool:
    """Is what each factor is taken for, whole, what the next one differentiates?"""
    whole = all(not x.subs for of, by in pairs for x in (of, *by))
    return whole and all(name_of(low, a[1][0]) == name_of(low, b[0]) for a, b in pairwise(pairs))


def _contracted(low: Lowering, arrays: list[Value], shared: list[int], tree: Mul) -> Value:
    out = arrays[0]
    for array, count in zip(arrays[1:], shared, strict=True):
        out = _contract(low, out, array, count, tree)
    return out


def _contract(low: Lowering, a: Value, b: Value, count: int, tree: Mul) -> Value:
    span, keep = low.span(tree.at), a.rank - count
    axes, letters = (*a.axes[:keep], *b.axes[count:]), (*a.letters[:keep], *b.letters[count:])

    def entry(indices: Indices) -> syntax.Node:
        bound = tuple(syntax.Name(low.fresh_letter(x), span) for x in a.letters[keep:])
        body = syntax.Binary("*", a.at((*indices[:keep], *bound)), b.at((*bound, *indices[keep:])), span)
        return syntax.Reduction("sum", bound, body, span) if bound else body

    return Value(axes, letters, entry) if axes else number(entry(()))


# ---------------------------------------------------------------- signs that claims use


def sign(low: Lowering, tree: Sym) -> Value | None:
    r"""Return the identity I, None for what is a quantity of the page."""
    name = name_of(low, tree)
    known = name in low.know.shapes or name in low.know.defined or name in low.computed
    if known or tree.primes or tree.paren:
        return None
    if tree.name == "I" and not tree.subs:
        size = low.sizes.new()
        return Value((size, size), ("", ""), lambda i: _equal(low, i, tree))
    return None


def _equal(low: Lowering, nodes: Indices, tree: Sym) -> syntax.Node:
    span = low.span(tree.at)
    return syntax.Bracket((syntax.Compare(nodes, ("==",), span),), span)


def call(low: Lowering, tree: Applied) -> Value | None:
    """Return a trace, or a diagonal matrix, in a claim; None for another function."""
    if low.stating is None:
        return None
    name = name_of(low, tree.head)
    known = name in low.know.functions or name in low.know.unknown or low.is_variable(name)
    if known or tree.head.subs or tree.head.primes or len(tree.group.items) != 1 or tree.subs:
        return None
    if name in _TRACE and tree.power is None:
        return _trace(low, tree)
    return _diagonal(low, tree) if name in _DIAGONAL and tree.power is None else None


def _trace(low: Lowering, tree: Applied) -> Value:
    value, span = low.value(tree.group.items[0]), low.span(tree.at)
    if value.rank != 2:
        raise low.error(f"the trace of {kind(value)}", tree.at, expected="a square matrix")
    low.sizes.join(value.axes[0], value.axes[1], span, "the trace")
    letter = syntax.Name(low.fresh_letter(""), span)
    low.bare.add(letter.name)
    return number(syntax.Reduction("sum", (letter,), value.at((letter, letter)), span))


def _diagonal(low: Lowering, tree: Applied) -> Value:
    item = tree.group.items[0]
    value = low.symbol(item, whole=True) if isinstance(item, Sym) else low.value(item)
    if value.rank != 1:
        raise low.error(f"diag of {kind(value)}", tree.at, expected="a vector")
    span = low.span(tree.at)

    def entry(indices: Indices) -> syntax.Node:
        same = syntax.Bracket((syntax.Compare(indices, ("==",), span),), span)
        return syntax.Binary("*", same, value.at(indices[:1]), span)

    return Value((value.axes[0], value.axes[0]), (value.letters[0], ""), entry)
