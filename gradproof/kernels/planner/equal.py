"""Reductions that several equations hold: made once.

The gradient of what a batch norm gets holds the sums of d_y and of d_y*xhat over the batch. They are the gradients of
beta and gamma too, and are read from these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradproof.derive.nodes import Element, elements, substitute
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.flatten import Work

#: What two statements have in common that compute the same.
Key = tuple[object, ...]


def with_equal_once(works: Sequence[Work], storage: dict[str, Storage]) -> tuple[Work, ...]:
    """Return the works in which no temporary holds the same reduction as another one or as a tensor."""
    works = tuple(works)
    while group := next(_equal(works, storage), None):
        works = _once(group, works, storage)
    return works


def _equal(works: Sequence[Work], storage: Mapping[str, Storage]) -> Iterator[list[Statement]]:
    """Yield statements that compute the same reduction, a tensor's first, a temporary's last; none of a recurrence."""
    written = Counter(s.name for w in works for s in w.statements)
    found: dict[Key, list[Statement]] = {}
    for s in (s for w in works if w.step is None for s in w.statements):
        if s.reduced and written[s.name] == 1 and s.target.indices == s.free:
            found.setdefault(_key(s, storage[s.name]), []).append(s)
    yield from (sorted(g, key=_is_temporary) for g in found.values() if len(g) > 1 and any(map(_is_temporary, g)))


def _key(s: Statement, kept: Storage) -> Key:
    return s.free, s.reduced, s.kind, s.expr, s.conditions, s.guards, kept


def _is_temporary(s: Statement) -> bool:
    return "~" in s.name


def _once(group: list[Statement], works: Sequence[Work], storage: dict[str, Storage]) -> tuple[Work, ...]:
    """Return the works in which the first of a group stands where any of them stood first, for all temporaries."""
    name, gone = group[0].name, {s.name for s in group[1:] if _is_temporary(s)}
    for temporary in gone:
        del storage[temporary]
    first = next(s.name for w in works for s in w.statements if s.name in (name, *gone))
    out = []
    for work in works:
        left = (
            group[0] if s.name == first else s
            for s in work.statements
            if s.name == first or s.name not in (name, *gone)
        )
        out.append(replace(work, statements=tuple(_reading(s, name, gone) for s in left)))
    return tuple(out)


def _reading(s: Statement, name: str, gone: set[str]) -> Statement:
    """Return the statement as it reads a tensor instead of others."""

    def go(e: Any) -> Any:
        return substitute(e, {r: Element(name, *r.indices) for r in elements(e) if r.name in gone})

    return replace(
        s,
        expr=go(s.expr),
        conditions=tuple(map(go, s.conditions)),
        guards=tuple(map(go, s.guards)),
        target=go(s.target),
    )
