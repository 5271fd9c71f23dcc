"""The canonical form of an expression. Equal forms prove equal values, wherever both expressions are defined.

The converse fails: two expressions may be equal and have different forms (sin**2 + cos**2 is not 1 here).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sympy import Basic, Expr, Mul, Pow, S

from gradproof.derive.canonical.functions import above_zero, rewritten
from gradproof.derive.canonical.rational import parts, rational, terms_over
from gradproof.derive.conditions import Condition, is_arg, same
from gradproof.derive.index import Index, fresh
from gradproof.derive.nodes import Call, Iverson, Product, Reduce, free, free_indices, substitute
from gradproof.derive.normal import Context, make_sum
from gradproof.derive.normal.factors import factors, is_leaf
from gradproof.derive.normal.tidy import tidy
from gradproof.derive.stops import released

_ROUNDS = 4
#: Powers of a sum up to this one are multiplied out into sums over several indices, below another sum.
_MOST_COPIES = 2
#: Sums over an axis of so many entries, given as a number, are written out.
_MOST_ENTRIES = 4


def difference(left: Expr, right: Expr, context: Context) -> Expr:
    """Return the canonical form of left - right: 0 where the two are proved equal."""
    return rational(canonical(left, context) - canonical(right, context))


def canonical(e: Expr, context: Context) -> Expr:
    """Return the canonical form, by the rules and facts of the context (its definitions are not folded).

    It is that of the value: stop(a) is a.
    """
    e = cast("Expr", released(e))
    for _ in range(_ROUNDS):
        before = e
        e = _at_equals(_canonical(e, context))
        if e == before:
            break
    return e


def _at_equals(e: Expr) -> Expr:
    """[t == 0]*f(t) = [t == 0]*f(0), for an index t that is free."""
    terms = [(_at_equal(n), _at_equal(n, d)) for n, d in terms_over(e)]
    changed = any(pair != old for pair, old in zip(terms, terms_over(e), strict=True))
    return rational(sum((n / d for n, d in terms), S.Zero)) if changed else e


def _at_equal(term: Expr, e: Expr | None = None) -> Expr:
    """Return the term, or `e` beside it, with the value of each index that a bracket of the term fixes."""
    brackets = [f for f in Mul.make_args(term) if isinstance(f, Iverson) and len(f.conditions) == 1]
    fixed = {f: found for f in brackets if (found := _fixed(f.conditions[0])) is not None}
    rest = Mul(*[f for f in Mul.make_args(term) if f not in fixed]) if e is None else e
    for index, value in fixed.values():
        rest = substitute(rest, {index: value})
    return Mul(rest, *fixed) if e is None else rest


def _fixed(condition: Condition) -> tuple[Index, Expr] | None:
    """Return the index that `[a == b]` fixes, and its value: of several the last by name."""
    if condition.kind != "eq":
        return None
    for i in sorted(free_indices(condition), key=lambda i: i.name, reverse=True):
        factor = condition.operands[0].coeff(i)
        if factor in (1, -1):
            return i, i - factor * condition.operands[0]
    return None


def _canonical(e: Expr, context: Context) -> Expr:
    return e if is_leaf(e) else context.once("canonical", e, lambda: _once(e, context))


def _once(e: Expr, context: Context) -> Expr:
    if isinstance(e, Iverson):
        kept = tidy(e.conditions, context)
        return S.Zero if kept is None else rational(Mul(*[bracket(c, context) for c in kept]))
    if isinstance(e, Reduce):
        return _reduction(e, context)
    if isinstance(e, Call):
        return rewritten(Call(e.name, *[_canonical(a, context) for a in e.arguments]))
    if isinstance(e, Product):
        return rational(Mul(*[_canonical(a, context) for a in e.args]))
    return rational(e.func(*[_canonical(a, context) for a in e.args]))


def bracket(c: Condition, context: Context) -> Expr:
    """[a >= b] = 1 - [b - a > 0], [not c] = 1 - [c]; comparisons of integers stay."""
    if c.kind in ("gt", "gte", "same", "differs"):
        a, b = (_canonical(x, context) for x in c.operands)
        match c.kind:
            case "gt":
                return above_zero(a - b)
            case "gte":
                return 1 - above_zero(b - a)
        apart = rational(a - b)
        equal = Iverson(same(-apart if apart.could_extract_minus_sign() else apart, S.Zero))
        return equal if c.kind == "same" else 1 - equal
    if c.kind == "not":
        return rational(1 - Mul(*[bracket(d, context) for d in c.operands]))
    if c.kind == "arg":
        reduction = c.operands[0]
        opened, body, conditions = reduction.open()
        inner = Reduce(reduction.op, _canonical(body, context), opened, reduction.sizes, conditions)
        return Iverson(is_arg(inner, tuple(c.operands[1])))
    return Iverson(c)


def _reduction(e: Reduce, context: Context) -> Expr:
    opened, body, conditions = e.open()
    written = None if e.op != "sum" else _written_out(opened, body, conditions)
    if written is not None:
        return _canonical(written, context)
    body = _canonical(body, context)
    if e.op != "sum":
        return Reduce(e.op, body, opened, e.sizes, conditions)
    real = [c for c in conditions if c.kind not in ("ge", "eq", "ne", "divides")]
    integer = [c for c in conditions if c not in real]
    body = rational(body * Mul(*[bracket(c, context) for c in real]))
    return rational(sum((_one_term(opened, integer, n / d, context) for n, d in terms_over(body)), S.Zero))


def _written_out(binders: list[Index], body: Expr, conditions: Iterable[Condition]) -> Expr | None:
    """Return the sum with an axis of few entries written out, if it has one: sum[k] f(k) over 2 is f(0) + f(1)."""
    short = next((b for b in binders if b.size.is_Integer and b.size <= _MOST_ENTRIES), None)
    if short is None:
        return None
    rest, term = [b for b in binders if b != short], Mul(body, Iverson(*conditions))
    entries = [substitute(term, {short: S(k)}) for k in range(int(short.size))]
    return sum((Reduce("sum", t, rest) if rest else t for t in entries), S.Zero)


def _one_term(binders: list[Index], conditions: Iterable[Condition], term: Expr, context: Context) -> Expr:
    """Return the sum of one term over binders of its own, sums inside it joined with the outer one."""
    own = {b: fresh(b.size) for b in binders}
    opened, kept = list(own.values()), [substitute(c, own) for c in conditions]
    above, below = parts(substitute(term, own))
    coefficient, pairs = factors(above)
    out: list[Basic] = [coefficient, Pow(below, -1)]
    for base, power in pairs:
        joined = isinstance(base, Reduce) and base.op == "sum" and power.is_Integer and 0 < power <= _MOST_COPIES
        if joined and not free(base).isdisjoint(opened):
            for _ in range(int(power)):
                inner, body, more = base.open()
                opened, kept = [*opened, *inner], [*kept, *more]
                out.append(body)
        else:
            out.append(Pow(base, power))
    return make_sum(opened, kept, Mul(*out), context)
