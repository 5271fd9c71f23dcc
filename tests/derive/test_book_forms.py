"""Compact forms as books print them, each checked against the forward equations alone."""

import pytest

import gradproof as gp
from gradproof.verify.exact import check_derivation

SOFTMAX = "q[i,c] = exp(v[i,c]/tau)/(sum[k] exp(v[i,k]/tau))"
INFO_NCE = "P[i,j] = exp((sum[d] u[i,d]*v[j,d])/tau)/(sum[k] exp((sum[d] u[i,d]*v[k,d])/tau))"

#: a system, with respect to what, and the equations of its backward pass that are looked at
FORMS = {
    "a probability of the target class": (
        "given p[m], y[m], w[m]\nq[i] = y[i]*p[i] + (1 - y[i])*(1 - p[i])\nL = sum[i] w[i]*q[i]**3",
        "y",
        ["d_y[i] = 3*q[i]**2*w[i]*(2*p[i] - 1)"],
    ),
    "temperature": (
        f"given v[m,C], tau\n{SOFTMAX}",
        ("v", "tau"),
        [
            "d_pre_q[i,c] = q[i,c]*(d_q[i,c] - sum[k] d_q[i,k]*q[i,k])",
            "d_v[i,c] = d_pre_q[i,c]/tau",
            "d_tau = -1/tau**2 * sum[i,c] d_pre_q[i,c]*v[i,c]",
        ],
    ),
    "InfoNCE in one line": (
        f"given u[N,D], v[N,D], tau\n{INFO_NCE}\nL = -mean[i] log(P[i,i])",
        ("u", "tau"),
        [
            "pre_P[i,j] = 1/tau * sum[d] u[i,d]*v[j,d]",
            "d_pre_P[i,j] = (P[i,j] - [i == j])/N",
            "d_u[i,d] = 1/tau * sum[n] d_pre_P[i,n]*v[n,d]",
            "d_tau = -1/tau * sum[n,i] d_pre_P[n,i]*pre_P[n,i]",
        ],
    ),
    "the threshold of Huber": (
        "given z[n], delta\nL = sum[i] where(abs(z[i]) <= delta, z[i]**2/2, delta*(abs(z[i]) - delta/2))",
        "delta",
        ["d_delta = sum[i, not(abs(z[i]) <= delta)] (abs(z[i]) - delta)"],
    ),
    "log-sum-exp named by hand": (
        "given z[m,C], y[m] in C\ns[i] = log(sum[c] exp(z[i,c]))\nL = mean[i] (s[i] - z[i,y[i]])",
        "z",
        ["d_z[i,c] = (exp(z[i,c] - s[i]) - [c == y[i]])/m"],
    ),
    "normalised to length 1": (
        "given x[m,n]\nr[i] = sqrt(sum[k] x[i,k]**2)\ny[i,j] = x[i,j]/r[i]",
        "x",
        ["d_x[i,j] = (d_y[i,j] - y[i,j]*sum[k] d_y[i,k]*y[i,k])/r[i]"],
    ),
    "softplus keeps its sigmoid": (
        "given z[n]\na[i] = log(1 + exp(z[i]))",
        "z",
        ["d_z[i] = d_a[i]*sigmoid(z[i])"],
    ),
    "SiLU in terms of its output": (
        "given z[n]\na[i] = z[i]*sigmoid(z[i])",
        "z",
        ["d_z[i] = d_a[i]*(a[i] + (1 - a[i])*sigmoid(z[i]))"],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_compact_form(name: str) -> None:
    text, wrt, lines = FORMS[name]
    derivation = gp.derive(gp.system(text), wrt=wrt)
    assert [str(e) for e in derivation.backward.equations] == lines
    assert [c.verdict for c in check_derivation(derivation)] == ["right"] * len(derivation.wrt)


@pytest.mark.parametrize(
    "line",
    [
        "q[i,c] = exp(v[i,c] - tau)/(sum[k] exp(v[i,k] - v[i,0]))",
        "q[i,c] = exp(v[i,c]*tau)/(sum[k] exp(v[i,k]*tau**2))",
        "q[i,c] = exp(v[i,c]/tau)*exp(tau*v[i,c])/(sum[k] exp(v[i,k]/tau))",
        "q[i,c] = exp(v[i,c] - max[k] tau*v[i,k])/(sum[l] exp(v[i,l] - max[k] tau*v[i,k]))",
    ],
)
def test_exponentials_of_several_arguments_keep_them(line: str) -> None:
    derivation = gp.derive(gp.system(f"given v[m,C], tau\n{line}"))
    assert not derivation.arguments
    assert [c.verdict for c in check_derivation(derivation)] == ["right", "right"]
