"""Write a derivative in terms of the function's own output: exp(-z)*s**2 is s*(1 - s) where s = 1/(1 + exp(-z)).

A definition that is rational in E = exp(u) makes any rational function of E and of the defined tensor rational in
E alone. The ansatz a + b*y + c*y**2, y the tensor (or the table's sigmoid of u), is matched coefficient by
coefficient in E: exact rational algebra, so the match is the proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import sympy as sp
from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.nodes import Call, Reduce, order_key, substitute
from gradproof.derive.normal.context import Context
from gradproof.derive.normal.definition import Definition
from gradproof.derive.normal.factors import factors, is_leaf, map_args, operations
from gradproof.derive.normal.guards import reads_inside
from gradproof.derive.normal.match import match

_E, _A, _B, _C = sp.symbols("_E _a _b _c")


def in_terms_of_output(e: Expr, context: Context) -> Expr:
    """Rewrite every product in e whose exponentials can be expressed by a defined tensor, where that is shorter."""
    if is_leaf(e) or not any(c.name == "exp" for c in e.atoms(Call)):
        return e
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        return Reduce(e.op, in_terms_of_output(body, context), opened, e.sizes, conditions)
    if isinstance(e, Add):
        e = _gather(e, context)
    if e.is_Mul or e.is_Pow or isinstance(e, Call):
        rewritten = _rewrite(e, context)
        if rewritten is not None:
            return rewritten
    return map_args(e, lambda a: in_terms_of_output(a, context))


def _gather(e: Add, context: Context) -> Expr:
    """Rewrite together the terms that share all factors without an exponential: their sum may be the shorter one."""
    groups: dict[Expr, list[Expr]] = {}
    for term in e.args:
        _, pairs = factors(term)
        plain = Mul(*[Pow(b, x) for b, x in pairs if not b.has(Call) and context.is_cotangent(b)])
        groups.setdefault(plain, []).append(term / plain)
    out = []
    for plain, terms in groups.items():
        whole = Add(*terms)
        rewritten = _rewrite(whole, context) if len(terms) > 1 and whole.has(Call) else None
        out.append(plain * rewritten if rewritten is not None else Add(*[plain * t for t in terms]))
    return Add(*out)


def _rewrite(term: Expr, context: Context) -> Expr | None:
    coefficient, pairs = (S.One, [(term, S.One)]) if term.is_Add else factors(term)
    for argument in _arguments(term):
        for name, number, output, value in _candidates(argument, context):
            bases = [b for b, x in pairs if x.is_Integer and _rational(b, argument, output, value) is not None]
            inside = [(b, x) for b, x in pairs if b in bases]
            if not any(b.has(Call) for b in bases):
                continue
            ratio = sp.cancel(Mul(*[_rational(b, argument, output, value) ** x for b, x in inside]))
            found = _ansatz(ratio, value, output)
            if found is not None and operations(found) < operations(Mul(*[Pow(b, x) for b, x in inside])):
                context.note("output", name, number)
                return coefficient * found * Mul(*[Pow(b, x) for b, x in pairs if b not in bases])
    return None


def _arguments(term: Expr) -> list[Expr]:
    """Return candidates for u, so that the exponentials in the term are powers of exp(u): positive sign first."""
    found = []
    for c in sorted((c for c in term.atoms(Call) if c.name == "exp"), key=order_key):
        coefficient, rest = c.arguments[0].as_coeff_Mul()
        found.append(rest * abs(coefficient))
    return list(dict.fromkeys(found))


def _candidates(argument: Expr, context: Context) -> Iterator[tuple[str, int, Expr, Expr]]:
    """Yield (name, equation number, output, its value in E): defined tensors rational in E, then sigmoid."""
    for d in context.definitions:
        for binding in _bindings(d, argument):
            output = substitute(d.target, binding)
            if not reads_inside(output, [], context):
                continue  # the definition may have fewer rows than what it is made of
            value = _rational(substitute(d.value, binding), argument, None, None)
            if value is not None and value.has(_E):
                yield d.name, d.number, output, value
    yield "sigmoid", 0, Call("sigmoid", argument), _E / (1 + _E)


def _bindings(d: Definition, argument: Expr) -> Iterator[dict[Expr, Expr]]:
    for c in sorted((c for c in d.value.atoms(Call) if c.name == "exp"), key=order_key):
        coefficient, rest = c.arguments[0].as_coeff_Mul()
        if d.variables:
            found = match(rest * abs(coefficient), argument, {}, d.variables)
            yield from (m for m in found if len(m) == len(d.variables))
        elif rest * abs(coefficient) == argument:
            yield {}
        break


def _rational(e: Expr, argument: Expr, output: Expr | None, value: Expr | None) -> Expr | None:
    """Return e as a rational function of E = exp(argument), or None where it is none."""
    if e.is_Rational:
        return e
    if output is not None and e == output:
        return value
    if isinstance(e, Call) and e.name == "exp":
        power = sp.cancel(e.arguments[0] / argument)
        return _E**power if power.is_Integer else None
    if isinstance(e, Add | Mul):
        parts = [_rational(a, argument, output, value) for a in e.args]
        return None if any(p is None for p in parts) else e.func(*parts)
    if isinstance(e, Pow) and e.exp.is_Integer:
        base = _rational(e.base, argument, output, value)
        return None if base is None else base**e.exp
    return None


def _ansatz(ratio: Expr, value: Expr, output: Expr) -> Expr | None:
    """Find rational a, b, c with ratio == a + b*value + c*value**2 identically in E."""
    found = _coefficients(ratio, value)
    if found is None:
        return None
    a, b, c = found
    if a == 0 and b != 0 and c != 0:
        return Mul(b, output, 1 + (c / b) * output)
    return a + b * output + c * output**2


@lru_cache(maxsize=4096)
def _coefficients(ratio: Expr, value: Expr) -> tuple[Expr, Expr, Expr] | None:
    if _grows(ratio) > 2 * max(_grows(value), 0):
        return None  # faster than any polynomial of degree 2 in the value, without the algebra
    difference = sp.together(ratio - (_A + _B * value + _C * value**2))
    equations = sp.Poly(sp.fraction(difference)[0], _E).coeffs()
    solution = sp.linsolve(equations, [_A, _B, _C])
    if not isinstance(solution, sp.FiniteSet) or not solution:
        return None
    a, b, c = next(iter(solution))
    return (a, b, c) if a.is_Rational and b.is_Rational and c.is_Rational else None


def _grows(ratio: Expr) -> int:
    """Return the degree at infinity of a rational function of E."""
    numerator, denominator = (sp.Poly(part, _E) for part in sp.fraction(sp.together(ratio)))
    return int(numerator.degree() - denominator.degree()) if not numerator.is_zero else 0
