"""Forward kernels agree with the reference interpreter, on systems of every kind, in both types, at odd sizes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.model import System
from gradproof.derive.notation import parse_system
from gradproof.kernels import Kernel, kernel

from .support import assert_close, draw, reference, reference_or_refusal

CASES = {
    "scalar": "given w[n], x[n], b\nz = sum[j] w[j]*x[j] + b\na = sigmoid(z)",
    "dense": "given X[m, D], W[D, C], b[C]\nZ[i,c] = sum[d] X[i,d]*W[d,c] + b[c]\nH[i,c] = tanh(Z[i,c])",
    "mean": "given x[n]\nmu = mean[i] x[i]\nv = mean[i] (x[i] - mu)**2\ny[i] = (x[i] - mu)/sqrt(v + 1/100000)",
    "column mean": "given x[n, d]\ny[i,j] = x[i,j] - mean[k] x[k,j]",
    "nested sums": "given y[m], w[d], X[m, d]\nL = sum[i] (y[i] - sum[j] w[j]*X[i,j])**2 / (2*m)",
    "functions": "given x[n]\n"
    "y[i] = exp(x[i])*sin(x[i]) + cos(x[i])*erf(x[i]) - abs(x[i]) + sign(x[i])*softplus(x[i])",
    "powers": "given x[n]\ny[i] = (1 + x[i]**2)**(-3/2) + x[i]**3/3 - sqrt(1 + x[i]**4) + (2 + sin(x[i]))**x[i]",
    "numbers": "given x[n]\ny[i] = x[i]/3 - 2*x[i]/7 + 5*i/n + 1/10 - x[i]*pi/2",
    "relu": "given x[n]\ny[i] = relu(x[i]) + max(x[i], 1/2)*[x[i] > 0] + where(x[i] < -1, x[i], 2)",
    "max": "given x[n, d]\nm[i] = max[j] x[i,j]\nl[i] = min[j] x[i,j]\np[i] = prod[j] (1 + x[i,j]/9)",
    "argmax": "given x[n, d]\ny[i,j] = [j == argmax[k] x[i,k]]*x[i,j]",
    "argmax of two": "given x[n, d]\ny[i,j] = [(i, j) == argmax[k, l] x[k,l]]*x[i,j]",
    "causal": "given x[n]\ny[i] = sum[j<=i] x[j]\nz[i] = sum[j, j != i] x[j]",
    "labels": "given z[m, C], label[m] in C\nL = -1/m*sum[i] z[i,label[i]]\nd[i,c] = z[i,c] - [c == label[i]]",
    "embedding": "given E[V, D], tok[T] in V\nshape s[V, D]\n"
    "y[t,d] = E[tok[t],d]\ns[v,d] = sum[t, v == tok[t]] y[t,d]",
    "convolution": "given x[n], w[k]\ngiven size p\noutside x = 0\nshape y[n]\ny[t] = sum[u<k] x[t+u-p]*w[u]",
    "reversed": "given x[n]\nshape y[n]\ny[i] = x[n-1-i]\nlast = x[n-1]",
    "rnn": "given x[T, D], W[D, H], U[H, H], h0[H]\nstart h[-1,k] = h0[k]\n"
         "a[t,k] = sum[d] x[t,d]*W[d,k]\nh[t,k] = tanh(a[t,k] + sum[j] h[t-1,j]*U[j,k])\nL = sum[k] h[T-1,k]**2",
    "two states": "given x[T, n], h0[n], c0[n]\nstart h[-1,k] = h0[k]\nstart c[-1,k] = c0[k]\n"
         "f[t,k] = sigmoid(x[t,k] + h[t-1,k])\nc[t,k] = f[t,k]*c[t-1,k] + x[t,k]\nh[t,k] = f[t,k]*tanh(c[t,k])",
    "reverse recurrence": "given x[T]\nr[t] = x[t] + [t+1 < T]*r[t+1]/2",
    "second axis steps": "given x[b, T]\nh[i,t] = x[i,t] + [t >= 1]*h[i,t-1]/2",
    "two rows back": "given x[T], f0, f1\nstart f[-2] = f0\nstart f[-1] = f1\nf[t] = (f[t-1] + f[t-2])/2 + x[t]",
    "trace": "given A[n, n]\nt = sum[i] A[i,i]\nB[i,j] = A[j,i]",
    "integer axis": "given x[3, n]\ny[i] = x[0,i]*x[1,i] - x[2,i]",
    "names": "given lambda[n], ŷ[n], α, total[n], real\nreturn[i] = α*lambda[i]*ŷ[i] + total[i]*real\nL_sum = 2\n"
         "L = sum[i] return[i] + L_sum",
}  # fmt: skip
SIZES = ((0, 0), (1, 1), (2, 3), (5, 2), (17, 5))


@cache
def _kernel(text: str, dtype: str) -> tuple[System, Kernel]:
    system = parse_system(text)
    return system, kernel(system, dtype=dtype, what="forward", name="case")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_forward_kernel_agrees_with_the_interpreter(text, dtype):
    system, compiled = _kernel(text, dtype)
    for first, second in SIZES:
        sizes = {s.name: (first, second)[k % 2] for k, s in enumerate(system.sizes)}
        if any(t.bound is not None and not sizes[str(t.bound)] for t in system.inputs):
            continue  # there are no labels below 0
        given = draw(system, sizes, dtype, seed=first)
        expected = reference_or_refusal(system, given, compiled)
        if expected is None:
            continue
        got = compiled(**given)
        assert sorted(got) == sorted(expected)
        for name, value in got.items():
            assert_close(value, expected[name], dtype, f"{name} at {sizes}")


def test_a_label_may_be_one_number():
    k = kernel(parse_system("given z[C], k in C\nL = z[k]"), dtype="float64")
    assert k(z=np.arange(3.0), k=1)["L"] == 1
    with pytest.raises(ValueError, match="k holds values from 3 to 3"):
        k(z=np.arange(3.0), k=3)


def test_a_start_row_inside_an_empty_array_is_not_written():
    text = "given x[T], a\nstart h[0] = a\nh[t] = [t >= 1]*h[t-1]/2 + x[t]"
    k = kernel(parse_system(text), dtype="float64")
    assert k(x=np.ones(0), a=1.0)["h"].shape == (0,)


def test_a_recurrence_may_start_behind_its_last_row():
    k = kernel(parse_system("given x[T], a\nstart h[T] = a\nh[t] = h[t+1]/2 + x[t]"), dtype="float64")
    assert k(x=np.ones(2), a=4.0)["h"].tolist() == [2.5, 3.0]


def test_a_second_derivative_is_a_kernel_like_any_other():
    text = "given X[m, n], y[m]\nparam w[n]\np[i] = sigmoid(sum[j] X[i,j]*w[j])\n"
    text += "L = -1/m*sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))"
    d = derive(derive(parse_system(text)).joint, of="d_w", wrt=["w"])
    k = kernel(d, dtype="float64")
    given = draw(d.joint, {"m": 4, "n": 3}, "float64", seed=1)
    expected = reference(d.joint, given)
    for name, value in k(**given).items():
        assert_close(value, expected[name], "float64", name)


def test_a_recurrence_may_sum_over_its_own_past():
    k = kernel(parse_system("given x[T]\nh[t] = x[t] + sum[s<t] h[s]/2"), dtype="float64")
    x = np.array([1.0, 2.0, -3.0, 0.5])
    expected = np.zeros(4)
    for t in range(4):
        expected[t] = x[t] + expected[:t].sum() / 2
    np.testing.assert_allclose(k(x=x)["h"], expected, rtol=1e-14)
