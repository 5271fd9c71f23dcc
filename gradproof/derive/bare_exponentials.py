"""Exponentials that stabilising left as they are: they overflow where their argument is large."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Add, Basic, Expr, Mul, Pow

from gradproof.derive.index import Index, Size
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, Iverson
from gradproof.derive.stable_scaling import Scaling
from gradproof.derive.stable_tensors import Additions

GROWING = ("cosh", "exp", "expm1", "sinh")
_NONNEGATIVE = ("abs", "cosh", "exp", "relu", "sigmoid", "softplus")


def bare_exponentials(system: System, equations: Iterable[Equation]) -> tuple[tuple[int, str], ...]:
    """Return the number of the equation and the function for each exponential without a bound on its argument.

    Bounded are those from whose argument a maximum is subtracted, and those of minus a square, a size and the like.
    """
    scaling = Scaling(Additions(system), lambda _: None)
    found = {
        (e.number, call.name)
        for e in equations
        for call in e.value.atoms(Call)
        if call.name in GROWING and not _is_bounded(call.arguments[0], scaling)
    }
    return tuple(sorted(found))


def _is_bounded(argument: Expr, scaling: Scaling) -> bool:
    return scaling.is_shifted(argument) or all(_is_negative(t) for t in Add.make_args(argument))


def _is_negative(term: Expr) -> bool:
    number, rest = term.as_coeff_Mul()
    return bool(number <= 0) and all(_is_nonnegative(f) for f in Mul.make_args(rest))


def _is_nonnegative(e: Basic) -> bool:
    if isinstance(e, Pow):
        return bool(e.exp.is_even) or _is_nonnegative(e.base)
    if isinstance(e, Call):
        return e.name in _NONNEGATIVE
    return isinstance(e, Size | Index | Iverson) or bool(e.is_number and e >= 0)
