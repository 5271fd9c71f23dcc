"""Minimax polynomials: Remez' exchange on a fine Chebyshev grid, in multiple precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

#: Precision of the fits in bits, and grid points for each coefficient.
BITS, DENSITY = 200, 24
_ROUNDS = 40
_LEVELLED = 1e-6

Real = Any
Function = Callable[[Real], Real]


@dataclass(frozen=True, slots=True)
class Minimax:
    """A polynomial and the greatest weighted error that it makes on its interval.

    Attributes:
        coefficients: of 1, t, t**2, ..., in multiple precision.
        error: max |weight(t)*(function(t) - polynomial(t))|.
    """

    coefficients: tuple[Real, ...]
    error: Real


def minimax(function: Function, weight: Function, low: Real, high: Real, degree: int) -> Minimax:
    """Return the polynomial of that degree whose weighted error has the least maximum.

    Each round solves for the polynomial whose error alternates with one level at degree + 2 points, and takes the
    extrema of its error as the next points. The weight may vanish at single points; its sign does not matter.

    Raises:
        ValueError: the error does not alternate often enough: the degree is too high for the precision, say.
    """
    import mpmath as mp

    with mp.workprec(BITS):
        grid = _chebyshev_grid(mp.mpf(low), mp.mpf(high), DENSITY * (degree + 2))
        values, weights = [function(t) for t in grid], [abs(weight(t)) for t in grid]
        points = [round(j * (len(grid) - 1) / (degree + 1)) for j in range(degree + 2)]
        for _ in range(_ROUNDS):
            *coefficients, level = _levelled(points, grid, values, weights)
            errors = [
                w * (v - mp.polyval(coefficients[::-1], t)) for t, v, w in zip(grid, values, weights, strict=True)
            ]
            greatest = max(abs(e) for e in errors)
            if greatest <= abs(level) * (1 + _LEVELLED):
                return Minimax(tuple(coefficients), greatest)
            points = _extrema(errors, degree + 2)
    raise ValueError(f"no polynomial of degree {degree} on [{low}, {high}] after {_ROUNDS} rounds")


def rounded(coefficients: Sequence[Real], digits: int) -> tuple[float, ...]:
    """Return the coefficients rounded to that many binary digits."""
    import mpmath as mp

    with mp.workprec(digits):
        return tuple(float(+c) for c in coefficients)


def weighted_error(coefficients: Sequence[float], function: Function, weight: Function, low: Real, high: Real) -> float:
    """Return the greatest weighted error of a polynomial on the interval."""
    import mpmath as mp

    with mp.workprec(BITS):
        grid = _chebyshev_grid(mp.mpf(low), mp.mpf(high), DENSITY * (len(coefficients) + 1))
        powers = [mp.mpf(c) for c in reversed(coefficients)]
        return float(max(abs(weight(t) * (function(t) - mp.polyval(powers, t))) for t in grid))


def _chebyshev_grid(low: Real, high: Real, count: int) -> list[Real]:
    import mpmath as mp

    middle, half = (low + high) / 2, (high - low) / 2
    return [middle - half * mp.cos(mp.pi * (k + mp.mpf("0.5")) / count) for k in range(count)]


def _levelled(points: list[int], grid: list[Real], values: list[Real], weights: list[Real]) -> list[Real]:
    """Return the coefficients and the level h with weight*(value - polynomial) = h, -h, h, ... at the points."""
    import mpmath as mp

    size = len(points)
    matrix, right = mp.matrix(size, size), mp.matrix(size, 1)
    for row, k in enumerate(points):
        for power in range(size - 1):
            matrix[row, power] = weights[k] * grid[k] ** power
        matrix[row, size - 1] = (-1) ** row
        right[row] = weights[k] * values[k]
    return list(mp.lu_solve(matrix, right))


def _extrema(errors: list[Real], count: int) -> list[int]:
    """Return where the error is extreme between its changes of sign: `count` neighbours, the small ends left out."""
    found: list[int] = []
    for k, error in enumerate(errors):
        if found and (errors[found[-1]] > 0) == (error > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = k
        else:
            found.append(k)
    while len(found) > count:
        found.pop(0 if abs(errors[found[0]]) < abs(errors[found[-1]]) else -1)
    if len(found) < count:
        raise ValueError(f"the error alternates {len(found)} times, expected {count}")
    return found
