"""Fold definitions back: where the value of a definition stands, write its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Mul, Pow, S

from gradproof.derive.conditions import REAL_KINDS, Condition, truth
from gradproof.derive.nodes import Call, Element, Iverson, Reduce, names_in, substitute
from gradproof.derive.normal.context import Context
from gradproof.derive.normal.definition import Definition
from gradproof.derive.normal.factors import factors, is_leaf, map_args
from gradproof.derive.normal.guards import guarded, reads_inside
from gradproof.derive.normal.match import Binding, match
from gradproof.derive.normal.tidy import tidy
from gradproof.derive.partial import is_partial

MOST_FOLDS = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a definition is looked for: candidates for its head, the pool for its other factors, the conditions."""

    candidates: list[tuple[Expr, Expr]]
    pool: dict[Expr, Expr]
    conditions: list[Condition]
    context: Context


@dataclass(frozen=True, slots=True)
class Found:
    """A definition found in a product: the binding, its power, and what it takes from the factors and conditions."""

    binding: Binding
    power: Expr
    taken: Mapping[Expr, Expr]
    conditions: tuple[Condition, ...]


def fold(e: Expr, context: Context) -> Expr:
    """Fold in every subexpression, products before their parts (else (v + eps)**(-3/2) becomes (r**-2)**(3/2))."""
    if is_leaf(e):
        return e
    return context.once("fold", e, lambda: _fold(e, context))


def _fold(e: Expr, context: Context) -> Expr:
    from gradproof.derive.normal.sums import make_sum

    if e.is_Pow or e.is_Mul or isinstance(e, Reduce | Call):
        folded = _fold_term(e, context)
        if folded != e:
            return folded
    if isinstance(e, Iverson):
        return Iverson(*[_in_condition(c, context) for c in e.conditions])
    if isinstance(e, Reduce):
        opened, body, stated = e.opened()
        inner, conditions = fold(body, context), [_in_condition(c, context) for c in stated]
        if inner == body and conditions == stated:
            return _fold_term(e, context)
        if e.op == "sum":
            return _fold_term(make_sum(opened, conditions, inner, context), context)
        return _fold_term(Reduce(e.op, inner, opened, e.sizes, conditions), context)
    return _fold_term(map_args(e, lambda a: fold(a, context)), context)


def _in_condition(c: Condition, context: Context) -> Condition:
    """Fold the sides of a comparison of real numbers: [x[i] == max[j] x[j]] is [x[i] == y]."""
    if c.kind not in REAL_KINDS:
        return c
    return Condition(c.kind, *[fold(side, context) for side in c.operands])


def _fold_term(term: Expr, context: Context) -> Expr:
    """Fold all definitions into one product, also across the border of its sums."""
    for _ in range(MOST_FOLDS):
        for definition in context.foldable(names_in(term)):
            folded = _replace(definition, term, context)
            if folded is not None and folded != term:
                context.note("fold", definition.name, definition.number)
                term = folded
                break
        else:
            break
    return _without_told(term, context)


def _without_told(term: Expr, context: Context) -> Expr:
    """Return the product without the comparisons that a name in it tells: where they fail, its value is 0."""
    coefficient, pairs = factors(term)
    brackets = [b for b, _ in pairs if isinstance(b, Iverson)]
    named = [b for b, x in pairs if isinstance(b, Element) and x.is_positive]
    told = {c for a in named for d in context.definitions if d.name == a.name for c in d.conditions_at(a)}
    told = {c for c in told if c.kind in REAL_KINDS or c.atoms(Element)}
    stated = [c for b in brackets for c in b.conditions]
    rest = Mul(*[Pow(b, x) for b, x in pairs if b not in brackets])
    if told.isdisjoint(stated) or is_partial(rest):
        return term
    kept = [c for c in stated if c not in told]
    left = guarded(rest, [c for c in stated if c in told], context)
    return coefficient * Mul(*left, *([Iverson(*kept)] if kept else []))


def _replace(d: Definition, term: Expr, context: Context) -> Expr | None:
    coefficient, pairs = (S.One, [(term, S.One)]) if term.is_Add else factors(term)
    here = [c for b, _ in pairs if isinstance(b, Iverson) for c in b.conditions]
    found = _find(d, Place(pairs, dict(pairs), here, context))
    if found is not None:
        left = _multiply(_take_out(dict(pairs), found))
        # What stood under the brackets that the name takes is not read past an edge for that.
        kept = guarded(left, found.conditions, context) if found.conditions else [left]
        if found.conditions and is_partial(left):
            kept.append(Iverson(*found.conditions))
        return coefficient * Mul(*kept) * _name(d, found)
    for base, exponent in pairs:
        if isinstance(base, Reduce) and base.op == "sum" and exponent == 1 and len(pairs) > 1 and d.others:
            folded = _across(d, base, dict(p for p in pairs if p[0] is not base), here, context)
            if folded is not None:
                return coefficient * folded
    return None


