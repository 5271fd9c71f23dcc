"""One index object for the same axis in all statements: the classes of a union-find over (statement, index).

Accesses that read what another statement writes at the same place come first, then shifted ones (`h[t-1]`), then
inputs that several statements read at the same axis. Two indices of one statement never become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr

from gradproof.derive.index import Index, fresh, is_fresh
from gradproof.derive.nodes import Element, Quotient, free_indices, order_key, substitute
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import plain, reads, shifted
from gradproof.kernels.planner.flatten import Work

#: A statement's position, and one of its indices.
Member = tuple[int, Index]


def with_classes(works: Sequence[Work]) -> tuple[Work, ...]:
    """Return the works with one index for each class."""
    statements = [s for w in works for s in w.statements]
    names = _named(_united(statements, works), statements)
    out, k = [], 0
    for work in works:
        own = []
        step = work.step
        for s in work.statements:
            mapping = {i: names[k, i] for i in indices_of(s)}
            own.append(_renamed(s, mapping))
            step = mapping.get(work.step, step) if work.step is not None else None
            k += 1
        out.append(replace(work, statements=tuple(own), step=step))
    return tuple(out)


def indices_of(s: Statement) -> tuple[Index, ...]:
    """Return the indices of a statement, free ones first."""
    inside = {i for e in (s.expr, *s.conditions, *s.guards) for i in free_indices(e)}
    known = tuple(dict.fromkeys((*s.free, *s.reduced)))
    return (*known, *sorted(inside - set(known), key=lambda i: i.name))


def _renamed(s: Statement, mapping: dict[Index, Index]) -> Statement:
    def go(e: Any) -> Any:
        return substitute(e, mapping)

    return replace(
        s,
        target=go(s.target),
        free=tuple(mapping[i] for i in s.free),
        reduced=tuple(mapping[i] for i in s.reduced),
        expr=go(s.expr),
        conditions=tuple(go(c) for c in s.conditions),
        guards=tuple(go(c) for c in s.guards),
    )  # fmt: skip


@dataclass
class _Union:
    """Sets of members; each knows its statements, so that two indices of one statement stay apart."""

    parent: dict[Member, Member] = field(default_factory=dict)
    members: dict[Member, set[Member]] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        self.parent[member] = member
        self.members[member] = {member}

    def find(self, member: Member) -> Member:
        while self.parent[member] != member:
            member = self.parent[member]
        return member

    def join(self, a: Member, b: Member) -> None:
        a, b = self.find(a), self.find(b)
        if a == b or a[1].size != b[1].size:
            return
        if {k for k, _ in self.members[a]} & {k for k, _ in self.members[b]}:
            return
        self.parent[b] = a
        self.members[a] |= self.members.pop(b)


def _united(statements: list[Statement], works: Sequence[Work]) -> _Union:
    union = _Union()
    for k, s in enumerate(statements):
        for i in indices_of(s):
            union.add((k, i))
    for a, b in (*_steps(works), *_produced(statements), *_same_target(statements), *_same_input(statements)):
        union.join(a, b)
    return union


def _steps(works: Sequence[Work]) -> Iterator[tuple[Member, Member]]:
    """A recurrence's statements share its step."""
    k = 0
    for work in works:
        if work.step is not None:
            yield from (((k, work.step), (k + j, work.step)) for j in range(1, len(work.statements)))
        k += len(work.statements)


def _produced(statements: list[Statement]) -> Iterator[tuple[Member, Member]]:
    """Accesses to what other statements write: those at the same place first."""
    late = []
    writers: dict[str, list[int]] = {}
    for k, s in enumerate(statements):
        writers.setdefault(s.name, []).append(k)
    for k, s in enumerate(statements):
        for access in reads(s):
            for p in writers.get(access.name, ()):
                slots = list(zip(statements[p].target.indices, access.indices, strict=True))
                pairs = [((p, own), (k, index)) for own, read in slots
                         if plain(own) is not None and (index := shifted(read)) is not None]  # fmt: skip
                if all(plain(read) is not None for _, read in slots):
                    yield from pairs
                else:
                    late += pairs
    yield from late


def _same_target(statements: list[Statement]) -> Iterator[tuple[Member, Member]]:
    """Statements that write parts of one tensor: its start rows, and its steps."""
    first: dict[tuple[str, int], Member] = {}
    for k, s in enumerate(statements):
        for axis, slot in enumerate(s.target.indices):
            if (index := plain(slot)) is not None:
                yield first.setdefault((s.name, axis), (k, index)), (k, index)


def _same_input(statements: list[Statement]) -> Iterator[tuple[Member, Member]]:
    """Reads at the same axis, inputs first, and reads of the same affine form (both uses of a patch)."""
    written = {s.name for s in statements}
    first: dict[tuple[str, int], Member] = {}
    forms: dict[tuple[object, ...], list[Member]] = {}
    for known in (False, True):
        for k, s in enumerate(statements):
            for access in (a for a in reads(s) if (a.name in written) == known):
                for axis, slot in enumerate(access.indices):
                    if (index := plain(slot)) is not None:
                        yield first.setdefault((access.name, axis), (k, index)), (k, index)
                if any(plain(slot) is None for slot in access.indices):
                    own = [(k, i) for i in _numbered(access)]
                    yield from zip(forms.setdefault(_form(access), own), own, strict=True)


def _numbered(access: Element) -> dict[Index, Index]:
    """Return for each index of a read a numbered one, counted by slot, and in a slot by what it is multiplied by."""
    found = [i for slot in access.indices for i in sorted(free_indices(slot), key=lambda i: _weight(slot, i))]
    return {i: Index(f"_{j}", i.size) for j, i in enumerate(dict.fromkeys(found))}


def _weight(slot: Expr, index: Index) -> tuple[str, str]:
    return order_key(slot.diff(index) if not slot.atoms(Quotient) else slot), order_key(index.size)


def _form(access: Element) -> tuple[object, ...]:
    """Return what two reads of the same affine form have in common: their text over numbered indices."""
    numbered = _numbered(access)
    return access.name, *(order_key(substitute(slot, numbered)) for slot in access.indices), *numbered.values()


def _named(union: _Union, statements: list[Statement]) -> dict[Member, Index]:
    """Return the index of each member's class: named as most of its members are, no two alike."""
    roots = sorted({union.find(m) for m in union.parent}, key=lambda r: _first(union.members[r], statements))
    roots.sort(key=lambda r: -len(union.members[r]))
    chosen: dict[Member, Index] = {}
    taken: set[Index] = set()
    for root in roots:
        index = _name(union.members[root])
        if index is None or index in taken:
            index = fresh(root[1].size)
        taken.add(index)
        chosen[root] = index
    return {m: chosen[union.find(m)] for m in union.parent}


def _first(members: Iterable[Member], statements: list[Statement]) -> tuple[int, int]:
    return min((k, indices_of(statements[k]).index(i)) for k, i in members)


def _name(members: set[Member]) -> Index | None:
    counted = Counter(i for _, i in members if not is_fresh(i))
    return min(counted, key=lambda i: (-counted[i], i.name)) if counted else None
