"""What a normalisation works with: the rules in force, the facts it may use, and a log of what it used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sympy import Basic, Expr

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.model import Kind, System, Tensor
from gradproof.derive.nodes import Element, names_in, order_key

if TYPE_CHECKING:
    from gradproof.derive.normal.definition import Definition

SIFT = frozenset({"sift"})
ALGEBRA = SIFT | {"linear", "pull"}
FOLD = ALGEBRA | {"fold"}
OUTPUT = FOLD | {"output"}
KNOWN = OUTPUT | {"known"}
ALL_RULES = KNOWN | {"assume"}


@dataclass(frozen=True, slots=True)
class Note:
    """A rule that fired, what it used by name, the equation it comes from, and what it says in words."""

    rule: str
    fact: str = ""
    equation: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A sum that is known: `pattern` (a reduction over elements) equals `value`, for all values of `variables`."""

    rule: str
    name: str
    pattern: Expr
    value: Expr
    variables: frozenset[Index]
    text: str
    equation: int = 0


#: (kind of work, expression) -> its result and the rules that fired.
Cache = dict[tuple[str, Basic], tuple[Any, tuple[Note, ...]]]


@dataclass
class Context:
    """The state of one derivation's normaliser.

    Attributes:
        tensors: every tensor by name, adjoints included.
        cotangents: names that are linear (seeds and adjoints): sums of them are distributed, others never.
        rules: the rules in force.
        definitions: forward equations to fold back, latest first.
        facts: known sums and assumptions.
        lows: for tensors with start rows, how far below 0 each axis reaches.
        notes: what fired since it was last emptied.
    """

    tensors: Mapping[str, Tensor]
    cotangents: frozenset[str] = frozenset()
    rules: frozenset[str] = ALL_RULES
    definitions: tuple[Definition, ...] = ()
    facts: tuple[Fact, ...] = ()
    lows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    _caches: dict[frozenset[str], Cache] = field(default_factory=dict)
    _cache: Cache = field(init=False)
    _algebra_cache: Cache = field(init=False)
    _by_name: dict[str, list[tuple[int, Definition]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose the caches: a rule that has no fact to use changes nothing, and sums never ask for outputs."""
        in_force = self.rules - ({"known", "assume"} - {f.rule for f in self.facts})
        self._cache = self._caches.setdefault(in_force, {})
        self._algebra_cache = self._caches.setdefault(in_force - {"output"}, {})

    def having(self, **changes: Any) -> Context:
        """Return a context with other rules, facts or definitions, and the same log unless another is given.

        What was computed is remembered for each set of rules, as long as facts and definitions stay the same.
        """
        kept = self._caches if changes.keys() <= {"rules", "notes"} else {}
        by_name = {} if "definitions" in changes else self._by_name
        return replace(self, _caches=kept, _by_name=by_name, **changes)

    def foldable(self, names: frozenset[str]) -> list[Definition]:
        """Return the definitions that can be looked for in an expression over these tensors, in order."""
        if self.definitions and not self._by_name:
            for position, d in enumerate(self.definitions):
                self._by_name.setdefault(min(d.names), []).append((position, d))
        found = [pair for n in names for pair in self._by_name.get(n, ()) if pair[1].names <= names]
        return [d for _, d in sorted(found, key=lambda pair: pair[0])]

    def note(self, rule: str, fact: str = "", equation: int = 0, text: str = "") -> None:
        self.notes.append(Note(rule, fact, equation, text))

    def once(self, kind: str, e: Basic, compute: Callable[[], Any]) -> Any:
        """Compute and remember; what fired then is logged again when the result is used again."""
        cache = self._algebra_cache if kind in ("algebra", "fold") else self._cache
        key = (kind, e)
        if key in cache:
            result, notes = cache[key]
            self.notes.extend(notes)
            return result
        start = len(self.notes)
        result = compute()
        cache[key] = (result, tuple(self.notes[start:]))
        return result

    def is_cotangent(self, e: Basic) -> bool:
        """Does a cotangent occur in e?"""
        return not self.cotangents.isdisjoint(names_in(e))

    def data_facts(self, e: Basic) -> tuple[Expr, ...]:
        """Return what is known (>= 0) of the integer tensors' elements in an index expression."""
        found = sorted(e.atoms(Element), key=order_key)
        bounds = [(a, self.bound(a)) for a in found]
        return tuple(f for a, bound in bounds if bound is not None for f in (a, bound - 1 - a))

    def bound(self, element: Element) -> Expr | None:
        tensor = self.tensors.get(element.name)
        return None if tensor is None else tensor.bound


def row_lows(system: System) -> dict[str, tuple[int, ...]]:
    """Return, for each tensor with start rows, the number of rows below 0 on each axis."""
    lows: dict[str, list[int]] = {}
    for equation in system.definitions:
        if equation.kind is Kind.START:
            low = lows.setdefault(equation.name, [0] * len(equation.target.indices))
            for axis, slot in enumerate(equation.target.indices):
                if slot.is_Integer:
                    low[axis] = max(low[axis], -int(slot))
    return {name: tuple(low) for name, low in lows.items()}


def integer_facts(conditions: list[Condition], near: Expr | None = None) -> tuple[Expr, ...]:
    """Return the expressions that the conditions state to be >= 0, with the ranges of arg-max positions."""
    out = []
    for c in conditions:
        if c.kind == "ge" and (near is None or _shares_index(c.operands[0], near)):
            out.append(c.operands[0])
        if c.kind == "arg":
            reduction, position = c.operands
            for i, n in zip(position, reduction.sizes, strict=True):
                out += [i, n - 1 - i]
    return tuple(dict.fromkeys(out))


def _shares_index(a: Expr, b: Expr) -> bool:
    from gradproof.derive.nodes import free_indices

    return not free_indices(b) or not set(free_indices(a)).isdisjoint(free_indices(b))
