"""An unknown that each of its equations reads at one place alone: a polynomial equation in one letter."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Basic, Expr, Symbol

from gradproof.derive.canonical.functions import is_positive
from gradproof.derive.canonical.rational import parts, rational
from gradproof.derive.nodes import Call, Element, Node, Product, Reduce, order_key

#: Polynomials of a higher degree in the unknown have no short solution.
MOST_DEGREE = 2


@dataclass(frozen=True, slots=True)
class Roots:
    """The roots of a gradient, the derivative of the gradient at each, and the equation that was solved (= 0)."""

    numerator: Expr
    values: tuple[Expr, ...]
    slopes: tuple[Expr, ...]


def roots(gradient: Expr, unknown: Element) -> Roots | None:
    """Return where the gradient vanishes, or None where the unknown stands in it in another way than as a letter.

    The letter is the unknown, or its exponential where it stands in exponentials only; that letter is positive.
    """
    exponential = Call("exp", unknown)
    letter = Symbol("_unknown", positive=True) if gradient.has(exponential) else Symbol("_unknown")
    place = exponential if gradient.has(exponential) else unknown
    hidden, meaning = _hide(rational(gradient), place, letter)
    if unknown in hidden.atoms(Element) or any(unknown in e.atoms(Element) for e in meaning.values()):
        return None
    num, den = parts(sp.factor_terms(sp.together(hidden)))
    polynomial = sp.Poly(sp.expand(num), letter) if sp.expand(num).is_polynomial(letter) else None
    if polynomial is None or not 0 < polynomial.degree() <= MOST_DEGREE:
        return None
    found = [s for s in sp.roots(polynomial) if sp.cancel(den.subs(letter, s)) != 0 and _may_be(s, letter)]
    if not found:
        return None
    slope = sp.diff(hidden, letter) * (letter if place is exponential else 1)
    shown = [s.xreplace(meaning) for s in found]
    values = [Call("log", v) if place is exponential else rational(v) for v in shown]
    slopes = [sp.factor(sp.cancel(slope.subs(letter, s))).xreplace(meaning) for s in found]
    equation = sp.expand(num).as_content_primitive()[1].xreplace({**meaning, letter: place})
    return Roots(equation, tuple(values), tuple(slopes))


def _may_be(root: Expr, letter: Symbol) -> bool:
    """May the letter have this value? A positive letter is no negative root."""
    return not (letter.is_positive and root.could_extract_minus_sign())


def _hide(e: Expr, place: Expr, letter: Symbol) -> tuple[Expr, dict[Basic, Expr]]:
    """Return the expression with letters for its outermost nodes, the unknown's place as `letter`."""
    nodes: set[Expr] = set()
    stack: list[Basic] = [e]
    while stack:
        top = stack.pop()
        if isinstance(top, Node) and not isinstance(top, Product):
            nodes.add(top)
        else:
            stack += top.args
    names = {x: Symbol(f"_h{k:04d}") for k, x in enumerate(sorted(nodes - {place}, key=order_key))}

    def go(x: Basic) -> Basic:
        if x == place:
            return letter
        if x in names:
            return names[x]
        return x.func(*[go(a) for a in x.args]) if x.args else x

    return go(e), {s: x for x, s in names.items()}


def sign(e: Expr, *, positive: bool = False) -> int:
    """Return 1 or -1 where e is above or below 0 (with `positive`: where all tensors are), 0 where that is not seen."""
    e = rational(e)
    if positive:  # an exponential stands for each element: it is known to be positive
        e = rational(e.xreplace({x: Call("exp", x) for x in e.atoms(Element)}))
    num, den = (_hidden_factors(part) for part in parts(e))
    for s in (1, -1):
        if is_positive(s * num) and _is_no_less(den):
            return s
    return 0


def _hidden_factors(e: Expr) -> Expr:
    hidden, meaning = _hide(e, sp.Symbol("_none"), sp.Symbol("_none"))
    return sp.factor(hidden).xreplace(meaning)


def _is_no_less(e: Expr) -> bool:
    """Is the expression never below 0? A denominator is not 0, so that it is positive then."""
    if e.is_Pow and e.exp.is_Integer and e.exp % 2 == 0:
        return True
    if isinstance(e, Reduce):
        return e.op == "sum" and _is_no_less(e.body)
    if e.is_Add or e.is_Mul:
        return all(_is_no_less(a) for a in e.args)
    return is_positive(e)
