"""Sums and maxima over several indices, in parts: what lies innermost is reduced first, into a temporary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.plan import Statement, Storage

#: Reductions that may be made in parts.
_PARTS = ("sum", "max", "min")


def split(s: Statement, ranked: Sequence[Index], storage: dict[str, Storage]) -> Iterator[Statement]:
    """Yield statements that reduce one index each, or only indices that lie outside a free one."""
    chain = [i for i in ranked if i in s.free or i in s.reduced]
    if s.kind not in _PARTS or len(s.reduced) < 2 or chain[-1] not in s.reduced:
        yield s
        return
    outer = tuple(i for i in chain[:-1] if i in s.reduced)
    kept = tuple(chain[:-1])
    name = _name(s.name, storage)
    nothing = (0,) * len(kept)
    storage[name] = Storage(tuple(i.size for i in kept), nothing, nothing, wide=s.kind == "sum")
    element = Element(name, *kept)
    yield replace(s, target=element, free=kept, reduced=(chain[-1],))
    yield from split(replace(s, reduced=outer, expr=element, conditions=()), ranked, storage)


def _name(target: str, storage: dict[str, Storage]) -> str:
    base = f"{target.split('~', maxsplit=1)[0]}~row"
    return next(n for n in (base if k == 1 else f"{base}~{k}" for k in range(1, 1000)) if n not in storage)
