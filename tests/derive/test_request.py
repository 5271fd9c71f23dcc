"""What a derivation is asked for: defaults, and clear errors for wrong names."""

import pytest

import gradproof as gp
from gradproof.errors import InputError

TEXT = """
given x[n], label[n] in n, unused
param w[n]
y[i] = x[i]*w[label[i]]
L = sum[i] y[i]**2
"""


def test_defaults_are_the_last_output_and_the_parameters() -> None:
    d = gp.derive(gp.system(TEXT))
    assert (d.of, d.wrt) == (("L",), ("w",))


def test_without_parameters_every_real_input() -> None:
    assert gp.derive(gp.system("given x[n], t[n] in n\ny[i] = x[t[i]]")).wrt == ("x",)


def test_an_unused_input_has_gradient_zero() -> None:
    assert str(gp.derive(gp.system(TEXT), wrt="unused").gradients["unused"]) == "d_unused = 0"


def test_an_intermediate_tensor_can_be_asked_for() -> None:
    assert str(gp.derive(gp.system(TEXT), wrt="y").gradients["y"]) == "d_y[i] = 2*y[i]"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wrt": "W"}, "did you mean w"),
        ({"of": "x"}, "x is not computed"),
        ({"wrt": "label"}, "label holds integers"),
        ({"without": ["nothing"]}, "no assumption named 'nothing'"),
        ({"kinks": "numpy"}, "unknown convention at kinks: 'numpy'"),
    ],
)
def test_wrong_names_are_refused_with_what_there_is(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        gp.derive(gp.system(TEXT), **options)
