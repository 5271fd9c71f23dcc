"""Terms as factors, and how long an expression is to read."""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Basic, Expr, Mul, Pow, S
from sympy.core.symbol import Str

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Size
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Node, Product, Quotient, Reduce, rebuild

#: Nodes whose insides are indices or conditions: no rule of the algebra reaches into them.
LEAVES = (Element, Condition, Quotient, Grad)


def is_leaf(e: Basic) -> bool:
    """Is there nothing inside for the algebra to rewrite?"""
    return not e.args or isinstance(e, LEAVES)


def factors(term: Expr) -> tuple[Expr, list[tuple[Expr, Expr]]]:
    """Return the rational coefficient and the (base, exponent) pairs of a term."""
    coefficient, rest = term.as_coeff_Mul()
    pairs = [(a, S.One) if isinstance(a, Node) else a.as_base_exp() for a in Mul.make_args(rest) if a != 1]
    return coefficient, pairs


def product_of(coefficient: Expr, pairs: list[tuple[Expr, Expr]]) -> Expr:
    """Return coefficient * prod base**exponent."""
    return Mul(coefficient, *[Pow(b, x) for b, x in pairs])


def map_args(e: Basic, go: object) -> Basic:
    """Rebuild a node over its rewritten arguments; names stay."""
    return rebuild(e, [a if isinstance(a, Str) else go(a) for a in e.args])  # type: ignore[operator]


def plain(e: Basic) -> Basic:
    """Turn display products into SymPy products again, everywhere."""
    if not e.has(Product):
        return e
    if isinstance(e, Reduce):
        opened, body, conditions = e.opened()
        return Reduce(e.op, plain(body), opened, e.sizes, [plain(c) for c in conditions])
    args = [a if isinstance(a, Str) else plain(a) for a in e.args]
    return Mul(*args) if isinstance(e, Product) else e.func(*args)


@lru_cache(None)
def weight(e: Basic) -> float:
    """Return how long an expression is to read: letters, operators, brackets. A heuristic measure, used to choose."""
    if isinstance(e, Element):
        return 1 + sum(weight(i) for i in e.indices if i.args) / 8
    if e.is_Rational:
        return 0.3 if e.q == 1 else 1.3
    if isinstance(e, Add | Mul | Product):
        return sum(weight(a) for a in e.args) + len(e.args) - 1
    if isinstance(e, Reduce):
        return 1.5 + weight(e.body) + 0.5 * len(e.conditions)
    if isinstance(e, Iverson):
        return 1 + 0.5 * len(e.args)
    if not e.args:
        return 0.5 if isinstance(e, Size) else 1.0
    if isinstance(e, Condition):
        return 1.0
    if e.is_Pow and e.exp == -1:
        return weight(e.base)
    return 1 + sum(weight(a) for a in e.args if not isinstance(a, Str))


@lru_cache(None)
def operations(e: Basic) -> int:
    """Return the number of operators, functions and reductions that print: the measure of compactness."""
    if isinstance(e, Element):
        return 0
    inner = sum(operations(a) for a in e.args if not isinstance(a, Str | Condition))
    if isinstance(e, Add):
        return inner + len(e.args) - 1
    if isinstance(e, Mul | Product):
        shown = [a for a in e.args if a not in (1, -1)]
        return inner + max(len(shown) - 1, 0)
    if e.is_Pow:
        return operations(e.base) if e.exp == -1 else inner + 1
    if e.is_Rational:
        return 0 if e.q == 1 else 1
    if isinstance(e, Reduce):
        return 1 + operations(e.body)
    if isinstance(e, Call):
        return 1 + inner
    return inner


@lru_cache(None)
def reads(e: Basic) -> int:
    """Return the number of tensor elements that print, each as often as it does."""
    if isinstance(e, Element):
        return 1
    return sum(reads(a) for a in e.args if not isinstance(a, Str | Condition))


def is_shorter(a: Expr, b: Expr) -> bool:
    """Does a print with fewer operators than b, or with as many and fewer elements (2*p - 1, not p - (1 - p))?"""
    return (operations(a), reads(a)) < (operations(b), reads(b))
