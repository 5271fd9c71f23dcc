"""What may be wrong with a symbol: a number below that could be an entry, indices that do not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradproof.derive.latex.ranks import Claim, axes_text, base_name, rank_conflict, slot_count
from gradproof.derive.latex.refusals import is_minus_one
from gradproof.derive.latex.tree import Power, Sym, Tree
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
