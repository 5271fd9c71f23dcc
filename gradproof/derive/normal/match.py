"""Match a pattern with index variables against an expression, up to renaming and order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from sympy import Add, Basic, Mul, Symbol

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index, fresh
from gradproof.derive.nodes import Element, Reduce, free, names_in, substitute

Binding = dict[Symbol, Basic]
Variables = frozenset[Index]


def match(pattern: Basic, e: Basic, found: Binding, variables: Variables) -> Iterator[Binding]:
    """Yield every extension of `found` under which the pattern equals e; variables are index symbols of the pattern."""
    if isinstance(pattern, Symbol) and pattern in variables:
        if pattern not in found:
            yield {**found, pattern: e}
        elif found[pattern] == e:
            yield found
    elif free(pattern).isdisjoint(variables):
        if pattern == e:
            yield found
    elif isinstance(pattern, Condition):
        if isinstance(e, Condition) and substitute(pattern, found) == e:
            yield found
    elif type(pattern) is type(e):
        yield from _same_kind(pattern, e, found, variables)


def _same_kind(pattern: Basic, e: Basic, found: Binding, variables: Variables) -> Iterator[Binding]:
    if isinstance(pattern, Reduce):
        yield from _reductions(pattern, e, found, variables)
    elif len(pattern.args) != len(e.args):
        return
    elif isinstance(pattern, Element):
        if pattern.name == e.name:
            yield from _slots(pattern.indices, e.indices, found, variables)
    elif isinstance(pattern, Add | Mul):
        most_bound = sorted(pattern.args, key=lambda a: -len(free(a) & variables))
        yield from _in_any_order(most_bound, e.args, found, variables)
    else:
        yield from _in_order(pattern.args, e.args, found, variables)


def _in_order(ps: Sequence[Basic], es: Sequence[Basic], found: Binding, variables: Variables) -> Iterator[Binding]:
    if not ps:
        yield found
        return
    for m in match(ps[0], es[0], found, variables):
        yield from _in_order(ps[1:], es[1:], m, variables)


def _in_any_order(ps: Sequence[Basic], es: Sequence[Basic], found: Binding, variables: Variables) -> Iterator[Binding]:
    if not ps:
        yield found
        return
    for j, e in enumerate(es):
        for m in match(ps[0], e, found, variables):
            yield from _in_any_order(ps[1:], [*es[:j], *es[j + 1 :]], m, variables)


def _slots(ps: Sequence[Basic], es: Sequence[Basic], found: Binding, variables: Variables) -> Iterator[Binding]:
    """Match index expressions: an affine one with a single unknown is solved for it."""
    if not ps:
        yield found
        return
    p, e = ps[0], es[0]
    unknown = [v for v in free(p) & variables if v not in found]
    if isinstance(p, Symbol) or len(unknown) > 1 or (unknown and p.coeff(unknown[0]) not in (1, -1)):
        heads = match(p, e, found, variables)
    elif not unknown:
        heads = iter([found] if integer_form(substitute(p, found)) == e else [])
    else:
        v = unknown[0]
        factor = p.coeff(v)
        value = integer_form((e - substitute(p - factor * v, found)) / factor)
        heads = iter([{**found, v: value}])
    for m in heads:
        yield from _slots(ps[1:], es[1:], m, variables)


def _reductions(p: Reduce, e: Reduce, found: Binding, variables: Variables) -> Iterator[Binding]:
    if p.op != e.op or len(p.binders) != len(e.binders) or len(p.conditions) != len(e.conditions):
        return
    if not names_in(p) <= names_in(e):
        return
    opened = [fresh(n) for n in p.sizes]
    _, p_body, p_conditions = p.open(opened)
    count = len(opened)
    free_order = p.op in ("sum", "prod") and 1 < count <= 4
    for order in permutations(range(count)) if free_order else [tuple(range(count))]:
        if p.sizes != tuple(e.sizes[j] for j in order):
            continue
        _, e_body, e_conditions = e.open([opened[order.index(j)] for j in range(count)])
        for m in match(p_body, e_body, found, variables):
            captured = any(not free(v).isdisjoint(opened) for v in m.values())
            if not captured and {substitute(c, m) for c in p_conditions} == set(e_conditions):
                yield m
