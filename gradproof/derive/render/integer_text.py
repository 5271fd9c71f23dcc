"""Integer expressions in an index or a condition, written tightly: `t+1`, `s*i+q*u-p`, `(h+p)/s`."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Expr, Mul

from gradproof.derive.affine import integer_form
from gradproof.derive.index import Index
from gradproof.derive.nodes import Quotient, free, order_key


def integer_text(e: Expr, leaf: Callable[[Expr], str], minus: str = "-") -> str:
    """Return the text of an integer expression; `leaf` writes symbols and tensor elements."""
    if isinstance(e, Quotient):
        top = integer_text(e.num, leaf, minus)
        return f"({top})/{leaf(e.den)}" if e.num.is_Add or e.num.is_Mul else f"{top}/{leaf(e.den)}"
    out = ""
    for term in sorted(Add.make_args(integer_form(e)), key=_place):
        coefficient, rest = term.as_coeff_Mul()
        factors = sorted(Mul.make_args(rest), key=lambda f: (isinstance(f, Index), order_key(f)))
        shown = [str(abs(coefficient))] if abs(coefficient) != 1 or rest == 1 else []
        shown += [_factor(f, leaf, minus) for f in factors if f != 1]
        sign = minus if coefficient < 0 else "+" if out else ""
        out += sign + "*".join(shown)
    return out or "0"


def _factor(f: Expr, leaf: Callable[[Expr], str], minus: str) -> str:
    if isinstance(f, Quotient):
        return integer_text(f, leaf, minus)
    if f.is_Pow and f.exp.is_Integer:
        return f"{leaf(f.base)}**{f.exp}"
    return f"({integer_text(f, leaf, minus)})" if f.is_Add else leaf(f)


def _place(term: Expr) -> tuple[object, ...]:
    """Numbers last, what is taken away after what is added, indices before sizes."""
    coefficient, _ = term.as_coeff_Mul()
    return (term.is_number, bool(coefficient < 0), not any(isinstance(s, Index) for s in free(term)), order_key(term))
