"""Sums in normal form: sift, distribute, pull out factors, count constants, split independent parts, known sums."""

from __future__ import annotations

from collections.abc import Collection

from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import Iverson, Reduce, free, names_in, substitute
from gradproof.derive.normal.context import Context
from gradproof.derive.normal.factors import factors, weight
from gradproof.derive.normal.guards import guarded
from gradproof.derive.normal.match import match
from gradproof.derive.normal.normalise import algebra, multiply
from gradproof.derive.normal.sift import sift
from gradproof.derive.normal.tidy import tidy

#: Bound indices with the factors and the conditions in which they occur.
Part = tuple[frozenset[Index], list[Expr], list[Condition]]


def make_sum(
    binders: list[Index],
    conditions: list[Condition],
    body: Expr,
    context: Context,
    prefer: Collection[Index] = (),
) -> Expr:
    """Return the normal form of the sum of `body` over open `binders` where `conditions` hold."""
    if body == 0:
        return S.Zero
    if "sift" in context.rules and any(c.kind == "eq" for c in conditions):
        sifted = sift(binders, conditions, body, prefer)
        if sifted.changed:
            context.note("sift the delta")
            binders, conditions, body = sifted.binders, sifted.conditions, algebra(sifted.body, context)
    if body.is_Add and "linear" in context.rules and context.is_cotangent(body):
        if binders:
            context.note("a sum of sums")
        return Add(*[make_sum(binders, conditions, t, context) for t in body.args])
    coefficient, pairs = factors(body)
    brackets = [b for b, _ in pairs if isinstance(b, Iverson)]
    if brackets:
        conditions = [*conditions, *(c for b in brackets for c in b.conditions)]
        body = coefficient * Mul(*[Pow(b, x) for b, x in pairs if not isinstance(b, Iverson)])
        return make_sum(binders, conditions, body, context, prefer)
    kept = tidy(conditions, context)
    if kept is None:
        return S.Zero
    if not binders:
        return multiply(multiply(body, context) * Iverson(*kept), context) if kept else body
    if "pull" not in context.rules:
        return Reduce("sum", body, binders, None, kept)
    return _pull(binders, kept, coefficient, pairs, context)


def _pull(
    binders: list[Index],
    conditions: list[Condition],
    coefficient: Expr,
    pairs: list[tuple[Expr, Expr]],
    context: Context,
) -> Expr:
    """Take out what does not depend on the binders, then split the rest into independent sums."""
    bound = frozenset(binders)
    all_factors = [Pow(b, x) for b, x in pairs]
    leaving = [f for f in all_factors if free(f).isdisjoint(bound)]
    taken = [p for f in leaving for p in guarded(f, conditions, context)]
    outside = [coefficient, *taken, *(Iverson(c) for c in conditions if free(c).isdisjoint(bound))]
    parts: list[Part] = [(free(f) & bound, [f], []) for f in all_factors if f not in leaving]
    parts += [(free(c) & bound, [], [c]) for c in conditions if not free(c).isdisjoint(bound)]
    groups = _components(parts)
    if len(outside) > 1 and groups:
        context.note("pull out a factor")
    if len(groups) > 1:
        context.note("a sum of independent factors is a product of sums")
    met = frozenset().union(*[g[0] for g in groups])
    for b in binders:
        if b not in met:
            context.note("sum of a constant")
            outside.append(b.size)
    for indices, fs, cs in groups:
        part = _sum_of(Mul(*fs), [b for b in binders if b in indices], cs, context)
        outside += guarded(part, [c for c in conditions if c not in cs and free(c) & bound], context)
    return multiply(Mul(*outside), context)


def _components(parts: list[Part]) -> list[Part]:
    """Join parts that share a bound index."""
    groups: list[Part] = []
    for indices, fs, cs in parts:
        touching = [g for g in groups if not g[0].isdisjoint(indices)]
        groups = [g for g in groups if g[0].isdisjoint(indices)]
        groups.append(
            (
                indices.union(*[g[0] for g in touching]),
                [f for g in touching for f in g[1]] + fs,
                [c for g in touching for c in g[2]] + cs,
            )
        )
    return groups


def _sum_of(body: Expr, binders: list[Index], conditions: list[Condition], context: Context) -> Expr:
    """Return one connected sum; a sum of an Add of primal terms is split where the parts are known or shorter."""
    from gradproof.derive.normal.fold import fold

    whole = Reduce("sum", body, binders, None, conditions)
    if body.is_Add and "linear" in context.rules:
        start = len(context.notes)
        parts = Add(*[make_sum(binders, conditions, t, context) for t in body.args])
        if "fold" in context.rules:
            parts = fold(parts, context)
        if weight(parts) < weight(whole):
            context.note("sum rule")
            if parts == 0:
                _note_mean(start, context)
            return parts
        del context.notes[start:]
    return _known(whole, context)


def _note_mean(start: int, context: Context) -> None:
    """Say of a sum of deviations from a mean that it is 0, where folding the mean's definition has shown it."""
    folded = {n.fact for n in context.notes[start:] if n.rule == "fold"}
    mean = next((f for f in context.facts if f.rule == "mean" and f.name in folded), None)
    if mean is not None:
        del context.notes[start:]
        context.note(mean.rule, mean.name, mean.equation, mean.text)


def _known(total: Reduce, context: Context) -> Expr:
    """Replace a sum that a fact states: a known sum of a definition, or an assumption."""
    for fact in context.facts:
        if fact.rule in context.rules and names_in(fact.pattern) <= names_in(total):
            for m in match(fact.pattern, total, {}, fact.variables):
                context.note(fact.rule, fact.name, fact.equation, fact.text)
                return substitute(fact.value, m)
    return total
