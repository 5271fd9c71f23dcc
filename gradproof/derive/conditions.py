"""Conditions inside brackets and reductions: integer comparisons, divisibility, real comparisons, arg-max.

One class, `Condition(kind, ...)`, and a constructor for each kind; integer kinds are kept as one expression
against zero, in normal form, so that equal conditions are equal objects.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from sympy import Basic, Expr, Symbol, Tuple
from sympy.core.symbol import Str
from sympy.core.sympify import _sympify  # strict: text is refused, never parsed

from gradproof.derive.affine import integer_form

INTEGER_KINDS = ("ge", "eq", "ne", "divides")
REAL_KINDS = ("gt", "gte", "same", "differs")


class Condition(Basic):
    """`kind` and its arguments.

    ge e: e >= 0;  eq e: e == 0;  ne e: e != 0;  divides s e: s | e  (integers, over indices and sizes);
    gt a b, gte a b, same a b, differs a b  (real expressions);
    arg r idx: idx is the first position, in binder order, at which the reduction r (max or min) is reached;
    not c1 c2 ...: not all of the conditions hold.
    """

    def __new__(cls, kind: str | Str, *args: Basic) -> Condition:
        kind = kind.name if isinstance(kind, Str) else str(kind)
        if kind == "ge":
            args = (integer_form(_sympify(args[0])),)
        elif kind in ("eq", "ne"):
            args = (_leading_positive(integer_form(_sympify(args[0]))),)
        elif kind == "divides":
            args = (_sympify(args[0]), integer_form(_sympify(args[1])))
        return _condition(kind, tuple(_sympify(a) for a in args))

    @property
    def kind(self) -> str:
        return self.args[0].name

    @property
    def operands(self) -> tuple[Basic, ...]:
        return self.args[1:]

    def _sympystr(self, printer: object) -> str:
        from gradproof.derive.notation.printer import format_condition

        return format_condition(self)


@lru_cache(None)
def _condition(kind: str, operands: tuple[Basic, ...]) -> Condition:
    """Return the one object for the condition: equal ones are then found equal without looking inside."""
    return Basic.__new__(Condition, Str(kind), *operands)


def at_least_zero(e: Expr) -> Condition:
    """e >= 0 (integer)."""
    return Condition("ge", e)


def equals_zero(e: Expr) -> Condition:
    """e == 0 (integer)."""
    return Condition("eq", e)


def not_zero(e: Expr) -> Condition:
    """e != 0 (integer)."""
    return Condition("ne", e)


def divides(s: Expr, e: Expr) -> Condition:
    """s | e (integers, s >= 1)."""
    return Condition("divides", s, e)


def greater(a: Expr, b: Expr) -> Condition:
    """a > b (real)."""
    return Condition("gt", a, b)


def greater_equal(a: Expr, b: Expr) -> Condition:
    """a >= b (real)."""
    return Condition("gte", a, b)


def same(a: Expr, b: Expr) -> Condition:
    """a == b (real)."""
    return Condition("same", a, b)


def differs(a: Expr, b: Expr) -> Condition:
    """a != b (real)."""
    return Condition("differs", a, b)


def is_arg(reduction: Expr, indices: tuple[Expr, ...]) -> Condition:
    """`indices == argmax[binders] body` (the first one), for a reduction node max or min."""
    return Condition("arg", reduction, Tuple(*[integer_form(_sympify(i)) for i in indices]))


def negation(*conditions: Condition) -> Condition:
    """Not all of the conditions hold."""
    return Condition("not", *conditions)


def _leading_positive(e: Expr) -> Expr:
    """Fix the sign of an expression that is compared with zero."""
    terms = [t.as_coeff_Mul() for t in sp.Add.make_args(e)]
    symbolic = [(_name(r), c) for c, r in terms if r != 1]
    lead = min(symbolic)[1] if symbolic else (terms[0][0] if terms else 0)
    return integer_form(-e) if lead < 0 else e


def _name(e: Expr) -> str:
    from gradproof.derive.nodes import order_key

    return e.name if isinstance(e, Symbol) else order_key(e)


@lru_cache(None)
def truth(c: Condition) -> bool | None:
    """Return True or False where the condition is decided by numbers alone, else None."""
    e = c.operands[-1]
    if c.kind in ("ge", "eq", "ne") and e.is_Integer:
        return bool({"ge": e >= 0, "eq": e == 0, "ne": e != 0}[c.kind])
    if c.kind == "divides":
        return _divides(*c.operands)
    if c.kind in REAL_KINDS:
        a, b = c.operands
        if a.is_Rational and b.is_Rational:
            return bool({"gt": a > b, "gte": a >= b, "same": a == b, "differs": a != b}[c.kind])
        if a == b and c.kind == "gt":
            return False
    if c.kind == "not":
        known = [truth(d) for d in c.operands]
        if any(k is False for k in known):
            return True
        if all(k is True for k in known):
            return False
    return None


def _divides(s: Expr, e: Expr) -> bool | None:
    ratio = sp.expand(e / s)
    if ratio.is_number:
        return bool(ratio.is_integer)
    polynomial = not any(p.is_Pow and p.exp.is_negative for p in sp.preorder_traversal(ratio))
    return True if polynomial and ratio.is_integer else None
