"""What may be wrong with a symbol: a number below that could be an entry, indices that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive.latex.ranks import Claim, axes_text, rank_conflict, slot_count
from gradproof.derive.latex.tree import Sym, Tree
from gradproof.derive.latex.walk import symbols
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
