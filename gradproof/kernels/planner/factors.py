"""Factors of what windows add: they go to the terms, of which there are fewer than places that these are added to.

`d_x[h] = 1/k * sum[i, 0 <= h+p-s*i < k] d_y[i]`, where windows begin every s places, becomes `t[i] = d_y[i]/k` and
`d_x[h] = sum[i, 0 <= h+p-s*i < k] t[i]`: no sum is kept beside d_x, and none is read again. Where k is 0, there are no
terms, and 1/0 times nothing is no number: nan is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sympy as sp
from sympy import Expr, Mul

from gradproof.derive.conditions import equals_zero
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.flatten import Work
from gradproof.kernels.planner.windows import added


def with_factors(works: Sequence[Work], storage: dict[str, Storage]) -> tuple[Work, ...]:
    """Return the works in which no sum that windows add up is multiplied by a number afterwards."""
    statements = [s for w in works for s in w.statements]
    out = []
    for work in works:
        own = list(work.statements)
        for s in work.statements if work.step is None else ():
            readers = [t for t in statements if s.name in {e.name for e in reads(t)}]
            made = list(_instead(s, readers[0], statements, storage)) if len(readers) == 1 and readers[0] in own else []
            if made:
                own = [t for o in own if o is not readers[0] for t in (made if o is s else (o,))]
                del storage[s.name]
        out.append(replace(work, statements=tuple(own)))
    return tuple(out)


def _instead(
    s: Statement, reader: Statement, statements: Sequence[Statement], storage: dict[str, Storage]
) -> Iterator[Statement]:
    """Yield what makes the terms, their sum, and what adds nan where there are none; nothing where that is wrong."""
    factor = _factor(s, reader, storage)
    adds = [t for t in added(s, statements, storage) if t.kind == "add"] if factor is not None else []
    if factor is None or not adds:
        return
    sizes = _divisors(factor)
    own = {i.size for i in reader.free}  # where one of these is 0, there is no place to write either
    if sizes is None or not sizes <= own | {i.size for i in adds[0].free}:
        return
    axes = tuple(i for i in s.expr.indices if isinstance(i, Index))
    base, nothing = f"{reader.name}~term", (0,) * len(axes)
    name = next(n for n in (base if k == 1 else f"{base}~{k}" for k in range(1, 1000)) if n not in storage)
    storage[name] = Storage(storage[s.expr.name].shape, nothing, nothing)
    yield Statement(s.number, Element(name, *axes), axes, (), "map", factor * s.expr)
    yield replace(s, target=reader.target, expr=Element(name, *axes))
    for size in sorted(sizes - own, key=str):
        yield replace(reader, kind="add", expr=sp.nan, conditions=(equals_zero(size),))


def _factor(s: Statement, reader: Statement, storage: dict[str, Storage]) -> Expr | None:
    """Return by what number the reader multiplies a temporary sum of whole arrays; None where it does other things."""
    known = storage[s.expr.name] if isinstance(s.expr, Element) else None
    if s.kind != "sum" or "~" not in s.name or known is None or any((*known.low, *known.high)):
        return None
    if reader.kind != "map" or reader.target.indices != s.target.indices or reader.free != s.free:
        return None
    if [i.size if isinstance(i, Index) else None for i in s.expr.indices] != list(known.shape):
        return None
    return reader.expr / Element(s.name, *s.target.indices) if len(set(s.expr.indices)) == len(known.shape) else None


def _divisors(factor: Expr) -> set[Size] | None:
    """Return the sizes that a product of powers of sizes is divided by; None for any other number."""
    powers = [f.as_base_exp() for f in Mul.make_args(factor) if not f.is_Rational]
    if not all(isinstance(base, Size) and exponent.is_Integer for base, exponent in powers):
        return None
    return {base for base, exponent in powers if exponent < 0}
