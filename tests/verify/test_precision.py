"""How many digits numbers have: as their type says, or as they show."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.verify.precision import EPS, eps_of, rounded, type_of

X = np.tanh(np.linspace(-3.0, 2.0, 9))


def to_bits(x, bits):
    """Round to so many bits."""
    mantissas, exponents = np.frexp(x)
    return np.ldexp(np.rint(np.ldexp(mantissas, bits)), exponents - bits)


@pytest.mark.parametrize(
    ("numbers", "eps"),
    [
        (X, EPS),
        (X.astype(np.float32), 2.0**-23),
        (X.astype(np.float16), 2.0**-10),
        (to_bits(X, 8), 2.0**-7),
        (1e-30 * X, EPS),
        (np.arange(100.0), EPS),  # short by chance
        (np.array([0.5, np.nan, np.inf, 0.0]), EPS),
        (np.zeros(0), EPS),
    ],
)
def test_digits_tell_the_type(numbers, eps):
    assert eps_of(np.asarray(numbers, dtype=float)) == eps


def test_a_type_that_numpy_does_not_have_is_kept():
    assert type_of(rounded(X, 2.0**-7, "bfloat16")) == (2.0**-7, "bfloat16")
    assert type_of(X.astype(np.float16)) == (2.0**-10, "float16")
    assert type_of(np.arange(3)) == type_of(None) == (0.0, "")


def test_the_rounding_that_f_tells_of_is_no_kink_and_no_constant():
    def f(x):
        return rounded(np.sum(to_bits(x, 8)), 2.0**-7, "bfloat16")

    def grad(x):
        return rounded(np.ones_like(x), 2.0**-7, "bfloat16")

    for seed in range(4):
        x = np.random.default_rng(seed).normal(size=3)
        report = gp.check(f, grad, [x], exact=False, seed=seed)
        assert report.verdict != "wrong", str(report)
        assert any("computed in bfloat16" in note for note in report.notes)
        assert gp.check(f, lambda x: 4 * grad(x), [x], exact=False, seed=seed).verdict != "right"
