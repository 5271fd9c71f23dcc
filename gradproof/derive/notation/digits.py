"""Rational numbers as a reader writes them: 1/2, 0.01, 1e-5."""

from __future__ import annotations

from sympy import Rational

from gradproof.derive.notation.boxes import Box, Num

#: Longer decimal fractions are shown as quotients.
MAX_DIGITS = 410


def coefficient_boxes(c: Rational) -> tuple[int, list[Box], list[Box]]:
    """Return sign, numbers above and numbers below the line; a short decimal fraction stays one number."""
    sign, c = (-1, -c) if c < 0 else (1, c)
    if decimal := decimal_text(c):
        return sign, [Num(decimal)], []
    above: list[Box] = [Num(str(c.p))] if c.p != 1 else []
    return sign, above, [Num(str(c.q))] if c.q != 1 else []


def decimal_text(c: Rational) -> str:
    """Return "0.01" or "1e-5" for a fraction over a multiple of ten that has a short decimal form, else "".

    >>> decimal_text(Rational(1, 100)), decimal_text(Rational(1, 100000)), decimal_text(Rational(1, 4))
    ('0.01', '1e-5', '')
    """
    exponent = next((k for k in range(1, MAX_DIGITS) if 10**k % c.q == 0), 0)
    if c.q % 10 or not exponent:
        return ""
    digits = str(c.p * 10**exponent // c.q)
    if exponent >= len(digits) + 4:
        head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{head}e{len(digits) - 1 - exponent}"
    padded = digits.rjust(exponent + 1, "0")
    return f"{padded[:-exponent]}.{padded[-exponent:]}"
