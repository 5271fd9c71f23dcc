"""The compact form that is printed and run: merged sums, common factors outside, differences for minus signs."""

from __future__ import annotations

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow

from gradproof.derive.conditions import Condition
from gradproof.derive.factoring import factored
from gradproof.derive.grouping import Term, as_term, collect, from_term, prefer_differences, product
from gradproof.derive.index import fresh
from gradproof.derive.nodes import Call, Iverson, Linear, Node, Product, Reduce, free, free_indices, substitute
from gradproof.derive.normal.context import Context
from gradproof.derive.normal.factors import is_leaf, is_shorter, operations, plain


def compact(e: Expr, context: Context) -> Expr:
    """Return the display form of an expression in normal form."""
    return context.once("compact", e, lambda: prefer_differences(_compact(e, context)))


def _compact(e: Expr, context: Context) -> Expr:
    if is_leaf(e) or isinstance(e, Iverson):
        return e
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        return Reduce(e.op, compact(body, context), opened, e.sizes, conditions)
    if isinstance(e, Call):
        return Call(e.name, *[compact(a, context) for a in e.arguments])
    if isinstance(e, Linear):
        return Linear(e.matrix, compact(e.right, context), *e.slots)
    if isinstance(e, Mul | Product):
        return product(_join_exponentials([_compact(a, context) for a in e.args]))
    if isinstance(e, Pow):
        return e if is_leaf(e.base) else Pow(_compact(e.base, context), e.exp, evaluate=False)
    if isinstance(e, Add):
        return _compact_sum(e, context)
    return e


def _join_exponentials(factors: list[Expr]) -> list[Expr]:
    """exp(a)/exp(b) is exp(a - b)."""
    powers = [(f, *f.as_base_exp()) for f in factors if not f.is_Rational and not isinstance(f, Node)]
    powers += [(f, f, sp.S.One) for f in factors if isinstance(f, Call)]
    found = [(f, b, x) for f, b, x in powers if isinstance(b, Call) and b.name == "exp" and x.is_Integer]
    if len(found) < 2:
        return factors
    joined = Call("exp", Add(*[x * b.arguments[0] for _, b, x in found]))
    if operations(joined) >= operations(Mul(*[f for f, _, _ in found])):
        return factors
    return [*(f for f in factors if not any(f is g for g, _, _ in found)), joined]


def _compact_sum(e: Expr, context: Context) -> Expr:
    """Take the shorter of two forms: as it stands, and multiplied out first (p*(1 - t) - t*(1 - p) is p - t)."""
    grouped = _group(e.args, context)
    expanded = multiplied_out(e)
    if expanded == e:
        return grouped
    other = _group(expanded.args, context) if expanded.is_Add else compact(expanded, context)
    parts = factored(expanded)
    product_form = product([compact(p, context) for p in parts]) if parts else other
    best = product_form if is_shorter(product_form, other) else other
    if is_shorter(best, grouped):
        context.note("multiply out")
        return best
    return grouped


def _group(terms: tuple[Expr, ...], context: Context) -> Expr:
    merged = _merge_sums([_compact(t, context) for t in terms], context)
    return collect([as_term(t) for t in merged], context)


def multiplied_out(e: Expr) -> Expr:
    """Multiply out sums outside functions and reductions; nodes are hidden from SymPy's expand."""
    e = plain(e)
    hidden: dict[Basic, Expr] = {}

    def hide(x: Basic) -> Basic:
        if isinstance(x, Node):
            return hidden.setdefault(x, sp.Symbol(f"_hidden{len(hidden)}"))
        return x.func(*[hide(a) for a in x.args]) if x.args else x

    flat = sp.expand(hide(e), power_base=False, power_exp=False, log=False)
    return flat.xreplace({s: x for x, s in hidden.items()})


