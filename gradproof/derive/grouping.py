"""Collect common factors of the terms of a sum, greedily, without letting SymPy distribute them again."""

from __future__ import annotations

from collections.abc import Collection
from math import gcd, lcm

import sympy as sp
from sympy import Add, Expr, Mul, Pow, Rational, S

from gradproof.derive.nodes import Iverson, Node, Product, Reduce, order_key
from gradproof.derive.normal.context import Context
from gradproof.derive.normal.factors import weight
from gradproof.derive.normal.guards import read_guards
from gradproof.derive.partial import may_stand_before

#: A term as its rational coefficient and its factors: base -> exponent.
Term = tuple[Expr, dict[Expr, Expr]]


def product(factors: Collection[Expr]) -> Expr:
    """Return a product with nothing distributed: SymPy would turn a number times a lone sum into a sum."""
    coefficient, rest = S.One, []
    for f in factors:
        for part in f.args if isinstance(f, Product | Mul) else (f,):
            if part.is_Rational:
                coefficient *= part
            else:
                rest.append(part)
    if coefficient == 0:
        return S.Zero
    if coefficient != 1 and len(rest) == 1 and rest[0].is_Add:
        return Product(coefficient, *rest)
    return Mul(coefficient, *rest)


def prefer_differences(e: Expr) -> Expr:
    """-2*(y - p) is 2*(p - y): give the minus sign of a lone term to a difference in it, also inside a sum."""
    coefficient, rest = _split(e)
    if coefficient >= 0:
        return e
    for j, f in enumerate(rest):
        flipped = _flipped(f)
        # -2*t*(1 - t**2) stays: beside a number the minus sign costs nothing, and 1 - t**2 is how it is known.
        if flipped is not None and (S.One not in f.args or (coefficient == -1 and not _is_slope(f))):
            return product([-coefficient, *rest[:j], flipped, *rest[j + 1 :]])
    return e


def _is_slope(f: Expr) -> bool:
    """Is it 1 - t**2, which is known as the slope of tanh?"""
    return len(f.args) == 2 and any(isinstance(t, Mul) and t.args[-1].is_Pow and t.args[0] == -1 for t in f.args)


def _split(e: Expr) -> tuple[Expr, list[Expr]]:
    coefficient, rest = S.One, []
    for f in e.args if isinstance(e, Product | Mul) else (e,):
        if f.is_Rational:
            coefficient *= f
        else:
            rest.append(f)
    return coefficient, rest


def _flipped(f: Expr) -> Expr | None:
    """Return minus f written as a difference, or None where that is not shorter."""
    if isinstance(f, Add) and any(is_negative(t) for t in f.args):
        return Add(*[negate(t) for t in f.args])
    if isinstance(f, Reduce) and f.op == "sum":
        opened, body, conditions = f.open()
        parts = list(body.args) if isinstance(body, Mul | Product) else [body]
        for j, part in enumerate(parts):
            if isinstance(part, Add) and any(is_negative(t) for t in part.args):
                flipped = Add(*[negate(t) for t in part.args])
                return Reduce("sum", product([*parts[:j], flipped, *parts[j + 1 :]]), opened, f.sizes, conditions)
    return None


def is_negative(term: Expr) -> bool:
    """Does the term print with a minus sign?"""
    if isinstance(term, Product):
        return any(bool(a.is_Rational and a < 0) for a in term.args)
    return not isinstance(term, Node) and bool(term.as_coeff_Mul()[0] < 0)


def negate(term: Expr) -> Expr:
    """Return minus the term, display products kept."""
    return product([S.NegativeOne, term]) if isinstance(term, Product) else -term


def as_term(e: Expr) -> Term:
    """Split a display or SymPy product."""
    coefficient: Expr = S.One
    out: dict[Expr, Expr] = {}
    for f in e.args if isinstance(e, Product | Mul) else (e,):
        if f.is_Rational:
            coefficient *= f
        else:
            base, exponent = (f, S.One) if isinstance(f, Node) else f.as_base_exp()
            out[base] = out.get(base, S.Zero) + exponent
    return coefficient, out


def from_term(term: Term) -> Expr:
    """Return the product that `as_term` split."""
    coefficient, pairs = term
    return product([coefficient, *[Pow(b, x, evaluate=False) if x != 1 else b for b, x in pairs.items() if x != 0]])


