"""Proofs that two tensors are equal for all sizes: the canonical forms of their equations are the same.

Three ways, the cheapest first: tensors that both systems compute stand for one another wherever their equations agree
(induction over the order of evaluation, which also covers recurrences); all definitions written in; both again
with the stated assumptions. A recurrence and a closed form are shown equal by induction over the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import Expr

from gradproof.derive.canonical import closed_values, difference
from gradproof.derive.canonical.inline import written_in
from gradproof.derive.facts import assumption_facts
from gradproof.derive.index import Index
from gradproof.derive.mapping import renamed_elements
from gradproof.derive.matching.induction import Induction, inductions, unfolded_here
from gradproof.derive.matching.merge import Merged, Pair
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import elements, names_in, substitute
from gradproof.derive.normal.context import ALGEBRA, Context, row_lows
from gradproof.derive.normal.factors import operations

#: Expressions with more operators than this are not written in: bringing them to one form would take too long.
MOST_OPERATIONS = 600
NONE: Mapping[str, Equation] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved: names of the second system's tensors, each with the assumptions that its proof used.

    `inductions` are those among them that were proved by induction over the rows of a recurrence.
    """

    proved: Mapping[str, tuple[str, ...]]
    inductions: Mapping[str, Induction] = field(default_factory=dict)


def prove(merged: Merged, without: Collection[str] = ()) -> Proof:
    """Return which of the twins are proved equal."""
    proved: dict[str, tuple[str, ...]] = {}
    shown: dict[str, Induction] = {}
    plain = _context(merged.system, ("all",))
    assuming = _context(merged.system, without)
    for context in (plain, assuming):
        if context is assuming and not assuming.facts:
            break
        for by_rows, inline in ((False, False), (False, True), (True, True)):
            if all(p.second in proved for p in merged.pairs):
                break
            del context.notes[:]
            found = inductions(merged, context) if by_rows else {}
            if by_rows and not found:
                continue
            shown |= {n: i for n, i in found.items() if n not in proved}
            agreeing = {*found, *_agreeing(merged, context, inline=inline, forms=_usable(found, merged.system))}
            used = tuple(dict.fromkeys(n.fact for n in context.notes if n.rule == "assume"))
            proved |= {name: used for name in agreeing if name not in proved}
    return Proof(proved, shown)


def _usable(found: Mapping[str, Induction], system: System) -> dict[str, Equation]:
    """Return the closed forms that may be put for a recurrence anywhere: nothing else reads what is beyond its edge."""
    forms = {i.closed.name: i.closed for i in found.values()}
    edged = {n for n in forms if system[n].outside is not None or len(system.equations_of(n)) > 1}
    read = [x for e in system.definitions if e.name not in forms for x in elements(e.value) if x.name in edged]
    beyond = {x.name for x in read if not all(isinstance(i, Index) for i in x.indices)}
    return {n: e for n, e in forms.items() if n not in beyond}


def _context(system: System, without: Collection[str]) -> Context:
    """Return a context in which sums are split over all that is added (every tensor counts as linear)."""
    facts = tuple(assumption_facts(system, without))
    names = frozenset(system.by_name)
    return Context(system.by_name, names, rules=ALGEBRA | {"assume"}, lows=row_lows(system), facts=facts)


def _agreeing(merged: Merged, context: Context, *, inline: bool, forms: Mapping[str, Equation] = NONE) -> set[str]:
    """Return the twins whose equations agree, each of them standing for its partner in all the others.

    Assumed of all, then dropped where the equations do not agree, until all that are left do: by induction over the
    order of evaluation these are equal. With `inline` only recurrences stand for one another, the rest is written in;
    with closed forms, which are put for recurrences, an output may also agree after one step of those that are left.
    """
    system = merged.system
    closed = closed_values(system)
    standing = {p.second: p for p in merged.twins if not (inline and p.second in closed)}
    while True:
        kept = _kept(merged, standing, inline=inline)
        values = _with_forms(closed_values(system, kept), forms)
        failed = [p.second for p in standing.values() if not _agree(p, standing, values, system, context)]
        if not failed:
            break
        for name in failed:
            del standing[name]
    rest = [p for p in merged.pairs if p.second not in standing] if inline else []
    agreeing = {p.second for p in rest if _agree(p, standing, values, system, context)}
    if forms:
        steps = _steps(merged, values)
        agreeing |= {p.second for p in rest if _agree(p, standing, values, system, context, steps=steps)}
    return {*standing, *agreeing}


def _with_forms(values: Mapping[str, Equation], forms: Mapping[str, Equation]) -> dict[str, Equation]:
    """Return the definitions with closed forms put for recurrences."""
    return {**{n: written_in(e, forms) for n, e in values.items()}, **forms}


def _steps(merged: Merged, values: Mapping[str, Equation]) -> dict[str, Equation]:
    """Return the first system's recurrences, each with definitions written in."""
    system = merged.system
    mine = [e for e in system.definitions if e.kind is Kind.DEFINE and e.name not in {*values, *merged.own}]
    return {e.name: written_in(e, values) for e in mine if all(isinstance(i, Index) for i in e.target.indices)}


def _kept(merged: Merged, standing: Mapping[str, Pair], *, inline: bool) -> set[str]:
    """Return the names that are not written in: the partners, and what the second system takes from the first."""
    kept = {n for p in standing.values() for n in (p.first, p.second)}
    if not inline:
        mine = {e.name for e in merged.system.definitions} - set(merged.own)
        kept |= {n for e in merged.system.definitions if e.name in merged.own for n in names_in(e.value) if n in mine}
    return kept


def _agree(
    pair: Pair,
    standing: Mapping[str, Pair],
    values: Mapping[str, Equation],
    system: System,
    context: Context,
    *,
    steps: Mapping[str, Equation] = NONE,
) -> bool:
    """Do all equations of both have the same form, with partners under one name, after a step of `steps`?"""
    mine, yours = system.equations_of(pair.first), system.equations_of(pair.second)
    if len(mine) != len(yours) or system[pair.first].outside != system[pair.second].outside:
        return False
    starts = {_slots(e): e for e in mine if e.kind is Kind.START}
    for e in yours:
        partner = starts.get(_slots(e)) if e.kind is Kind.START else next(m for m in mine if m.kind is Kind.DEFINE)
        if partner is None:
            return False
        left, right = _sides(partner, e, standing, values)
        left, right = (unfolded_here(side, steps, system) for side in (left, right))
        if operations(left) + operations(right) > MOST_OPERATIONS:
            return False
        if left != right and difference(left, right, context) != 0:
            return False
    return True


def _slots(e: Equation) -> tuple[str, ...]:
    """Return the fixed rows of a start equation; free axes are all alike."""
    return tuple("" if isinstance(i, Index) else str(i) for i in e.target.indices)


def _sides(
    mine: Equation, yours: Equation, standing: Mapping[str, Pair], values: Mapping[str, Equation]
) -> tuple[Expr, Expr]:
    """Return both values over the first one's indices, definitions written in, partners under one name."""
    slots = dict(zip(yours.target.indices, mine.target.indices, strict=True))
    right = substitute(written_in(yours, values).value, slots)
    return _under_one_name(written_in(mine, values).value, standing), _under_one_name(right, standing)


def _under_one_name(e: Expr, standing: Mapping[str, Pair]) -> Expr:
    return renamed_elements(e, {n: p.first for n, p in standing.items()})
