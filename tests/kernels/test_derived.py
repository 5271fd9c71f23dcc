"""Backward and fused kernels of systems beyond the catalogue: recurrences, windows, labels, maxima, attention."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel

from .support import assert_close, draw, reference_or_refusal

SYSTEMS = {
    "layer norm": "given x[n, d], g[d], b[d]\nmu[i] = mean[j] x[i,j]\nv[i] = mean[j] (x[i,j] - mu[i])**2\n"
    "r[i] = 1/sqrt(v[i] + 1/1000)\nh[i,j] = (x[i,j] - mu[i])*r[i]\ny[i,j] = g[j]*h[i,j] + b[j]",
    "batch norm": "given x[n, d], g[d]\nmu[j] = mean[i] x[i,j]\nv[j] = mean[i] (x[i,j] - mu[j])**2\n"
    "y[i,j] = g[j]*(x[i,j] - mu[j])/sqrt(v[j] + 1/1000)",
    "recurrent network": "given x[T, B, D], W[D, H], U[H, H], h0[B, H]\nstart h[-1,b,k] = h0[b,k]\n"
    "h[t,b,k] = tanh(sum[d] x[t,b,d]*W[d,k] + sum[j] h[t-1,b,j]*U[j,k])\nL = sum[b,k] h[T-1,b,k]**2",
    "long short-term memory": "given x[T, D], Wf[D, H], Uf[H, H], Wg[D, H], Ug[H, H], h0[H], c0[H]\n"
    "start h[-1,k] = h0[k]\nstart c[-1,k] = c0[k]\n"
    "f[t,k] = sigmoid(sum[d] x[t,d]*Wf[d,k] + sum[j] h[t-1,j]*Uf[j,k])\n"
    "g[t,k] = tanh(sum[d] x[t,d]*Wg[d,k] + sum[j] h[t-1,j]*Ug[j,k])\n"
    "c[t,k] = f[t,k]*c[t-1,k] + (1 - f[t,k])*g[t,k]\nh[t,k] = f[t,k]*tanh(c[t,k])",
    "strided convolution": "given x[n], w[k]\ngiven size s, p, m\noutside x = 0\nshape y[m]\n"
    "y[t] = sum[u] x[s*t+u-p]*w[u]",
    "embedding": "given E[V, D], tok[T] in V, w[D]\ny[t] = sum[d] E[tok[t],d]*w[d]\nL = sum[t] tanh(y[t])",
    "attention": "given Q[T, d], K[S, d], V[S, e]\ns[i,j] = sum[k] Q[i,k]*K[j,k]/sqrt(d)\n"
    "p[i,j] = exp(s[i,j])/sum[l] exp(s[i,l])\nO[i,k] = sum[j] p[i,j]*V[j,k]",
    "maximum": "given x[n, d]\nm[i] = max[j] x[i,j]\nL = sum[i] m[i]**3",
    "log-sum-exp": "given x[n, d]\nl[i] = log(sum[j] exp(x[i,j]))",
    "products": "given x[n, d]\np[i] = prod[j] x[i,j]",
    "gated": "given x[n], c\ny[i] = relu(x[i])*abs(x[i] - c) + max(x[i], c)*where(x[i] > c, x[i], 2)",
    "quadratic form": "given A[n, n], x[n]\nL = sum[i,j] x[i]*A[i,j]*x[j]/2\nt = sum[i] A[i,i]*L",
}
FIXED = {"s": 2, "p": 1, "m": 3}


@cache
def _derivation(name):
    return derive(parse_system(SYSTEMS[name]))


@cache
def _kernel(name, what, dtype):
    return kernel(_derivation(name), dtype=dtype, what=what)


@pytest.mark.parametrize(
    ("what", "dtype"),
    [
        ("fused", "float32"),
        pytest.param("fused", "float64", marks=pytest.mark.slow),
        pytest.param("backward", "float32", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("name", SYSTEMS)
def test_derived_kernels_agree_with_the_interpreter(name, what, dtype):
    d, k = _derivation(name), _kernel(name, what, dtype)
    for first, second in ((1, 1), (3, 4), (5, 2), (4, 0), (7, 5)):
        sizes = {s.name: FIXED.get(s.name, (first, second)[k % 2]) for k, s in enumerate(d.joint.sizes)}
        given = draw(d.joint, sizes, dtype, seed=first)
        if not all(_drawable(d.joint, sizes, t) for t in given):
            continue
        expected = reference_or_refusal(d.joint, given, _kernel(name, "fused", dtype))
        if expected is None:
            continue
        saved = {n: np.asarray(expected[n], dtype) for n in d.system.by_name if n in expected}
        got = k(**{n: v for n, v in (given | saved).items() if n in k.unit.parameters})
        assert set(got) == set(k.outputs)
        for output, value in got.items():
            assert_close(value, expected[output], dtype, f"{output} of {k.name} at {sizes}", ulps=200)


def _drawable(system, sizes, name):
    """Labels below a bound of 0 do not exist."""
    tensor = system.by_name.get(name)
    return tensor is None or tensor.bound is None or sizes[str(tensor.bound)] > 0


def test_recurrence_runs_backwards_in_the_backward_kernel():
    d = derive(parse_system(SYSTEMS["recurrent network"]))
    assert "for t in range(T - 1, -1, -1):" in kernel(d, what="backward").source
    assert " down" in kernel(d).plan.show()
