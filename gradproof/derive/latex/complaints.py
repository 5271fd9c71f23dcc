"""What may be wrong with a symbol: a number below that could be an entry, indices that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive.latex.ranks import Claim, axes_text, rank_conflict, slot_count
from gradproof.derive.latex.tree import Sym
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
