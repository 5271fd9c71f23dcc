import pytest

from gradproof.derive.notation import elaborate, parse_syntax
from gradproof.derive.notation.bare import declare_inputs
from gradproof.errors import InputError


def declared(text):
    return str(elaborate(declare_inputs(parse_syntax(text)))).splitlines()[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("y = x**2", "given x"),
        ("y[i] = sigmoid(x[i])", "given x[I]"),
        ("y[i,k] = sum[j] A[i,j]*B[j,k]", "given A[I, J], B[J, K]"),
        ("y = sum[j] w[j]*x[j] + b\nz = tanh(y)", "given w[J], x[J], b"),
        ("y[i] = I[i]", "given I[N_i]"),
        ("y = a*pi", "given a"),
    ],
)
def test_what_is_read_is_declared(text, line):
    assert declared(text) == line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y[i] = x[i+1]", "x is not declared"),
        ("given x[n]\ny = sum[i] x[i]*w[i]", "w is not declared"),
        ("y = sigmod(x)", "did you mean sigmoid"),
    ],
)
def test_what_is_not_plain_is_asked_for(text, message):
    with pytest.raises(InputError, match=message):
        declared(text)
