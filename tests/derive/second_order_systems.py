"""Systems that the tests of forward mode and of second order share, and points at which they are evaluated."""

from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

import gradproof as gp
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.model import System
from gradproof.verify.draw import draw_point, draw_sizes

SYSTEMS = {
    "rnn": """
        given x[T, N, D], h0[N, K]
        param W[D, K], U[K, K], b[K]
        start h[-1,n,k] = h0[n,k]
        a[t,n,k] = sum[d] x[t,n,d]*W[d,k] + sum[j] h[t-1,n,j]*U[j,k] + b[k]
        h[t,n,k] = tanh(a[t,n,k])
    """,
    "recurrence from parameters": """
        param h0[K], U[K, K]
        given size T
        shape h[T, K]
        start h[-1,k] = h0[k]
        h[t,k] = sum[j] h[t-1,j]**2*U[j,k]
        L = sum[k] h[T-1,k]**2
    """,
    "convolution": """
        given size s, p
        given x[N, C, H]
        param w[O, C, U]
        shape y[N, O, Ho]
        outside x = 0
        y[n,o,a] = sum[c,u] x[n,c,s*a+u-p]*w[o,c,u]
    """,
    "layer norm": """
        given x[m, D], eps
        param g[D]
        mu[i] = mean[d] x[i,d]
        v[i] = mean[d] (x[i,d] - mu[i])**2
        r[i] = 1/sqrt(v[i] + eps)
        xhat[i,d] = (x[i,d] - mu[i])*r[i]
        y[i,d] = g[d]*xhat[i,d]
    """,
    "attention": """
        given Q[T, E], K[S, E], V[S, F]
        s[i,j] = (sum[e] Q[i,e]*K[j,e])/sqrt(E)
        P[i,j] = exp(s[i,j])/(sum[k] exp(s[i,k]))
        O[i,f] = sum[j] P[i,j]*V[j,f]
    """,
    "embedding": "given tok[T] in V\nparam E[V, D]\nx[t,d] = E[tok[t],d]**2",
    "softmax": "given z[m, C]\np[i,c] = exp(z[i,c])/(sum[k] exp(z[i,k]))",
    "network": """
        given X[m, D], y[m]
        param W[D, H], b[H], u[H]
        h[i,j] = tanh(sum[d] X[i,d]*W[d,j] + b[j])
        L = mean[i] (sum[j] h[i,j]*u[j] - y[i])**2
    """,
    "max-pool": "given size s, K\ngiven x[H]\nshape y[Ho]\ny[i] = max[u<K] x[s*i+u]**2",
    "weight norm": "given v[D], g\nn = sqrt(sum[d] v[d]**2)\nw[d] = g*v[d]/n",
    "product": "given x[n]\ny = prod[i] x[i]",
    "diagonal": "given A[n, n]\nt = sum[i] A[i,i]*A[n-1-i,i]",
    "unknown function": "given z[n]\ngiven function phi\na[i] = phi(z[i])**2",
    "name taken": "given x[n], v_x[n]\ny = sum[i] x[i]**2*v_x[i]",
    "gate": "given x[n]\ny = sum[i] relu(sum[j] x[i]*x[j])",
}

#: What the fast tests leave to the slow ones.
LONG = ("rnn", "recurrence from parameters", "convolution", "layer norm", "attention", "network", "max-pool", "gate")
EACH = tuple(pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in SYSTEMS)


def inputs_of(system: System, seed: int = 3, precision: int = 400, least: int = 0) -> dict[str, Any]:
    """Return sizes, none below `least`, and inputs by name, at a point of the domain.

    Assumptions hold to a precision in bits.
    """
    rng = np.random.default_rng(seed)
    for attempt in range(100):
        sizes = {s: max(n, least) for s, n in draw_sizes(system, rng, with_one=False, most=3).items()}
        with ctx.workprec(precision):
            point = draw_point(system, sizes, rng, attempt)
        if point is not None and _is_finite(system, point.named()):
            return point.named()
    raise AssertionError("no point was found")


def _is_finite(system: System, inputs: dict[str, Any]) -> bool:
    try:
        found = gp.evaluate(system, inputs, functions=smooth_functions(system.functions))
    except gp.InputError:
        return False
    return all(np.all(np.isfinite(a)) for a in found.values())


def total(weights: Any, values: Any) -> arb:
    """Return the sum of the products."""
    out = arb(0)
    for w, v in zip(np.asarray(weights).reshape(-1), np.asarray(values).reshape(-1), strict=True):
        out += (w if isinstance(w, arb) else arb(float(w))) * v
    return out


def load(name: str) -> System:
    """Return a system by its name."""
    return gp.system(SYSTEMS[name])
