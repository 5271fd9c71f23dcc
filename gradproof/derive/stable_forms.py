"""Quotients of exponentials that are a sigmoid or a hyperbolic tangent: rules `expression -> expression | None`."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Rational, S

from gradproof.derive.nodes import Call

Pair = tuple[Expr, Expr]


def logistic(e: Expr) -> Expr | None:
    """e^a/(e^a + e^b) = sigmoid(a - b), with 1 = e^0: so 1/(1 + e^-z) = sigmoid(z); 1 - sigmoid(z) = sigmoid(-z)."""
    if isinstance(e, Add):
        return _complement(e)
    powers = dict(f.as_base_exp() for f in Mul.make_args(e))
    for base, n in powers.items():
        pair = _two_exponentials(base, S.One)
        if pair is None or not (n.is_Integer and n < 0):
            continue
        left, units, out = dict(powers), -n, S.One
        del left[base]
        for a, b in (pair, pair[::-1]) if pair[0] != 0 else (pair[::-1], pair):  # e^0 stands in any number
            have = units if a == 0 else left.get(Call("exp", a), S.Zero)
            used = min(units, have) if have.is_Integer and have > 0 else S.Zero
            units -= used
            out *= Call("sigmoid", a - b) ** used
            if a != 0:
                left[Call("exp", a)] = left.get(Call("exp", a), S.Zero) - used
        if units < -n:
            return out * Mul(*[b**k for b, k in left.items()]) * base**-units
    return None


def _complement(e: Add) -> Expr | None:
    rest = 1 - e
    if len(e.args) == 2 and isinstance(rest, Call) and rest.name == "sigmoid":
        return Call("sigmoid", -rest.arguments[0])
    return None


def hyperbolic(e: Expr) -> Expr | None:
    """(e^a - e^b)/(e^a + e^b) = tanh((a - b)/2), with 1 = e^0; sinh(a)/cosh(a) = tanh(a)."""
    if not isinstance(e, Mul):
        return None
    powers = dict(f.as_base_exp() for f in e.args)
    for below, n in powers.items():
        if isinstance(below, Call) and below.name == "cosh" and n.is_Integer and n < 0:
            found = _tangent(powers, below)
            if found is not None:
                return found
        pair = _two_exponentials(below, S.One)
        if pair is None or not (n.is_Integer and n < 0):
            continue
        for above, k in powers.items():
            ends = _two_exponentials(above, S.NegativeOne)
            if ends is not None and set(ends) == set(pair) and k.is_Integer and k > 0:
                j = min(k, -n)
                rest = [b**x for b, x in powers.items() if b not in (below, above)]
                tangent = Call("tanh", (ends[0] - ends[1]) * Rational(1, 2))
                return Mul(tangent**j, above ** (k - j), below ** (n + j), *rest)
    return None


def _tangent(powers: dict[Expr, Expr], cosh: Call) -> Expr | None:
    sinh = Call("sinh", *cosh.arguments)
    k = powers.get(sinh, S.Zero)
    if not (k.is_Integer and k > 0):
        return None
    j = min(k, -powers[cosh])
    rest = [b**n for b, n in powers.items() if b not in (sinh, cosh)]
    return Mul(Call("tanh", *cosh.arguments) ** j, sinh ** (k - j), cosh ** (powers[cosh] + j), *rest)


def _two_exponentials(e: Expr, sign: Expr) -> Pair | None:
    """Return (a, b) if e is exp(a) + sign*exp(b)."""
    if not isinstance(e, Add) or len(e.args) != 2:
        return None
    for first, second in (e.args, e.args[::-1]):
        a, b = _exponent(first), _exponent(sign * second)
        if a is not None and b is not None:
            return a, b
    return None


def _exponent(e: Expr) -> Expr | None:
    """Return a if e is exp(a); 1 is exp(0)."""
    if e == 1:
        return Integer(0)
    return e.arguments[0] if isinstance(e, Call) and e.name == "exp" else None
