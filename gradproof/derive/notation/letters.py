"""Choose the letters of indices: the text's own for that range, else the size's small letter, else one from a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sympy import Basic, Expr, Symbol

from gradproof.derive.edges import Edge, edges_of
from gradproof.derive.index import Index, Size, is_fresh
from gradproof.derive.model import Role, System
from gradproof.derive.nodes import free, names_in
from gradproof.derive.notation.boxes import Big, Binder, Sum, Sym, map_box, symbols_in
from gradproof.derive.notation.written import Written, ordered_integers

POOL = "ikjluvabcghnopqrstwxyz"


@dataclass(frozen=True)
class Names:
    """What is known about names when an expression is shown.

    Attributes:
        taken: names of tensors and sizes, which no index may bear.
        letters: for a range, the letters that the text uses for its indices.
        inputs: tensors that come in; a lone scalar among them stands last in a sum (w*x + b).
        shapes: of all tensors, where known; an index that no axis of its range tells is shown with its bound.
        edges: of tensors with `outside x = 0`: the guards of their reads go without saying.
        written: the order of terms and factors in the text.
    """

    taken: frozenset[str] = frozenset()
    letters: Mapping[Expr, tuple[str, ...]] = field(default_factory=dict)
    inputs: frozenset[str] = frozenset()
    shapes: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    written: Written = field(default_factory=dict)

    @classmethod
    def of(cls, system: System) -> Names:
        """Return what a system says about names."""
        return cls(
            taken=frozenset(t.name for t in system.tensors)
            | frozenset(s.name for s in system.sizes)
            | set(system.functions),
            letters=dict(system.index_names),
            inputs=frozenset(t.name for t in system.tensors if t.role in (Role.GIVEN, Role.PARAM)),
            shapes={t.name: t.shape for t in system.tensors},
            edges=edges_of(system),
            written=system.written,
        )

    def plus(self, *expressions: Basic) -> Names:
        """Return the names with those added that stand in the expressions."""
        found = {n for e in expressions for n in names_in(e)}
        found |= {s.name for e in expressions for s in free(e) if isinstance(s, Size)}
        return self if found <= self.taken else replace(self, taken=self.taken | found)


def choose(names: Names, size: Expr, used: Iterable[str]) -> str:
    """Return a letter for an index of this range."""
    used = set(used)
    for letter in _candidates(names, size):
        if letter not in used and letter not in names.taken:
            return letter
    return next(f"i{k}" for k in range(1, 10_000) if f"i{k}" not in used and f"i{k}" not in names.taken)


def _candidates(names: Names, size: Expr) -> list[str]:
    own = [*names.letters.get(size, ())]
    if isinstance(size, Size) and len(size.name) == 1 and size.name.isupper():
        own.append(size.name.lower())
    foreign = {letter for n, letters in names.letters.items() if n != size for letter in letters}
    return own + [c for c in POOL if c not in foreign] + [c for c in POOL if c in foreign]


def name_free(names: Names, box: Any, first: Iterable[Symbol] = ()) -> dict[Symbol, str]:
    """Return letters for the free indices: their own where they have one; `first` come first."""
    symbols = list(dict.fromkeys([*first, *symbols_in(box)]))
    bound = _bound(box)
    chosen: dict[Symbol, str] = {}
    pending = []
    for s in symbols:
        if isinstance(s, Index):
            if is_fresh(s) or s.name in chosen.values():
                pending.append(s)
            else:
                chosen[s] = s.name
        elif s not in bound:
            chosen[s] = s.name
    for s in pending:
        chosen[s] = choose(names, s.size, chosen.values())
    return chosen


def _bound(box: Any) -> set[Symbol]:
    out: set[Symbol] = set()

    def go(b: Any) -> Any:
        if isinstance(b, Binder):
            out.add(b.index.symbol)
        return map_box(b, go)

    go(box)
    return out


def _told_first(order: list[Symbol], own: Mapping[Symbol, Binder]) -> list[Symbol]:
    """Return the bound indices with u<k before j<u: a reader must know u to see that j is what j<u binds."""
    out: list[Symbol] = []
    met: set[Symbol] = set()

    def put(s: Symbol) -> None:
        if s not in met:
            met.add(s)
            for other in symbols_in(own[s].bound) if own[s].bound is not None else ():
                if other in own and own[other].op:
                    put(other)
            out.append(s)

    for s in order:
        put(s)
    return out


def put_letters(names: Names, box: Any, scope: Mapping[Symbol, str]) -> Any:
    """Return the display tree with every symbol named; bound indices get letters in order of first appearance."""
    go = partial(put_letters, names, scope=scope)
    if isinstance(box, Sym):
        return Sym(box.symbol, scope.get(box.symbol, box.symbol.name))
    if not isinstance(box, Big):
        if isinstance(box, Sum) and box.tight and names.written:
            box = ordered_integers(names.written, box)
        return map_box(box, go)
    own = {b.index.symbol: b for b in box.binders}
    order = list(own) if box.fixed else [s for s in symbols_in(box) if s in own]
    inner = dict(scope)
    for s in own:
        inner.pop(s, None)
    for s in order:
        inner[s] = choose(names, own[s].size, inner.values())
    return map_box(
        Big(box.op, tuple(own[s] for s in _told_first(order, own)), box.conditions, box.body, box.fixed),
        partial(put_letters, names, scope=inner),
    )
