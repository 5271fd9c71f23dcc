"""The argument of an activation gets a name, and its adjoint is the delta of the books."""

import pytest

import gradproof as gp
from gradproof.derive.notation import format_equation
from gradproof.derive.steps import Derivation
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

RNN = """
given x[T, N, D], h0[N, K]
param W[D, K], U[K, K], b[K]
start h[-1,n,k] = h0[n,k]
h[t,n,k] = tanh(sum[d] x[t,n,d]*W[d,k] + sum[j] h[t-1,n,j]*U[j,k] + b[k])
"""


def layer(function: str) -> str:
    return f"""
    given x[m, D], y[m]
    param w[D], b, v[m]
    given function phi
    a[i] = {function}
    L = sum[i] v[i]*(a[i] - y[i])**2
    """


LAYERS = {
    "rnn": RNN,
    "relu": layer("relu(sum[d] x[i,d]*w[d] + b)"),
    "max": layer("max(0, sum[d] x[i,d]*w[d] + b)"),
    "softplus": layer("softplus(sum[d] x[i,d]*w[d] + b)"),
    "erf": layer("erf(sum[d] x[i,d]*w[d] + b)"),
    "unknown": layer("phi(sum[d] x[i,d]*w[d] + b)"),
    "twice": "given x[D], W[D, H], V[H, C]\na[h] = tanh(sum[d] x[d]*W[d,h])\np[c] = sigmoid(sum[h] a[h]*V[h,c])",
    "taken": "given x[D], pre_a\na = tanh(sum[d] x[d]*pre_a)",
}


def derived(name: str) -> Derivation:
    return gp.derive(gp.system(LAYERS[name]))


def test_backpropagation_through_time_is_written_with_the_delta() -> None:
    assert [str(e) for e in derived("rnn").backward.definitions][1:] == [
        "t_h[t,n,k] = d_h[t,n,k] + [t+1 < T]*sum[i] d_pre_h[t+1,n,i]*U[k,i]",
        "d_pre_h[t,n,k] = t_h[t,n,k]*(1 - h[t,n,k]**2)",
        "d_W[d,k] = sum[t,n] x[t,n,d]*d_pre_h[t,n,k]",
        "d_U[k,j] = sum[t,n] h[t-1,n,k]*d_pre_h[t,n,j]",
        "d_b[k] = sum[t,n] d_pre_h[t,n,k]",
    ]


@pytest.mark.parametrize("name", ["relu", "max"])
def test_the_sign_of_a_rectified_argument_is_read_from_the_output(name: str) -> None:
    d = derived(name)
    assert [str(e) for e in d.backward.equations][:2] == [
        "d_pre_a[i] = 2*[a[i] > 0]*v[i]*(a[i] - y[i])",
        "d_w[d] = sum[i] x[i,d]*d_pre_a[i]",
    ]


def test_an_argument_whose_value_is_read_stands_in_the_backward_system() -> None:
    d = derived("softplus")
    argument = "pre_a[i] = sum[d] x[i,d]*w[d] + b"
    assert format_equation(d.backward.equations[0], d.backward) == argument
    assert [format_equation(e, d.system) for e in d.arguments] == [argument]
    assert [e.number for e in d.arguments] == [3]


def test_a_name_that_is_taken_counts_up() -> None:
    assert [e.name for e in derived("taken").arguments] == ["pre2_a"]


@pytest.mark.parametrize(
    "text",
    [
        "given z[n]\na[i] = tanh(z[i])",
        "given z[n], b\na[i] = tanh(2*z[i] + b)",
        "given x[n]\ny = log(sum[i] exp(x[i]))",
        "given x[n], w[n], v[n]\ny[i] = v[i]*tanh(sum[j] x[j]*w[j])",
    ],
)
def test_other_arguments_keep_their_place(text: str) -> None:
    assert gp.derive(gp.system(text)).arguments == ()


def test_only_arguments_on_the_way_are_named() -> None:
    text = "given x[D], u[D], w[D]\na = tanh(sum[d] x[d]*w[d])\nb = tanh(sum[d] u[d]*x[d])\nL = a*b"
    assert [e.name for e in gp.derive(gp.system(text), wrt="w").arguments] == ["pre_a"]


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_and_steps_are_right(name: str) -> None:
    d = derived(name)
    for check in check_derivation(d, seed=0):
        assert (check.verdict, check.strength) == ("right", "certified"), check.reason
    assert [c for c in check_steps(d, seed=0) if c.verdict != "right"] == []


@pytest.mark.parametrize("name", ["rnn", "softplus", "twice"])
def test_the_backward_system_can_be_derived_again(name: str) -> None:
    first = derived(name)
    second = gp.derive(first.joint, of=first.gradients[first.wrt[0]].name, wrt=first.wrt)
    for check in check_derivation(second, seed=0):
        assert check.verdict == "right", check.reason
