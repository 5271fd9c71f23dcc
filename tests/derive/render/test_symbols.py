from __future__ import annotations

import pytest

from gradproof.derive.render.symbols import Symbols, symbols_for


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("alpha", "α"),
        ("Sigma", "Σ"),
        ("W1", "W₁"),
        ("z_12", "z₁₂"),
        ("yhat", "ŷ"),
        ("xhat", "xhat"),
        ("pre_h", "pre_h"),
        ("Loss", "Loss"),
    ],
)
def test_names(name, shown):
    assert Symbols().plain(name) == shown
    assert Symbols(ascii=True).plain(name) == name


def test_adjoints_of_a_scalar_output_are_its_derivatives(derived):
    symbols = symbols_for(derived("mse"))
    assert symbols.tensor("d_p") == "∂L/∂p"
    assert symbols.short("d_p") == "∂p"
    assert symbols_for(derived("mse"), ascii=True).tensor("d_p") == "d_p"


def test_adjoints_with_a_general_cotangent_are_short(derived):
    symbols = symbols_for(derived("dense"))
    assert symbols.tensor("d_W") == "∂W"
    assert symbols.tensor("d_Z") == "∂Z"


def test_a_name_of_the_users_that_looks_like_an_adjoint_stays(derived):
    assert symbols_for(derived("given d_x[n]\ny[i] = d_x[i]**2")).tensor("d_x") == "d_x"


def test_sigma_is_the_sigmoid_unless_it_is_a_tensor(derived):
    assert symbols_for(derived("sigmoid")).function("sigmoid") == "σ"
    assert symbols_for(derived("given x[n], sigma\ny[i] = sigma*sigmoid(x[i])")).function("sigmoid") == "sigmoid"


def test_primes_of_unknown_functions():
    assert Symbols().function("phi'") == "φ′"
