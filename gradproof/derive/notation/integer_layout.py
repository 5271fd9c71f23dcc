"""Integer expression -> display tree: indices first, then sizes, then the number, as in `s*i+q*u-p`."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, S, Symbol

from gradproof.derive.affine import integer_form
from gradproof.derive.index import Bound, Index
from gradproof.derive.nodes import Element, Quotient, free, order_key
from gradproof.derive.notation.boxes import Box, Elem, Frac, Num, Power, Prod, Sum, Sym
from gradproof.derive.start_rows import unmarked


def integer_box(e: Expr) -> Box:
    """Return the display tree of an index, a size or a side of an integer comparison."""
    return integer_sum(list(Add.make_args(integer_form(e))))


def integer_sum(terms: list[Expr]) -> Box:
    """Return the sum of the terms, in order."""
    terms = [t for t in terms if t != 0]
    terms = sorted(terms, key=term_key)
    if terms and is_minus(terms[0]) and not is_minus(terms[-1]):
        terms = [terms[-1], *terms[:-1]]
    signed = [_signed(t) for t in terms]
    if not signed:
        return Num("0")
    return signed[0][1] if len(signed) == 1 and signed[0][0] > 0 else Sum(tuple(signed), tight=True)


def term_key(t: Expr) -> tuple[object, ...]:
    """Numbers last, positive before negative, free indices before bound ones, indices before sizes."""
    open_indices = sum(isinstance(s, Index) for s in free(t))
    return (t.is_Integer, is_minus(t), -open_indices, -index_count(t), order_key(t))


def is_minus(t: Expr) -> bool:
    """Is the term subtracted?"""
    return bool(t.as_coeff_Mul()[0] < 0)


def index_count(e: Expr) -> int:
    """Return how many different indices stand in it; data counts as one."""
    return sum(isinstance(s, Index | Bound) for s in free(e)) + bool(e.atoms(Element))


def _signed(t: Expr) -> tuple[int, Box]:
    number, rest = t.as_coeff_Mul()
    sign = -1 if number < 0 else 1
    factors = [] if rest == 1 else sorted(Mul.make_args(rest), key=lambda f: (index_count(f) > 0, order_key(f)))
    boxes = [_factor(f) for f in factors]
    if abs(number.p) != 1 or not boxes:
        boxes.insert(0, Num(str(abs(number.p))))
    top = boxes[0] if len(boxes) == 1 else Prod(tuple(boxes))
    return sign, top if number.q == 1 else Frac(top, Num(str(number.q)), exact=True)


def _factor(f: Expr) -> Box:
    match f:
        case Symbol():
            return Sym(f)
        case Quotient():
            return Frac(integer_box(f.num), integer_box(f.den), exact=True)
        case Element():
            return Elem(unmarked(f.name), tuple(integer_box(i) for i in f.indices))
        case Pow() if f.exp.is_Integer and f.exp > 0:
            return Power(_factor(f.base), Num(str(f.exp)))
        case Pow():
            return Frac(Num("1"), _factor(Pow(f.base, -f.exp)), exact=True)
        case Integer():
            return Num(str(f))
        case _ if f == S.Half:
            return Frac(Num("1"), Num("2"), exact=True)
    return integer_box(f)