def collect(terms: list[Term], context: Context) -> Expr:
    """Return the sum of the terms with common factors outside, then grouped by the factor that saves most."""
    terms = [t for t in terms if t[0] != 0]
    if not terms:
        return S.Zero
    if len(terms) == 1:
        return from_term(terms[0])
    if any(not t[0].is_Rational for t in terms):
        return _added(terms)
    common = _unnested(_common(terms, context), terms)
    content = _content(terms, whole=any(b.is_number for b in common))
    if all(t[0] < 0 for t in terms):
        content = -content
    if common or content != 1:
        rest = collect([_divide(t, common, content) for t in terms], context)
        return product([from_term((content, common)), rest])
    group = _best_group(terms, context)
    if group is None:
        return _added(terms)
    others = [t for t in terms if not any(t is g for g in group)]
    tail = collect(others, context)
    tails = tail.args if isinstance(tail, Add) else (tail,)
    return Add(collect(group, context), *tails)


def _added(terms: list[Term]) -> Expr:
    """Return the sum of the terms; a - (b - c) is a - b + c."""
    out: list[Expr] = []
    for coefficient, pairs in terms:
        lone = next(iter(pairs)) if len(pairs) == 1 else None
        if isinstance(lone, Add) and pairs[lone] == 1 and abs(coefficient) == 1:
            out += [t if coefficient > 0 else negate(t) for t in lone.args]
        else:
            out.append(from_term((coefficient, pairs)))
    return Add(*out)


def _best_group(terms: list[Term], context: Context) -> list[Term] | None:
    best: tuple[float, list[Term]] | None = None
    bases = sorted({b for _, d in terms for b in d}, key=order_key)
    for base in bases:
        for positive in (True, False):
            group = [t for t in terms if base in t[1] and _sign(t[1][base]) == positive]
            if 2 <= len(group) < len(terms):
                common = _common(group, context)
                saved = (len(group) - 1) * sum(weight(Pow(b, x)) for b, x in common.items())
                if common and (best is None or saved > best[0]):
                    best = (saved, group)
    return None if best is None else best[1]


def _sign(exponent: Expr) -> bool:
    return bool(exponent > 0) if exponent.is_number else True


def _common(terms: list[Term], context: Context) -> dict[Expr, Expr]:
    """Return the factors that all terms share; a read is never parted from a bracket the terms do not share."""
    common = _shared(terms)
    brackets = {frozenset(b for b in d if isinstance(b, Iverson)) for _, d in terms}
    if len(brackets) > 1:
        common = {b: x for b, x in common.items() if isinstance(b, Iverson) or not read_guards(Pow(b, x), context)}
        common = {b: x for b, x in common.items() if _sign(x) or not _may_be_empty(b)}
        common = {b: x for b, x in common.items() if may_stand_before(Pow(b, x), tuple(brackets))}
    return common


def _may_be_empty(e: Expr) -> bool:
    """Is it a sum under conditions? Where none holds it is 0, and a bracket keeps divisions by it from there."""
    return any(r.conditions for r in e.atoms(Reduce))


def _unnested(common: dict[Expr, Expr], terms: list[Term]) -> dict[Expr, Expr]:
    """1/s - a/s**3 stays, since (1 - a/s**2)/s has a fraction in a fraction and saves nothing."""
    rest = [{b: x - common.get(b, S.Zero) for b, x in d.items()} for _, d in terms]
    if all(any(x != 0 for x in d.values()) for d in rest):
        return common
    again = [b for b, x in common.items() if x.is_number and x < 0 and any(_below(d.get(b, S.Zero)) for d in rest)]
    return {b: x for b, x in common.items() if b not in again}


def _below(x: Expr) -> bool:
    return bool(x.is_number and x < 0)


def _shared(terms: list[Term]) -> dict[Expr, Expr]:
    """Take of each shared base the exponent nearest 0; symbolic exponents by their numeric differences."""
    out = {}
    for base, first in terms[0][1].items():
        if not all(base in d for _, d in terms):
            continue
        exponents = [d[base] for _, d in terms]
        if all(x.is_number for x in exponents):
            if all(x > 0 for x in exponents):
                out[base] = min(exponents)
            elif all(x < 0 for x in exponents):
                out[base] = max(exponents)
            continue
        differences = [sp.expand(x - first) for x in exponents]
        if all(x.is_number for x in differences):
            out[base] = sp.expand(first + min(differences))
    return out


def _content(terms: list[Term], *, whole: bool) -> Expr:
    """Return the number that all coefficients have in common; with `whole` it leaves integers without common divisor.

    Beside sqrt(2)*(1 - z**2/2) a number stands anyway: the root takes the half, and 2 - z**2 is left.
    """
    numerators, denominators = [abs(c.p) for c, _ in terms], [c.q for c, _ in terms]
    return Rational(gcd(*numerators), lcm(*denominators) if whole else gcd(*denominators))


def _divide(term: Term, common: dict[Expr, Expr], content: Expr) -> Term:
    coefficient, pairs = term
    left = {b: sp.expand(x - common.get(b, S.Zero)) for b, x in pairs.items()}
    return coefficient / content, {b: x for b, x in left.items() if x != 0}
