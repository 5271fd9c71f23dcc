"""Last touches to a display tree for reading: signs in front of sums, deltas in front of what they pick from.

    sum[k] -y[k]           ->  -sum[k] y[k]
    sum[j, i == j] x[j]    ->  sum[j] [j == i]*x[j]
    [not(z[i] > 0)]        ->  [z[i] <= 0]

The value is the same, and the text still parses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from gradproof.derive.notation.boxes import Big, Box, Chain, Frac, Iver, Not, Num, Prod, Sum, Sym, map_box

_DENIED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def signs_in_front(box: Box) -> Box:
    """Return the display tree with the minus signs inside sums and fractions in front of them."""
    sign, inner = _signed(box)
    return inner if sign > 0 else Sum(((-1, inner),))


def for_reading(box: Box) -> Box:
    """Return the display tree as every page has it: signs in front, and nothing denied that can be said."""
    return signs_in_front(denials_turned(box))


def denials_turned(box: Box) -> Box:
    """Return the display tree with `a <= b` for `not(a > b)`."""
    match box:
        case Not((Chain(operands, (op,)),)):
            return Chain(tuple(denials_turned(o) for o in operands), (_DENIED[op],))
    turned: Box = map_box(box, denials_turned)
    return turned


def _signed(box: Box) -> tuple[int, Box]:
    """Return the sign that may stand in front, and the tree without it."""
    match box:
        case Sum(terms, tight) if not tight:
            return _sum(terms)
        case Prod(factors):
            parts = [_signed(f) if isinstance(f, Big | Frac) else (1, signs_in_front(f)) for f in factors]
            return _sign_of(parts), Prod(tuple(p for _, p in parts))
        case Frac(num, den, exact) if not exact:
            sign, above = _signed(num)
            return sign, Frac(above, signs_in_front(den))
        case Big() if box.op == "sum":
            sign, body = _signed(box.body)
            return sign, replace(box, body=body)
    return 1, map_box(box, signs_in_front)


def _sign_of(parts: Sequence[tuple[int, Box]]) -> int:
    return -1 if sum(s < 0 for s, _ in parts) % 2 else 1


def _sum(terms: tuple[tuple[int, Box], ...]) -> tuple[int, Box]:
    parts = [(s * inner, b) for s, t in terms for inner, b in [_signed(t)]]
    if len(parts) == 1:
        return parts[0]
    return 1, Sum(tuple(sorted(parts, key=lambda p: p[0] < 0)))


def deltas_in_front(box: Box) -> Box:
    """Return the display tree with equations between indices as a factor, not under the sum's sign."""
    inner: Box = map_box(box, deltas_in_front)
    if not isinstance(inner, Big) or inner.op != "sum":
        return inner
    deltas = tuple(c for c in inner.conditions if isinstance(c, Chain) and c.ops == ("==",) and not _reduces(c))
    if not deltas:
        return inner
    own = {b.index.symbol for b in inner.binders}
    factors = inner.body.factors if isinstance(inner.body, Prod) else (inner.body,)
    front = Iver(tuple(_turned(c, own) for c in deltas))
    body = front if factors == (Num("1"),) else Prod((front, *factors))
    return replace(inner, conditions=tuple(c for c in inner.conditions if c not in deltas), body=body)


def _reduces(c: Chain) -> bool:
    return any(isinstance(o, Big) for o in c.operands)


def _turned(c: Chain, own: set[Symbol]) -> Chain:
    """Return `j == i` for `i == j` where j is the bound one."""
    a, b = c.operands
    if isinstance(b, Sym) and b.symbol in own and not (isinstance(a, Sym) and a.symbol in own):
        return Chain((b, a), c.ops)
    return c
