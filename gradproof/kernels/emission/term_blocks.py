"""Sums along a row whose terms cannot be negative: blocks of terms in the module's type, blocks in float64.

To widen each term takes as long as a third of an exponential. Terms of one sign lose nothing to each other: what a
block adds up is off by a few roundings of its own sum, and so is the whole, however long the row is. What is left
beside whole blocks, where a sum would run place by place, is widened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from sympy import Expr

from gradproof.derive.nodes import Call, Element
from gradproof.kernels.emission.streams import free_name
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.tree import Row

#: How many terms a block has. Blocks of 128 are no faster.
BLOCK_OF_TERMS = 64
#: In float64 there is nothing to widen, and there are no blocks.
TERMS = {
    "float32": f"TERMS = np.uint64({BLOCK_OF_TERMS})  # so many exponentials are added up in `real` at a time",
    "float64": "TERMS = np.uint64(2**62)  # so many exponentials would be added up apart: `real` has what a sum needs",
}


def in_real(s: Statement, row: Row, storage: Mapping[str, Storage]) -> bool:
    """Is it a sum along the row of exponentials, which are not negative, that is rounded to the module's type?"""
    made = {o.target: o.expr for o in row.statements if o.kind == "map"}
    return s.kind == "sum" and s.reduced == (row.index,) and not storage[s.name].wide and _is_exp(s.expr, made)


def _is_exp(e: Expr, made: Mapping[Element, Expr]) -> bool:
    e = made.get(e, e) if isinstance(e, Element) else e
    return isinstance(e, Call) and e.name == "exp"


def in_term_blocks(
    lines: Sequence[str],
    counter: str,
    sums: Sequence[str],
    *,
    size: str,
    taken: Collection[str],
    fetch: Callable[[str, str], Sequence[str]],
) -> list[str]:
    """Return the loop of a row: in whole blocks of terms, whose length is known, and over what is left.

    Args:
        lines: what is done at each place.
        counter: the loop's variable.
        sums: the names of what runs in float64.
        size: how many places there are.
        taken: names that are not free.
        fetch: the lines that have memory fetched, from a place on, in a row of that size.
    """
    names: dict[str, str] = {}
    for wish in ("size", "whole", "first", "k", *(f"{name}_terms" for name in sums)):
        names[wish] = free_name(wish, {*taken, *names.values()})
    end, whole, first, k, *terms = names.values()
    text = "\n".join(lines)
    block = text
    for name, own in zip(sums, terms, strict=True):
        block = re.sub(rf"^{name} \+=", f"{own} +=", block, flags=re.MULTILINE)
    return [
        f"{end} = np.uint64({size})",
        f"{whole} = {end} - {end} % TERMS",
        f"for {first} in range(np.uint64(0), {whole}, TERMS):",
        *[f"    {line}" for line in fetch(first, end)],
        *[f"    {own} = real(0.0)" for own in terms],
        f"    for {k} in range(TERMS):",
        f"        {counter} = {first} + {k}",
        *[f"        {line}" for line in block.splitlines()],
        *[f"    {name} += {own}" for name, own in zip(sums, terms, strict=True)],
        f"for {counter} in range({whole}, {end}):",
        *[f"    {line}" for line in text.splitlines()],
    ]
