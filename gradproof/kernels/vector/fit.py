"""The coefficients, fitted anew: `python -m gradproof.kernels.vector.fit` prints `constants.py`."""

from __future__ import annotations

import math

from gradproof.kernels.vector.polynomials import WIDE, Target, digits_of_two_per_pi, numbers, targets
from gradproof.kernels.vector.remez import BITS, minimax, rounded, weighted_error

DIGITS = {"float32": 24, "float64": 53}

#: Digits of 2/pi: as many as lie before the point of the largest number times 2/pi, and those of the products' parts.
TURN_DIGITS = {"float32": 103 + 29 + 53, "float64": 969 + 4 * 53}

_HEAD = '''\
"""Coefficients of the vector mathematics. Written by `python -m gradproof.kernels.vector.fit`: do not edit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A minimax polynomial, rounded to its type.

    Attributes:
        text: what it approximates.
        interval: where.
        scale: what the error is relative to.
        error: greatest error there, with the rounded coefficients.
        coefficients: of 1, t, t**2, ...
    """

    text: str
    interval: tuple[float, float]
    scale: str
    error: float
    coefficients: tuple[float, ...]

    @property
    def degree(self) -> int:
        """The highest power."""
        return len(self.coefficients) - 1


'''


def fitted(target: Target) -> tuple[tuple[float, ...], float]:
    """Return a target's coefficients, rounded to its type, and the greatest error that they leave."""
    best = minimax(target.function, target.weight, target.low, target.high, target.degree)
    coefficients = rounded(best.coefficients, 53 if target.name in WIDE else DIGITS[target.dtype])
    return coefficients, weighted_error(coefficients, target.function, target.weight, target.low, target.high)


def constants_text() -> str:
    """Return the text of the module `constants`."""
    from mpmath import mp

    lines = ["#: Single constants: (name, type) -> value.", "NUMBERS = {"]
    for dtype, digits in DIGITS.items():
        lines += [f'    ("{name}", "{dtype}"): {value!r},' for name, value in numbers(digits).items()]
    lines += ["}", "", "#: How many binary digits of 2/pi each type needs, and those."]
    lines += ["TWO_PER_PI = {"]
    for dtype, count in TURN_DIGITS.items():
        lines += [f'    "{dtype}": (', f"        {count},", *_long(digits_of_two_per_pi(count)), "    ),"]
    lines += ["}", "", "#: (name, type) -> polynomial.", "POLYNOMIALS = {"]
    with mp.workprec(BITS):
        for target in targets():
            lines += _entry(target)
    return _HEAD + "\n".join([*lines, "}"]) + "\n"


def _long(number: int) -> list[str]:
    """Return the lines of a number in hexadecimal digits, as a call of `int`."""
    digits = f"{number:x}"
    parts = [digits[k : k + 96] for k in range(0, len(digits), 96)]
    return [
        "        int(",
        *[f'            "{p}"' for p in parts[:-1]],
        f'            "{parts[-1]}",',
        "            16,",
        "        ),",
    ]


def _entry(target: Target) -> list[str]:
    coefficients, error = fitted(target)
    low, high = (f"{float(end):.4g}" for end in (target.low, target.high))
    return [
        f'    ("{target.name}", "{target.dtype}"): Polynomial(',
        f'        "{target.text}",',
        f"        ({float(low)!r}, {float(high)!r}),",
        f'        "{target.scale}",',
        f"        2.0**{math.floor(10 * math.log2(error) + 1) / 10},",
        "        (",
        *[f"            {c!r}," for c in coefficients],
        "        ),",
        "    ),",
    ]


if __name__ == "__main__":
    print(constants_text(), end="")  # noqa: T201 (this command prints)
