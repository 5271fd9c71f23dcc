"""The compact forms that textbooks print, exactly."""

import pytest

import gradproof as gp

SOFTMAX_CE = """
given z[m, C], y[m, C]
assume sum[c] y[i,c] = 1
p[i,c] = exp(z[i,c]) / (sum[k] exp(z[i,k]))
L = -1/m * sum[i,c] y[i,c]*log(p[i,c])
"""
LABELS = """
given z[m, C], label[m] in C
p[i,c] = exp(z[i,c]) / (sum[k] exp(z[i,k]))
L = -1/m * sum[i] log(p[i,label[i]])
"""
LOGITS = """
given z[m], y[m]
p[i] = sigmoid(z[i])
L = -1/m * sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))
"""
DENSE = """
given X[m, D]
param W[D, C], b[C]
Z[i,c] = sum[d] X[i,d]*W[d,c] + b[c]
"""
MLP = """
given x[m, D], y[m, C]
param W1[D, H], b1[H], W2[H, C], b2[C]
z1[i,h] = sum[d] x[i,d]*W1[d,h] + b1[h]
a1[i,h] = sigmoid(z1[i,h])
z2[i,c] = sum[h] a1[i,h]*W2[h,c] + b2[c]
a2[i,c] = sigmoid(z2[i,c])
L = 1/(2*m) * sum[i,c] (a2[i,c] - y[i,c])**2
"""
SGD = """
given x[n], y, alpha
param w[n], b
z = sum[j] w[j]*x[j] + b
L = 1/2*(z - y)**2
w[j] := w[j] - alpha*grad(L, w[j])
"""


def gradient(text: str, name: str, **options: object) -> str:
    return str(gp.derive(gp.system(text), wrt=name, **options).gradients[name])


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (SOFTMAX_CE, "z", "d_z[i,c] = (p[i,c] - y[i,c])/m"),
        (LABELS, "z", "d_z[i,c] = (p[i,c] - [c == label[i]])/m"),
        (LOGITS, "z", "d_z[i] = (p[i] - y[i])/m"),
        ("given y[m], yhat[m]\nL = 1/m * sum[i] (y[i] - yhat[i])**2", "yhat", "d_yhat[i] = 2*(yhat[i] - y[i])/m"),
        ("given y[m], yhat[m]\nL = 1/m * sum[i] (y[i] - yhat[i])**2", "y", "d_y[i] = 2*(y[i] - yhat[i])/m"),
        ("given z\ns = sigmoid(z)", "z", "d_z = s*(1 - s)"),
        ("given z\ns = 1/(1 + exp(-z))", "z", "d_z = s*(1 - s)"),
        ("given z\nt = tanh(z)", "z", "d_z = 1 - t**2"),
        ("given z\nt = (exp(z) - exp(-z))/(exp(z) + exp(-z))", "z", "d_z = 1 - t**2"),
        ("given z\nr = relu(z)", "z", "d_z = [z > 0]"),
        ("given z\nr = max(0, z)", "z", "d_z = [z > 0]"),
        ("given z\ns = log(1 + exp(z))", "z", "d_z = sigmoid(z)"),
        ("given z\ngiven function phi\na = phi(z)", "z", "d_z = phi'(z)"),
        (DENSE, "W", "d_W[d,c] = sum[i] X[i,d]*d_Z[i,c]"),
        (DENSE, "X", "d_X[i,d] = sum[c] d_Z[i,c]*W[d,c]"),
        (DENSE, "b", "d_b[c] = sum[i] d_Z[i,c]"),
        ("given w[n], x[n], b\nz = sum[j] w[j]*x[j] + b", "w", "d_w[j] = x[j]"),
        ("given w[n], x[n], b\nz = sum[j] w[j]*x[j] + b", "b", "d_b = 1"),
        (
            "given z[n]\np[i] = exp(z[i]) / (sum[k] exp(z[k]))",
            "z",
            "d_z[i] = p[i]*(d_p[i] - sum[k] d_p[k]*p[k])",
        ),
    ],
)
def test_compact_form(text: str, name: str, expected: str) -> None:
    assert gradient(text, name) == expected


def test_softmax_cross_entropy_without_the_assumption() -> None:
    assert gradient(SOFTMAX_CE, "z", without=["all"]) == "d_z[i,c] = (p[i,c]*sum[k] y[i,k] - y[i,c])/m"


def test_the_assumption_is_in_the_ledger_only_where_used() -> None:
    system = gp.system(SOFTMAX_CE)
    assert gp.derive(system, wrt="z").assumptions_used == ("sum_y",)
    assert gp.derive(system, wrt="z", without=["all"]).assumptions_used == ()


def test_nielsens_four_equations() -> None:
    d = gp.derive(gp.system(MLP))
    lines = {e.name: str(e) for e in d.backward.equations}
    assert lines == {
        "d_z2": "d_z2[i,c] = a2[i,c]*(1 - a2[i,c])*(a2[i,c] - y[i,c])/m",
        "d_z1": "d_z1[i,h] = a1[i,h]*(1 - a1[i,h])*sum[c] d_z2[i,c]*W2[h,c]",
        "d_W1": "d_W1[d,h] = sum[i] x[i,d]*d_z1[i,h]",
        "d_b1": "d_b1[h] = sum[i] d_z1[i,h]",
        "d_W2": "d_W2[h,c] = sum[i] a1[i,h]*d_z2[i,c]",
        "d_b2": "d_b2[c] = sum[i] d_z2[i,c]",
    }


def test_the_update_rule() -> None:
    d = gp.derive(gp.system(SGD))
    assert [str(e) for e in d.updates] == ["w[j] := w[j] - alpha*(z - y)*x[j]"]