def _merge_sums(terms: list[Expr], context: Context) -> list[Expr]:
    """a*sum f + a*sum g is a*sum (f + g), where that is shorter."""
    groups: dict[object, list[tuple[Term, Reduce, Expr]]] = {}
    out = []
    for t in terms:
        coefficient, pairs = as_term(t)
        sums = [b for b, x in pairs.items() if isinstance(b, Reduce) and b.op == "sum" and x == 1]
        if len(sums) != 1:
            out.append(t)
            continue
        total = sums[0]
        del pairs[total]
        outer = frozenset((b, x) for b, x in pairs.items() if b.atoms(Node))
        groups.setdefault((outer, total.sizes, total.conditions), []).append(((coefficient, pairs), total, t))
    for group in groups.values():
        merged = _merge(group, context) if len(group) > 1 else None
        out += [t for _, _, t in group] if merged is None else [merged]
    return out if len(groups) < 2 else _merge_over_factors(out, context)


def _merge_over_factors(terms: list[Expr], context: Context) -> list[Expr]:
    """a*sum f + b*sum g with scalars a, b is sum (a*f + b*g), where more than the one sum is saved: terms cancel."""
    groups: dict[object, list[tuple[Term, Reduce, Expr]]] = {}
    for t in terms:
        found = _lone_sum(t)
        if found is not None:
            groups.setdefault((found[1].sizes, found[1].conditions), []).append((*found, t))
    for group in groups.values():
        if len(group) > 1:
            inside: list[tuple[Term, Reduce, Expr]] = [
                ((c, {}), _with_factors(total, pairs), t) for (c, pairs), total, t in group
            ]
            merged = _merge(inside, context)
            apart = collect([as_term(t) for _, _, t in group], context)
            if merged is not None and operations(merged) + 1 < operations(apart):
                joined = [t for _, _, t in group]
                return [*(t for t in terms if not any(t is j for j in joined)), merged]
    return terms


def _lone_sum(t: Expr) -> tuple[Term, Reduce] | None:
    """Return the other factors of a term, if they have no index, and its one sum."""
    coefficient, pairs = as_term(t)
    sums = [b for b, x in pairs.items() if isinstance(b, Reduce) and b.op == "sum" and x == 1]
    if len(sums) != 1:
        return None
    del pairs[sums[0]]
    if any(free_indices(b) for b in pairs):
        return None
    return (coefficient, pairs), sums[0]


def _with_factors(total: Reduce, pairs: dict[Expr, Expr]) -> Reduce:
    opened, body, conditions = total.open()
    return Reduce("sum", product([from_term((sp.S.One, pairs)), body]), opened, total.sizes, conditions)


def _merge(group: list[tuple[Term, Reduce, Expr]], context: Context) -> Expr | None:
    first = group[0][1]
    opened = [fresh(n) for n in first.sizes]
    conditions: list[Condition] = [
        substitute(c, dict(zip(first.binders, opened, strict=True))) for c in first.conditions
    ]
    parts, outer = [], {}
    for (coefficient, pairs), total, _ in group:
        inner, inner_pairs = as_term(total.open(opened)[1])
        outer = {b: x for b, x in pairs.items() if b.atoms(Node)}
        for b, x in pairs.items():
            if b not in outer:
                inner_pairs[b] = inner_pairs.get(b, sp.S.Zero) + x
        parts.append((coefficient * inner, inner_pairs))
    body = _shorter_body(parts, context)
    content, body_pairs = as_term(body)
    units = {b: x for b, x in body_pairs.items() if not b.atoms(Node) and free(b).isdisjoint(opened)}
    rest = {b: x for b, x in body_pairs.items() if b not in units}
    total = Reduce("sum", from_term((sp.S.One, rest)), opened, first.sizes, conditions)
    merged = product([from_term((content, units)), total, from_term((sp.S.One, outer))])
    apart = collect([as_term(t) for _, _, t in group], context)
    return merged if operations(merged) <= operations(apart) else None


def _shorter_body(parts: list[Term], context: Context) -> Expr:
    body = collect(parts, context)
    expanded = multiplied_out(Add(*[plain(from_term(p)) for p in parts]))
    terms = expanded.args if expanded.is_Add else (expanded,)
    other = collect([as_term(_compact(t, context)) for t in terms], context)
    if is_shorter(other, body):
        context.note("multiply out")
        return other
    return body
