"""What a constant factor is: a sign, a small number, a size of the problem, a known constant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

#: Constants that get lost in derivatives, and where they come from.
_CONSTANTS = MappingProxyType(
    {
        math.pi: "π",
        2 * math.pi: "2π",
        math.log(2): "log 2 (the base of a logarithm)",
        math.log(10): "log 10 (the base of a logarithm)",
        math.sqrt(math.pi): "√π",
        2 / math.sqrt(math.pi): "2/√π (the derivative of erf)",
        math.sqrt(2 * math.pi): "√(2π) (the normal density)",
        math.sqrt(2): "√2",
        math.sqrt(3): "√3",
        math.e: "e",
        math.pi / 180: "π/180 (degrees for radians)",
    }
)
#: Agreement that counts as equal, relative.
_CLOSE = 1e-6
_DENOMINATORS = 12


def close(a: float, b: float, tolerance: float = _CLOSE) -> bool:
    """Are the two equal to the tolerance, relative?"""
    return abs(a - b) <= tolerance * abs(b)


def say_factor(c: float, sizes: Mapping[int, str], tolerance: float = _CLOSE) -> tuple[str, str]:
    """Return kind and words for `claimed = c * right`; "{of}" in them stands for the input.

    >>> say_factor(-1.0, {})
    ('sign', 'the sign of the gradient of {of} is flipped')
    >>> say_factor(32.0, {32: "the rows of `x`"})[1]
    'the gradient of {of} is 32 times too large, and 32 is the rows of `x`: divide by it (a mean, not a sum)'
    """
    of = "the gradient of {of}"
    if close(c, -1, tolerance):
        return "sign", f"the sign of {of} is flipped"
    flipped = " and its sign is flipped" if c < 0 else ""
    kind, text = _magnitude(abs(c), of, sizes, tolerance)
    return kind, text + flipped


def _magnitude(c: float, of: str, sizes: Mapping[int, str], tolerance: float) -> tuple[str, str]:
    if close(c, 2, tolerance) or close(c, 0.5, tolerance):
        plain = f"{of} is 2 times too large" if c > 1 else f"{of} is half of what it should be"
        also = f" (2 is {sizes[2]} too)" if 2 in sizes else ""
        return "factor", f"{plain}: a factor of 2 is {'too much' if c > 1 else 'missing'}{also}"
    for size, what in sizes.items():
        if close(c, size, tolerance):
            return "size", f"{of} is {size} times too large, and {size} is {what}: divide by it (a mean, not a sum)"
        if close(c, 1 / size, tolerance):
            text = f"{of} is {size} times too small, and {size} is {what}: multiply by it (a sum, not a mean)"
            return "size", text
    for value, text in _from_sizes(sizes):
        if close(c, value, tolerance):
            return "size", f"{of} is {text} times what it should be"
    return "factor", _number(c, of, tolerance)


def _from_sizes(sizes: Mapping[int, str]) -> Iterator[tuple[float, str]]:
    """Yield factors made from one or two sizes, with their words."""
    for n, what in sizes.items():
        yield math.sqrt(n), f"√{n} ({n} is {what})"
        yield 1 / math.sqrt(n), f"1/√{n} ({n} is {what})"
        if n > 2:
            yield n / (n - 1), f"{n}/{n - 1} ({n} is {what}: n for n - 1)"
            yield (n - 1) / n, f"{n - 1}/{n} ({n} is {what}: n - 1 for n)"
    for n, what in sizes.items():
        for k in (2, 3, 4):
            yield k * n, f"{k}·{n} ({n} is {what})"
            yield n / k, f"{n}/{k} ({n} is {what})"
            yield k / n, f"{k}/{n} ({n} is {what})"
            yield 1 / (k * n), f"1/({k}·{n}) ({n} is {what})"
        yield n * n, f"{n}² ({n} is {what})"
        yield 1 / (n * n), f"1/{n}² ({n} is {what})"
    for n, what in sizes.items():
        for m, other in sizes.items():
            if n != m:
                yield n / m, f"{n}/{m} ({n} is {what}, {m} is {other}: a mean over the wrong axis)"
            if n < m:
                yield n * m, f"{n}·{m} ({n} is {what}, {m} is {other})"
                yield 1 / (n * m), f"1/({n}·{m}) ({n} is {what}, {m} is {other})"


def _number(c: float, of: str, tolerance: float) -> str:
    fraction = Fraction(c).limit_denominator(_DENOMINATORS)
    if fraction and close(c, float(fraction), tolerance):
        return f"{of} is {fraction} times what it should be"
    for value, text in _CONSTANTS.items():
        if close(c, value, tolerance):
            return f"{of} is too large by the factor {text}"
        if close(c, 1 / value, tolerance):
            return f"{of} is too small by the factor {text}"
    return f"{of} is {c:.7g} times what it should be"
