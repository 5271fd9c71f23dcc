"""Identifiers in generated source."""

from __future__ import annotations

import keyword

import pytest

from gradproof.kernels.names import RESERVED, Namer, ascii_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"), ("α", "alpha"), ("ŷ", "y_hat"), ("x̄", "x_bar"), ("W1", "W1"), ("d_ŷ", "d_y_hat"), ("Σ", "Sigma"),
        ("phi'", "phi_prime"), ("z_max", "z_max"), ("∂L", "dL"), ("日", "u65e5"), ("é", "e_u0301"), ("_", "_"),
    ],
)  # fmt: skip
def test_ascii_name(name, expected):
    assert ascii_name(name) == expected
    assert ascii_name(name).isidentifier()


def test_each_key_has_a_name_of_its_own():
    namer = Namer(("taken",))
    names = [namer.name(k, w) for k, w in enumerate(["x", "x", "lambda", "np", "taken", "α", "alpha", "real", "range"])]
    assert len(set(names)) == len(names)
    assert all(n.isidentifier() and not keyword.iskeyword(n) and n not in RESERVED and n != "taken" for n in names)
    assert namer.name(0, "anything") == "x"
