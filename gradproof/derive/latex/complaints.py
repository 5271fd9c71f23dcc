"""What may be wrong with a symbol: a number below that could be an entry, indices that do not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.ranks import Claim, axes_text, base_name, rank_conflict, slot_count
from gradproof.derive.latex.refusals import is_minus_one
from gradproof.derive.latex.tree import Add, Mul, Num, Power, Sym, Transpose, Tree
from gradproof.derive.latex.walk import power_before_group, symbols
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


def check_numbered(low: Lowering, tree: Sym, name: str) -> None:
    """`x_1` beside `x_i`: an entry, or a name of its own?"""
    base = low.know.name(tree.numbered)
    shape = low.know.shapes.get(base)
    indexed = (tree.numbered, 0) in low.know.letters or (shape is not None and shape.sizes)
    if tree.numbered and indexed and name not in low.know.shapes:
        number = tree.name[len(tree.numbered) :]
        raise low.error(
            f"{base} has indices on this page: is {base}_{number} an entry of it, or another name?",
            tree.at,
            expected=f"{base}^{{({number})}} for a name of its own",
            hint="entries by number are not read",
        )


def check_one_word(low: Lowering, tree: Sym, name: str) -> None:
    r"""`\text{Total Loss}` is a name where the page defines it; elsewhere several words are prose."""
    if _undefined_words(low, tree, name):
        raise low.error(
            f"{low.source.text[tree.at[0] : tree.at[1]]} reads as prose: no equation on this page defines {name}",
            tree.at,
            expected=rf"a name of one word, such as \text{{{name.replace('_', '')}}}",
            hint="move words out of the formula",
        )


def _undefined_words(low: Lowering, tree: Sym, name: str) -> bool:
    words = re.match(r"\\[a-z]+\*?\s*\{([^{}]*)\}", low.source.text[tree.at[0] : tree.at[1]])
    several = words is not None and len(words[1].split()) > 1
    return several and name not in low.know.defined and name not in low.know.shapes


def check_power_of_function(low: Lowering, before: Tree, op: str, group: Tree) -> None:
    """`f^{-1}(x)`, `f^2(x)`: the inverse function, a power of f(x), or a product?"""
    head = power_before_group(before, op, group, low.source.text)
    if head is None or not isinstance(before, Power):
        return
    name = low.know.name(base_name(low.know, head))
    function = name in low.know.functions or name in low.know.unknown
    if not function and (low.is_variable(name) or name in low.scope or name in ("e", "π")):
        return
    inverse = is_minus_one(before.exponent)
    power = low.source.text[before.exponent.at[0] : before.exponent.at[1]].strip("{} ")
    one = "the inverse function" if inverse else f"the power {power} of {name}(...)"
    raise low.error(
        f"{name}^{{{power}}}(...): {one}, or a product?",
        before.at,
        expected=rf"{name}(...)^{{{power}}} for a power of the value, {name}^{{{power}}} \cdot (...) for the product"
        + (", a name of its own for the inverse function" if inverse else ""),
    )


def check_inverse(low: Lowering, base: Sym, tree: Power) -> None:
    """`f^{-1}` where the page defines f(x): the inverse function, or 1/f?"""
    name = low.know.name(base_name(low.know, base))
    if is_minus_one(tree.exponent) and not base.subs and (name in low.know.functions or name in low.know.unknown):
        raise low.error(
            f"{name} is a function on this page: is {name}^{{-1}} its inverse, or 1/{name}?",
            tree.at,
            expected=rf"\frac{{1}}{{{name}(x)}} for the quotient, a name of its own for the inverse function",
        )


def not_transposed(low: Lowering, tree: Transpose) -> InputError:
    """Return the error for `x^T` where nothing says that x is a vector."""
    shown = low.source.text[tree.base.at[0] : tree.base.at[1]]
    power = ", or the power T" if tree.letter else ""
    return low.error(
        f"{shown}^T: the transpose of a vector{power}? Nothing says that {shown} is a vector",
        tree.at,
        expected=r"\mathbf{x}^\top, or a declaration: where x in R^{n}",
        hint="the transpose of a number is the number: leave it out",
    )


def check_known_number(low: Lowering, before: str, factor: Tree) -> None:
    """`W x` with W a matrix: is x, of which the page says nothing, a number or a vector?"""
    for s in _maybe_vectors(factor):
        name = low.know.name(base_name(low.know, s))
        plain = not (s.subs or s.bold or s.paren) and name not in ("e", "π")
        if plain and name in low.inputs and name not in low.know.shapes and name not in low.ranks:
            raise low.error(
                f"is {name}, after {before}, a number or a vector? the page does not say",
                s.at,
                expected=f"a declaration: where {name} in R (a number), where {name} in R^{{n}} (a vector)",
                hint="or write numbers in front",
            )


def _maybe_vectors(factor: Tree) -> list[Sym]:
    """Return the symbols that would be vectors if the factor is one; beside a number, as in 1 - a, it is none."""
    inner = unwrap(factor)
    if isinstance(inner, Sym):
        return [inner]
    if isinstance(inner, Mul):
        return [s for _, f in inner.factors for s in _maybe_vectors(f)]
    if isinstance(inner, Add) and not any(isinstance(t, Num) for _, t in inner.terms):
        return [s for _, t in inner.terms for s in _maybe_vectors(t)]
    return []


def check_counting(low: Lowering, name: str, axis: int, sub: Tree) -> None:
    """One axis that is counted from 0 in one place and from 1 in another: x_0 would become x_1."""
    bases = {low.scope[x.name].base for x in symbols(sub) if x.name in low.scope}
    base = next(iter(bases)) if len(bases) == 1 else None
    if base is None:
        return
    earlier, at = low.counted.setdefault((name, axis), (base, sub.at))
    if earlier != base:
        first = low.span(at)
        raise low.error(
            f"axis {axis + 1} of {name} is counted from {base} here, "
            f"but from {earlier} in line {first.line}, column {first.column}",
            sub.at,
            expected=f"one way of counting the entries of {name} in equations that are read together",
            hint="start both sums at 1, or both at 0",
        )


def rank_error(low: Lowering, name: str, tree: Sym, rank: int) -> InputError:
    """Return the error for a name whose indices here do not fit its number of axes."""
    known = low.computed.get(name) or low.ranks.get(name)
    if known is None:
        known = Claim(rank, tree.at)
        where = low.know.shapes[name].declared.span if name in low.know.shapes else None
        text = f"{name} is declared with {axes_text(rank)}" + (f" in line {where.line}" if where else "")
        return low.error(
            f"{text}, but has {axes_text(slot_count(low.know, tree))} here", tree.at, expected="one number of axes"
        )
    return rank_conflict(low.source, name, known, Claim(slot_count(low.know, tree), tree.at))
