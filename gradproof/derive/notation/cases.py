"""Find `[c]*a + [not c]*b` among the terms of a sum: it is written where(c, a, b)."""

from __future__ import annotations

from sympy import Expr, Mul

from gradproof.derive.conditions import Condition, at_least_zero, negation
from gradproof.derive.nodes import Iverson

_OPPOSITE = {"eq": "ne", "ne": "eq", "same": "differs", "differs": "same"}
_DENIALS = ("not", "ne", "differs")


def opposite(conditions: tuple[Condition, ...]) -> Condition:
    """Not all of the conditions; one integer comparison is turned round, so that the range prover understands it."""
    if len(conditions) == 1:
        c = conditions[0]
        if c.kind == "not" and len(c.operands) == 1:
            return c.operands[0]
        if c.kind == "ge":
            return at_least_zero(-c.operands[0] - 1)
        if c.kind in _OPPOSITE:
            return Condition(_OPPOSITE[c.kind], *c.operands)
    return negation(*conditions)


def split_cases(terms: list[Expr]) -> tuple[list[tuple[tuple[Condition, ...], Expr, Expr]], list[Expr]]:
    """Return the cases (conditions, value where they hold, value elsewhere) and the other terms."""
    cases, rest = [], list(terms)
    for term in terms:
        for bracket, value in _bracketed(term) if term in rest else ():
            partner = _partner(bracket, [t for t in rest if t != term])
            if partner is not None and not _denies(bracket):
                other, elsewhere = partner
                rest = [t for t in rest if t not in (term, other)]
                cases.append((bracket.conditions, value, elsewhere))
                break
    return cases, rest


def _bracketed(term: Expr) -> list[tuple[Iverson, Expr]]:
    """Each bracket of the term, with the rest of the term.

    A rest such as -1 and a + b is left out: alone, the two become -a - b, which is another expression.
    """
    factors = Mul.make_args(term)
    found = [(f, [g for g in factors if g is not f]) for f in factors if isinstance(f, Iverson)]
    return [(f, Mul(*rest)) for f, rest in found if not (len(rest) == 2 and rest[0].is_number and rest[1].is_Add)]


def _partner(bracket: Iverson, terms: list[Expr]) -> tuple[Expr, Expr] | None:
    wanted = opposite(bracket.conditions)
    for term in terms:
        for other, value in _bracketed(term):
            if other.conditions == (wanted,):
                return term, value
    return None


def _denies(bracket: Iverson) -> bool:
    return len(bracket.conditions) == 1 and bracket.conditions[0].kind in _DENIALS