def _name(d: Definition, found: Found) -> Expr:
    return Pow(substitute(d.shown, found.binding), found.power) * Pow(d.unit, -found.power)


def _multiply(pairs: Mapping[Expr, Expr]) -> Expr:
    return Mul(*[Pow(b, x) for b, x in pairs.items()])


def _take_out(pairs: dict[Expr, Expr], found: Found) -> dict[Expr, Expr]:
    """Subtract the exponents and conditions that the definition takes."""
    for base, exponent in found.taken.items():
        pairs[base] = sp.expand(pairs.get(base, S.Zero) - exponent)
    if found.conditions:
        for bracket in [b for b in pairs if isinstance(b, Iverson)]:
            del pairs[bracket]
            kept = [c for c in bracket.conditions if c not in found.conditions]
            if kept:
                pairs[Iverson(*kept)] = S.One
    return pairs


def _across(
    d: Definition, total: Reduce, outer: dict[Expr, Expr], here: list[Condition], context: Context
) -> Expr | None:
    """Fold with the head inside a sum and the other factors inside or outside it."""
    from gradproof.derive.normal.sums import make_sum

    opened, body, conditions = total.open()
    if body.is_Add:
        return None
    coefficient, pairs = factors(body)
    inner, pool = dict(pairs), dict(outer)
    for base, exponent in pairs:
        pool[base] = pool.get(base, S.Zero) + exponent
    found = _find(d, Place(pairs, pool, [*conditions, *here], context))
    if found is None:
        return None
    for base, exponent in found.taken.items():
        has = inner.get(base, S.Zero)
        numbers = has.is_number and exponent.is_number
        if base in inner and (exponent == has or (numbers and abs(has) >= abs(exponent))):
            inner[base] = has - exponent
        else:
            inner.pop(base, None)
            outer[base] = outer.get(base, S.Zero) - (exponent - has)
    folded = coefficient * _multiply(inner) * _name(d, found)
    kept = [c for c in conditions if c not in found.conditions]
    if is_partial(folded) or not all(reads_inside(a, kept, context) for a in folded.atoms(Element)):
        kept = conditions
    return _multiply(outer) * make_sum(opened, kept, folded, context)


def _find(d: Definition, place: Place) -> Found | None:
    """Look for the head among the candidates and for the other factors in the pool."""
    head, head_exponent = d.head
    for base, exponent in place.candidates:
        if type(base) is not type(head) or (d.is_root and exponent.is_Integer):
            continue  # x is not written as y**2 where y = sqrt(x)
        power = _power(d, exponent / head_exponent)
        if power is None:
            continue
        for binding in match(head, base, {}, d.variables):
            if not all(i in binding for i in d.variables):
                continue
            if not reads_inside(substitute(d.target, binding), place.conditions, place.context):
                continue  # y[i] = exp(x[i]) may have fewer rows than x
            tries = [power, sp.sign(power)] if d.others and power.is_number and abs(power) > 1 else [power]
            for n in tries:
                found = _complete(d, base, n, binding, place)
                if found is not None:
                    return found
    return None


def _power(d: Definition, power: Expr) -> Expr | None:
    """Return how often the head stands there: a whole number of times, or any power of a head that is the definition.

    A fractional power of y = (z - t)**2 would write |z - t| for z - t: only y = head itself is substituted freely.
    """
    power = sp.cancel(power)
    if not d.others and not d.conditions:
        freely = d.head[1] == 1 and d.unit == 1
        return power if freely or power.is_Integer else None
    if not power.is_number:
        return None
    whole = sp.floor(abs(power)) * sp.sign(power)
    if whole == 0 or (d.conditions and whole < 1):
        return None
    return S.One if d.conditions else whole


def _complete(d: Definition, base: Expr, power: Expr, binding: Binding, place: Place) -> Found | None:
    """Check that the pool holds the other factors, same sign and enough exponent, and that the brackets are there."""
    taken = {base: d.head[1] * power}
    for other, x in d.others:
        wanted_base, wanted = substitute(other, binding), x * power
        has = place.pool.get(wanted_base)
        if has is None:
            return None
        if has.is_number and wanted.is_number:
            if has * wanted <= 0 or abs(has) < abs(wanted):
                return None
        elif has != wanted:
            return None
        taken[wanted_base] = taken.get(wanted_base, S.Zero) + wanted
    used = []
    for condition in d.conditions:
        c = substitute(condition, binding)
        if truth(c) is True or tidy([c], place.context) == []:
            continue
        if c not in place.conditions:
            return None
        used.append(c)
    return Found(binding, power, taken, tuple(used))
