"""Values of costly functions that several statements need: computed once, by a statement of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Reduce, elements, free_indices, order_key, substitute
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.flatten import Work

#: What costs less than to keep it.
_CHEAP = frozenset(("abs", "sign", "relu", "max", "min", "clip", "floor"))


def with_shared(works: Sequence[Work], storage: dict[str, Storage]) -> tuple[Work, ...]:
    """Return the works in which a call that several statements make at the same places is made once."""
    for call in _repeated(works):
        works = _shared(call, works, storage)
    return tuple(works)


def _repeated(works: Sequence[Work]) -> list[Call]:
    """Return the calls that stand in two statements or more, outer ones first, in a fixed order."""
    places: dict[Call, set[int]] = {}
    for k, s in enumerate(s for w in works for s in w.statements):
        for call in s.expr.atoms(Call):
            places.setdefault(call, set()).add(k)
    found = [c for c, at in places.items() if len(at) > 1 and c.name not in _CHEAP and free_indices(c)]
    return sorted(found, key=lambda c: (-len(order_key(c)), order_key(c)))


def _shared(call: Call, works: Sequence[Work], storage: dict[str, Storage]) -> Sequence[Work]:
    users = [s for w in works for s in w.statements if call in s.expr.atoms(Call)]
    if len(users) < 2 or not _inside(call, storage):
        return works
    axes = [i for i in dict.fromkeys((*users[0].free, *users[0].reduced)) if i in free_indices(call)]
    name = _name(users[0].name, call.name, storage)
    nothing = (0,) * len(axes)
    storage[name] = Storage(tuple(i.size for i in axes), nothing, nothing)
    element = Element(name, *axes)
    made = Statement(users[0].number, element, tuple(axes), (), "map", call)
    out = []
    for work in works:
        statements: list[Statement] = []
        for s in work.statements:
            if s is users[0]:
                statements.append(made)
            statements.append(replace(s, expr=substitute(s.expr, {call: element})) if s in users else s)
        out.append(replace(work, statements=tuple(statements)))
    return out


def _inside(call: Call, storage: dict[str, Storage]) -> bool:
    """Are all reads inside their arrays wherever the indices run, and is nothing reduced?"""
    return not call.atoms(Reduce) and all(
        isinstance(slot, Index) and slot.size == n
        for e in elements(call)
        for slot, n in zip(e.indices, storage[e.name].shape, strict=True)
    )


def _name(target: str, function: str, storage: dict[str, Storage]) -> str:
    base = f"{target.split('~', maxsplit=1)[0]}~{function.strip(chr(39))}"
    return next(n for n in (base if k == 1 else f"{base}~{k}" for k in range(1, 1000)) if n not in storage)
