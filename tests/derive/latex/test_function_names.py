"""Functions without their arguments, as a matrix form names them before its brackets."""

import pytest

import gradproof as gp


@pytest.mark.parametrize(
    ("text", "name"), [("exp(z[i])", r"\exp"), ("abs(z[i])", r"\operatorname{sign}"), ("erf(z[i])", r"\exp")]
)
def test_matrix_forms_name_the_function(text: str, name: str) -> None:
    assert name in gp.derive(gp.system(f"given z[n]\na[i] = {text}*z[i]")).latex()
