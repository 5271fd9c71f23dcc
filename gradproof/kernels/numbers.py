"""Constants to text, in the module's type: `real(0.5)`, `real(1.0)/real(3.0)`."""

from __future__ import annotations

from sympy import Expr, S


def number_text(e: Expr) -> tuple[str, bool]:
    """Return the text of a number, and whether it is a single constant without a sign."""
    if not e.is_finite:
        return {S.Infinity: "real(np.inf)", S.NegativeInfinity: "real(-np.inf)"}.get(e, "real(np.nan)"), True
    if e.is_Rational and not _is_short(e):
        sign = "-" if e < 0 else ""
        return f"{sign}{_constant(abs(e.p))}/{_constant(e.q)}", False
    return (_constant(e), True) if e >= 0 else (f"-{_constant(-e)}", False)


def coefficient_texts(number: Expr) -> tuple[list[str], list[str]]:
    """Return the texts of a positive number's factors above and below the line; none for 1."""
    if number == 1:
        return [], []
    if number.is_finite and number.is_Rational and not _is_short(number):
        return ([] if number.p == 1 else [_constant(number.p)]), [_constant(number.q)]
    return [number_text(number)[0]], []


def _constant(e: Expr | int) -> str:
    return f"real({float(e if isinstance(e, int) else e.evalf(20))!r})"


def _is_short(e: Expr) -> bool:
    """Is the rational exactly a float, or a decimal fraction?"""
    rest = int(e.q)
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
