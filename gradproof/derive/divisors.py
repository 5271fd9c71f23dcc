"""Sizes that an index is divided by, as a stride is in `(h+p-r*u)/s`: the equations hold where these are at least 1."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Size
from gradproof.derive.nodes import Quotient


def divisors(expressions: Iterable[Basic]) -> tuple[Size, ...]:
    """Return the sizes by which something in the expressions is divided exactly, by name.

    A stride of 0 reads one place again and again: a system may have it, but its gradient by division has not.
    """
    found: set[Basic] = set()
    for e in expressions:
        found |= {s for q in e.atoms(Quotient) for s in q.den.free_symbols}
        found |= {s for c in e.atoms(Condition) if c.kind == "divides" for s in c.operands[0].free_symbols}
    return tuple(sorted((s for s in found if isinstance(s, Size)), key=lambda s: s.name))
