"""A sum that is a product of sums: 2*s + z*s - 2*s**2 - 3*z*s**2 + 2*z*s**3 is s*(1 - s)*(2 + z*(1 - 2*s))."""

from __future__ import annotations

import sympy as sp
from sympy import Basic, Expr, Pow

from gradproof.derive.nodes import Iverson, Node, Reduce, order_key

MOST_TERMS = 10
MOST_SYMBOLS = 4


def factored(e: Expr) -> list[Expr] | None:
    """Return two factors or more of a sum that is multiplied out, each a sum or a power of one; None where it has none.

    Only a polynomial in few quantities with a power in it is tried: a gradient's sums are linear in what comes in.
    Brackets are left alone: a factor that leaves its bracket might read past an edge.
    """
    nodes = sorted(e.atoms(Node), key=order_key) if e.is_Add and 3 <= len(e.args) <= MOST_TERMS else []
    hidden: dict[Basic, Expr] = {}
    if not nodes or any(isinstance(n, Iverson | Reduce) for n in nodes) or not _has_power(e):
        return None
    flat = _hide(e, hidden)
    if len(flat.free_symbols) > MOST_SYMBOLS or not flat.is_polynomial(*flat.free_symbols):
        return None
    content, found = sp.factor_list(flat)
    sums = [(f, n) for f, n in found if f.is_Add]
    if len(sums) < 2 and not any(n > 1 for _, n in sums):
        return None
    back = {s: x for x, s in hidden.items()}
    sign = sp.S.One
    out = []
    for f, n in found:
        turned = _begins_with_minus(f)
        sign *= (-1) ** n if turned else 1
        out.append(Pow((sp.expand(-f) if turned else f).xreplace(back), n))
    return [sign * content, *out]


def _has_power(e: Expr) -> bool:
    return any(isinstance(f, Pow) and f.exp.is_Integer and f.exp > 1 for t in e.args for f in sp.Mul.make_args(t))


def _hide(e: Expr, hidden: dict[Basic, Expr]) -> Expr:
    """Put a symbol in the place of each outermost node."""
    if isinstance(e, Node):
        return hidden.setdefault(e, sp.Symbol(f"_hidden{len(hidden)}"))
    return e.func(*[_hide(a, hidden) for a in e.args]) if e.args else e


def _begins_with_minus(f: Expr) -> bool:
    """Is the number in a sum negative, or without one most of its terms: s - 1 is written 1 - s."""
    number = f.as_coeff_Add()[0]
    if not f.is_Add:
        return False
    minus = sum(bool(t.as_coeff_Mul()[0] < 0) for t in f.args)
    return bool(number < 0) or (number == 0 and 2 * minus > len(f.args))
