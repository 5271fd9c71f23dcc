"""Sums that are products, as tables of second derivatives print them."""

import pytest
import sympy as sp

import gradproof as gp
from gradproof.derive.factoring import factored
from gradproof.derive.nodes import Element

s, z, t = Element("s"), Element("z"), Element("t")


@pytest.mark.parametrize(
    "factors",
    [
        (s, 1 - s, 2 + z - 2 * z * s),
        (1 - s, 1 - 2 * s),
        (2, s, 1 + z, 1 + z),
        (1 - s, z - t),
        (sp.Rational(1, 2), z + 2, z),
    ],
)
def test_the_product_of_the_factors_is_the_sum(factors) -> None:
    whole = sp.expand(sp.Mul(*factors))
    found = factored(whole)
    if found is not None:
        assert sp.expand(sp.Mul(*found)) == whole
    assert (found is None) == (factors in ((1 - s, z - t), (sp.Rational(1, 2), z + 2, z)))


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("silu", "s[i]*(1 - s[i])*(2 + z[i]*(1 - 2*s[i]))"),
        ("sigmoid", "a[i]*(1 - a[i])*(1 - 2*a[i])"),
        ("tanh", "-2*a[i]*(1 - a[i]**2)"),
        ("softplus", "sigmoid(z[i])*(1 - sigmoid(z[i]))"),
        ("gelu", "(2 - z[i]**2)*exp(-z[i]**2/2)/sqrt(2*pi)"),
        ("mish", "(1 - t[i]**2)*sigmoid(z[i])*(2 + z[i]*(1 - sigmoid(z[i]) - 2*t[i]*sigmoid(z[i])))"),
    ],
)
def test_second_derivatives_in_the_form_of_the_tables(name: str, second: str) -> None:
    found = gp.derive(gp.load(name), order=2)
    (equation,) = found.gradients.values()
    assert str(equation).partition(" = ")[2] == second
