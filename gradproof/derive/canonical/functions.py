"""Elementwise functions by exponentials, logarithms and brackets; each rewriting holds wherever the call is defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sympy import Add, Expr, Mul, Pow, S, factorint

from gradproof.derive.canonical.rational import parts, rational
from gradproof.derive.conditions import greater, same
from gradproof.derive.index import Size
from gradproof.derive.nodes import Call, Iverson, Reduce


def rewritten(call: Call) -> Expr:
    """Return the call in the form that is shared by equal functions; its arguments are canonical already."""
    rule = _RULES.get(call.name)
    return call if rule is None else rule(*call.arguments)


def exponential(a: Expr) -> Expr:
    """exp(a - 2*b + log(c)) = exp(a)*c/exp(b)**2."""
    out = S.One
    num, den = parts(a)
    for top in Add.make_args(num):
        number, rest = (top / den).as_coeff_Mul()
        if isinstance(rest, Call) and rest.name == "log":
            out *= Pow(rest.arguments[0], number)  # the logarithm is defined, so its argument is positive
        elif number.is_Rational and top != 0:
            out *= Pow(Call("exp", rest / number.q), number.p)
        else:
            out *= S.One if top == 0 else Call("exp", top / den)
    return rational(out)


def logarithm(a: Expr) -> Expr:
    """log(12*exp(a)*b/c) = a + 2*log(2) + log(3) + log(b/c), for factors that are positive whatever they read."""
    num, den = parts(a)
    out, left = S.Zero, []
    for f, sign in [*((f, 1) for f in Mul.make_args(num)), *((f, -1) for f in Mul.make_args(den))]:
        base, power = (f, S.One) if not f.is_Pow else (f.base, f.exp)
        if isinstance(base, Call) and base.name == "exp":
            out += sign * power * base.arguments[0]
        elif f.is_Integer and f > 0:
            out += sign * sum(k * Call("log", S(q)) for q, k in sorted(factorint(f).items()))
        elif f != 1 and is_positive(base):
            out += sign * power * Call("log", base)
        else:
            left.append(Pow(f, sign))
    rest = Mul(*left)
    return rational(out if rest == 1 else out + Call("log", rest))


def is_positive(e: Expr) -> bool:
    """Is the expression above 0 wherever it is defined? (False: not seen.)"""
    if e.is_Rational:
        return bool(e > 0)
    if isinstance(e, Size):
        return e.least > 0
    if isinstance(e, Call):
        return e.name in ("exp", "cosh")
    if isinstance(e, Reduce):
        return is_positive(e.body) and (e.op != "sum" or not e.conditions)
    if e.is_Add or e.is_Mul:
        return all(is_positive(a) for a in e.args)
    return bool(e.is_Pow) and is_positive(e.base)


def above_zero(e: Expr) -> Expr:
    """[e > 0], up to positive factors of e; [-e > 0] is 1 - [e > 0] - [e = 0], so that opposite brackets meet."""
    num, den = parts(rational(e))
    e = num if is_positive(den) else num / den
    e = e.as_content_primitive()[1] if e.is_Add else _without_number(e)
    if e.is_number or not e.could_extract_minus_sign():
        return Iverson(greater(e, S.Zero))
    return 1 - Iverson(greater(-e, S.Zero)) - Iverson(same(-e, S.Zero))


def _without_number(e: Expr) -> Expr:
    """Drop the positive number in front."""
    number, rest = e.as_coeff_Mul()
    return e if rest == 1 or not number.is_Rational else rest if number > 0 else -rest


def rectified(a: Expr) -> Expr:
    """relu(a) = a*[a > 0]."""
    return rational(a * above_zero(a))


def _odd(name: str) -> Callable[[Expr], Expr]:
    return lambda a: -Call(name, rational(-a)) if a.could_extract_minus_sign() else Call(name, a)


def _even(name: str) -> Callable[[Expr], Expr]:
    return lambda a: Call(name, rational(-a) if a.could_extract_minus_sign() else a)


def _sigmoid(a: Expr) -> Expr:
    return rational(exponential(a) / (1 + exponential(a)))


def _tanh(a: Expr) -> Expr:
    return rational((exponential(a) ** 2 - 1) / (exponential(a) ** 2 + 1))


_RULES: Mapping[str, Callable[..., Expr]] = MappingProxyType(
    {
        "exp": exponential,
        "log": logarithm,
        "log1p": lambda a: logarithm(rational(1 + a)),
        "expm1": lambda a: rational(exponential(a) - 1),
        "sigmoid": _sigmoid,
        "tanh": _tanh,
        "softplus": lambda a: logarithm(rational(1 + exponential(a))),
        "sinh": lambda a: rational((exponential(a) - 1 / exponential(a)) / 2),
        "cosh": lambda a: rational((exponential(a) + 1 / exponential(a)) / 2),
        "tan": lambda a: rational(_odd("sin")(a) / _even("cos")(a)),
        "sin": _odd("sin"),
        "cos": _even("cos"),
        "erf": _odd("erf"),
        "arctan": _odd("arctan"),
        "sign": lambda a: rational(above_zero(a) - above_zero(-a)),
        "abs": lambda a: rational(rectified(a) + rectified(-a)),
        "relu": rectified,
        "max": lambda a, b: rational(b + rectified(a - b)),
        "min": lambda a, b: rational(b - rectified(b - a)),
    }
)
