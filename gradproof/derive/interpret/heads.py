"""Smooth functions of one ball: value and derivative. Every number class of the interpreter reads this one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from flint import arb


@dataclass(frozen=True, slots=True)
class Head:
    """A smooth function: `value(a)` and `slope(a, y)`, its derivative at a where y is the value there."""

    value: Callable[[arb], arb]
    slope: Callable[[arb, arb], arb]


def _two_over_root_pi() -> arb:
    return 2 / arb.pi().sqrt()


def _log10() -> arb:
    return arb(10).log()


def _cbrt(a: arb) -> arb:
    return -((-a).root(3)) if a < 0 else a.root(3)


HEADS = MappingProxyType(
    {
        "exp": Head(lambda a: a.exp(), lambda a, y: y),
        "exp2": Head(lambda a: arb(2) ** a, lambda a, y: y * arb(2).log()),
        "expm1": Head(lambda a: a.expm1(), lambda a, y: y + 1),
        "log": Head(lambda a: a.log(), lambda a, y: 1 / a),
        "log1p": Head(lambda a: a.log1p(), lambda a, y: 1 / (1 + a)),
        "log2": Head(lambda a: a.log() / arb(2).log(), lambda a, y: 1 / (a * arb(2).log())),
        "log10": Head(lambda a: a.log() / _log10(), lambda a, y: 1 / (a * _log10())),
        "sqrt": Head(lambda a: a.sqrt(), lambda a, y: 1 / (2 * y)),
        "cbrt": Head(_cbrt, lambda a, y: 1 / (3 * y * y)),
        "square": Head(lambda a: a * a, lambda a, y: 2 * a),
        "reciprocal": Head(lambda a: 1 / a, lambda a, y: -y * y),
        "sin": Head(lambda a: a.sin(), lambda a, y: a.cos()),
        "cos": Head(lambda a: a.cos(), lambda a, y: -a.sin()),
        "tan": Head(lambda a: a.tan(), lambda a, y: 1 + y * y),
        "arcsin": Head(lambda a: a.asin(), lambda a, y: 1 / (1 - a * a).sqrt()),
        "arccos": Head(lambda a: a.acos(), lambda a, y: -1 / (1 - a * a).sqrt()),
        "arctan": Head(lambda a: a.atan(), lambda a, y: 1 / (1 + a * a)),
        "sinh": Head(lambda a: a.sinh(), lambda a, y: a.cosh()),
        "cosh": Head(lambda a: a.cosh(), lambda a, y: a.sinh()),
        "tanh": Head(lambda a: a.tanh(), lambda a, y: 1 - y * y),
        "arcsinh": Head(lambda a: a.asinh(), lambda a, y: 1 / (1 + a * a).sqrt()),
        "arccosh": Head(lambda a: a.acosh(), lambda a, y: 1 / (a * a - 1).sqrt()),
        "arctanh": Head(lambda a: a.atanh(), lambda a, y: 1 / (1 - a * a)),
        "erf": Head(lambda a: a.erf(), lambda a, y: _two_over_root_pi() * (-a * a).exp()),
        "erfc": Head(lambda a: a.erfc(), lambda a, y: -_two_over_root_pi() * (-a * a).exp()),
        "lgamma": Head(lambda a: a.lgamma(), lambda a, y: a.digamma()),
        "deg2rad": Head(lambda a: a * arb.pi() / 180, lambda a, y: arb.pi() / 180),
        "rad2deg": Head(lambda a: a * 180 / arb.pi(), lambda a, y: 180 / arb.pi()),
    }
)
