"""Where along an index conditions hold: a range with a step, so that no term has to be asked.

`0 <= w + p - r*v` and `w + p - r*v < W` and `(w + p - r*v) % s == 0` hold for w from `max(0, r*v - p)` to below
`min(n, W - p + r*v)`, every s-th place. Bounds are exact: a floor or a ceiling of a quotient where a factor stands
before the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Quotient, elements, free


@dataclass(frozen=True, slots=True)
class Bound:
    """The quotient num/den, den being at least 1: rounded up where it is a least place, down where it is a greatest."""

    num: Expr
    den: Expr


@dataclass(frozen=True, slots=True)
class Range:
    """The places of an index at which conditions hold.

    Attributes:
        least: the place is at least each of these, rounded up.
        most: the place is at most each of these, rounded down.
        step: the place plus `offset` is a multiple of it; None for every place.
        offset: see step.
        outside: conditions in which the index does not stand.
        left: conditions that are no range.
    """

    least: tuple[Bound, ...] = ()
    most: tuple[Bound, ...] = ()
    step: Expr | None = None
    offset: Expr | None = None
    outside: tuple[Condition, ...] = ()
    left: tuple[Condition, ...] = ()


def solved(conditions: Iterable[Condition], index: Index, divisors: Collection[Size] = ()) -> Range:
    """Return where along the index the conditions hold.

    Args:
        conditions: they hold together.
        index: the one to solve for.
        divisors: sizes that are at least 1 because something is divided by them.
    """
    found = Range()
    for c in conditions:
        found = _with(found, c, index, divisors)
    return found


def _with(r: Range, c: Condition, index: Index, divisors: Collection[Size]) -> Range:
    if index not in free(c):
        return Range(r.least, r.most, r.step, r.offset, (*r.outside, c), r.left)
    bound = _bound(c, index, divisors)
    if bound is not None:
        lower, quotient = bound
        if lower:
            return Range((*r.least, quotient), r.most, r.step, r.offset, r.outside, r.left)
        return Range(r.least, (*r.most, quotient), r.step, r.offset, r.outside, r.left)
    multiple = _multiple(c, index, divisors)
    if multiple is not None and r.step is None:
        return Range(r.least, r.most, *multiple, r.outside, r.left)
    return Range(r.least, r.most, r.step, r.offset, r.outside, (*r.left, c))


def _bound(c: Condition, index: Index, divisors: Collection[Size]) -> tuple[bool, Bound] | None:
    """Return the bound that `a*index + b >= 0` is, and whether it is a least one."""
    if c.kind != "ge" or elements(c.operands[0]):
        return None
    e = integer_form(_exact(c.operands[0], divisors))
    factor = e.coeff(index)
    rest = integer_form(e - factor * index)
    if index in free(rest) or index in free(factor) or e.has(Quotient):
        return None
    if _is_positive(factor, divisors):
        return True, Bound(integer_form(-rest), factor)
    if _is_positive(-factor, divisors):
        return False, Bound(rest, -factor)
    return None


def _exact(e: Expr, divisors: Collection[Size]) -> Expr:
    """Multiply by the denominator of an exact quotient: it is at least 1, and the sign stays."""
    quotients = sorted(e.atoms(Quotient), key=str)
    if len(quotients) != 1 or not _is_positive(quotients[0].den, divisors):
        return e
    q = quotients[0]
    return integer_form((e - e.coeff(q) * q) * q.den + e.coeff(q) * q.num)


def _multiple(c: Condition, index: Index, divisors: Collection[Size]) -> tuple[Expr, Expr] | None:
    """Return the step and the offset of `step | index + offset`."""
    if c.kind != "divides" or elements(c.operands[1]):
        return None
    step, e = c.operands
    rest = integer_form(e - index)
    return (step, rest) if index not in free(rest) and _is_positive(step, divisors) and not rest.has(Quotient) else None


def _is_positive(e: Expr, divisors: Collection[Size]) -> bool:
    return bool(e.is_Integer and e > 0) or (isinstance(e, Size) and (e.least >= 1 or e in divisors))
