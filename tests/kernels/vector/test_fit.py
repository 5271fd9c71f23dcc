"""The coefficients come from the mathematics: fitted anew, they are what the repository holds."""

from __future__ import annotations

from pathlib import Path

import mpmath
import numpy as np
import pytest

from gradproof.kernels.vector import constants
from gradproof.kernels.vector.fit import DIGITS, constants_text
from gradproof.kernels.vector.polynomials import WIDE, targets
from gradproof.kernels.vector.remez import minimax, weighted_error


@pytest.mark.slow
def test_fitted_anew_the_constants_are_the_same_to_the_last_bit():
    assert constants_text() == Path(constants.__file__).read_text(encoding="utf-8")


def test_every_target_has_its_coefficients_and_no_others():
    assert [(t.name, t.dtype) for t in targets()] == list(constants.POLYNOMIALS)
    for target in targets():
        assert constants.POLYNOMIALS[target.name, target.dtype].degree == target.degree


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.name}-{t.dtype}")
def test_the_stated_error_holds_between_the_points_of_the_fit(target):
    found = constants.POLYNOMIALS[target.name, target.dtype]
    kind = np.dtype("float64" if target.name in WIDE else target.dtype).type
    assert all(c == kind(c) for c in found.coefficients)
    low, high = mpmath.mpf(target.low), mpmath.mpf(target.high)
    for k in range(3):  # other Chebyshev grids than the fit's
        shift = (high - low) * (k + 1) / 500
        error = weighted_error(found.coefficients, target.function, target.weight, low + shift, high - shift / 3)
        assert error <= found.error
    assert found.error < 2.0 ** -DIGITS[target.dtype]


def test_a_known_minimax_polynomial_is_found():
    # The best line for x**2 on [0, 1] is x - 1/8, its error 1/8.
    best = minimax(lambda x: x**2, lambda _: mpmath.mpf(1), 0, 1, 1)
    assert float(best.error) == pytest.approx(0.125, abs=1e-3)
    assert [float(c) for c in best.coefficients] == pytest.approx([-0.125, 1], abs=2e-3)
