"""Rewrite an expression to its normal form under the rules in force."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import size_nonnegative
from gradproof.derive.conditions import Condition
from gradproof.derive.nodes import Iverson, Node, Product, Reduce, free, free_indices, substitute
from gradproof.derive.normal.context import Context
from gradproof.derive.normal.factors import is_leaf, map_args, weight
from gradproof.derive.normal.tidy import tidy
from gradproof.errors import InternalError

#: Seen: two rounds at most on sixty systems. More than this is a loop, and a bug.
MOST_ROUNDS = 12


def normalise(e: Expr, context: Context) -> Expr:
    """Return the normal form: algebra, then folding of definitions, to a fixed point."""
    return e if is_leaf(e) else context.once("normal", e, lambda: _fixed_point(e, context))


def _fixed_point(e: Expr, context: Context) -> Expr:
    from gradproof.derive.normal.fold import fold
    from gradproof.derive.normal.output import in_terms_of_output

    result = algebra(e, context)
    for _ in range(MOST_ROUNDS):
        before = result
        if "fold" in context.rules:
            result = algebra(fold(result, context), context)
        if "output" in context.rules:
            result = algebra(in_terms_of_output(result, context), context)
        if result == before:
            return result
    raise InternalError(f"no normal form after {MOST_ROUNDS} rounds: {e}")


def algebra(e: Expr, context: Context) -> Expr:
    """Return the normal form under the rules of sums and products alone, children first."""
    return e if is_leaf(e) else context.once("algebra", e, lambda: _algebra(e, context))


def _algebra(e: Expr, context: Context) -> Expr:
    if isinstance(e, Iverson):
        conditions = tidy(e.conditions, context)
        return S.Zero if conditions is None else Iverson(*conditions)
    if isinstance(e, Product):
        return algebra(Mul(*e.args), context)
    if isinstance(e, Reduce):
        return _reduction(e, context)
    if isinstance(e, Node):
        return map_args(e, lambda a: algebra(a, context))
    if isinstance(e, Pow):
        base, exponent = algebra(e.base, context), algebra(e.exp, context)
        # A bracket that a factor takes along below a stroke would cancel the one beside it: the base stays as it is.
        return _power(e.base if _brackets(base) - _brackets(e.base) else base, exponent)
    if isinstance(e, Add):
        return Add(*[algebra(a, context) for a in e.args])
    if isinstance(e, Mul):
        return multiply(Mul(*[algebra(a, context) for a in e.args]), context)
    return e


def _brackets(e: Expr) -> set[Expr]:
    """Return the brackets among the factors."""
    return {a for a in Mul.make_args(e) if isinstance(a, Iverson)}


def _reduction(e: Reduce, context: Context) -> Expr:
    from gradproof.derive.normal.sums import make_sum

    opened, body, conditions = e.opened()
    body = algebra(body, context)
    if e.op == "sum":
        return make_sum(opened, conditions, body, context)
    if e.op == "solve" and body.right == 0:
        return S.Zero
    kept = tidy(conditions, context)
    return Reduce(e.op, body, opened, e.sizes, conditions if kept is None else kept)


def _power(base: Expr, exponent: Expr) -> Expr:
    """(c*f)**x = c**x * f**x for numbers and sizes c that are proved not to be negative."""
    if base.is_Mul and exponent.is_Rational:
        units = [f for f in base.args if not f.atoms(Node) and not free_indices(f) and size_nonnegative(f)]
        rest = [f for f in base.args if f not in units]
        if units:
            return Pow(Mul(*units), exponent) * Pow(Mul(*rest), exponent)
    return Pow(base, exponent)


def multiply(e: Expr, context: Context) -> Expr:
    """Distribute a sum that holds a cotangent over its product (linearity), and join the brackets of a product."""
    if not e.is_Mul:
        return e
    if "linear" in context.rules:
        for a in e.args:
            if a.is_Add and context.is_cotangent(a):
                rest = Mul(*[b for b in e.args if b is not a])
                return Add(*[multiply(Mul(rest, t), context) for t in a.args])
    brackets = [a for a in e.args if isinstance(a, Iverson)]
    if not brackets:
        return e
    conditions = tidy([c for b in brackets for c in b.conditions], context)
    if conditions is None:
        return S.Zero
    rest = Mul(*[a for a in e.args if not isinstance(a, Iverson)])
    for c in conditions:
        rest = under_equality(c, rest, context)
    return rest * Iverson(*conditions)


def under_equality(c: Condition, rest: Expr, context: Context) -> Expr:
    """Under [i == v] write v for i in what stands beside it, where that reads shorter."""
    if c.kind != "eq":
        return rest
    e = c.operands[0]
    for index in free_indices(e):
        factor = e.coeff(index)
        if factor in (1, -1):
            value = integer_form(index - e / factor)
            if index not in free(value):
                shorter = algebra(substitute(rest, {index: value}), context)
                if weight(shorter) < weight(rest):
                    context.note("equal indices under a bracket")
                    return shorter
    return rest
