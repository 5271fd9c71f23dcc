"""Brackets that all terms share, in front: [i == j, c == k]*p - [i == j]*p*q = [i == j]*([c == k]*p - p*q)."""

from __future__ import annotations

from sympy import Add, Basic, Expr, Mul

from gradproof.derive.nodes import Iverson


def shared_in_front(e: Expr) -> Expr:
    """Return the expression with the conditions that all terms of a sum have in one bracket before it."""
    if isinstance(e, Mul):
        return Mul(*[shared_in_front(a) for a in e.args])
    if not isinstance(e, Add):
        return e
    shared = frozenset.intersection(*[_conditions(t) for t in e.args])
    return Mul(Iverson(*shared), Add(*[_without(t, shared) for t in e.args])) if shared else e


def _conditions(term: Expr) -> frozenset[Basic]:
    return frozenset(c for f in Mul.make_args(term) if isinstance(f, Iverson) for c in f.conditions)


def _without(term: Expr, shared: frozenset[Basic]) -> Expr:
    factors = [
        Iverson(*[c for c in f.conditions if c not in shared]) if isinstance(f, Iverson) else f
        for f in Mul.make_args(term)
    ]
    return Mul(*factors)
