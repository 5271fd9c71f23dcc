"""Quotients in indices are exact: `x[i/2]` asks for a condition that says where i/2 is a whole number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Basic, Mul, Symbol

from gradproof.derive.conditions import Condition
from gradproof.derive.nodes import Iverson, Product, Quotient, Reduce, free, order_key

#: Conditions from which divisibility may follow: s | e, e == 0, and what excludes a remainder.
_KINDS = ("divides", "eq", "not")
Symbols = frozenset[Symbol]


def unconditional_quotient(e: Basic) -> Quotient | None:
    """Return a quotient in an expression that no condition around it speaks of, None where there is none.

    Whether a condition that speaks of it is enough is not proved here.
    """
    return min(_unconditional(e, frozenset()), key=order_key, default=None)


def _unconditional(e: Basic, known: Symbols) -> Iterator[Quotient]:
    if isinstance(e, Quotient):
        if not free(e.num) & known:
            yield e
    elif not e.atoms(Quotient):
        return
    elif isinstance(e, Reduce):
        yield from _parts((e.body, *e.conditions), known | _told(e.conditions))
    elif isinstance(e, Mul | Product | Iverson):
        brackets = [f for f in (e, *e.args) if isinstance(f, Iverson)]
        yield from _parts(e.args, known | _told(c for b in brackets for c in b.conditions))
    else:
        yield from _parts(e.args, known)


def _parts(parts: Iterable[Basic], known: Symbols) -> Iterator[Quotient]:
    for part in parts:
        yield from _unconditional(part, known)


def _told(conditions: Iterable[Condition]) -> Symbols:
    return frozenset(s for c in conditions if c.kind in _KINDS for s in free(c))
