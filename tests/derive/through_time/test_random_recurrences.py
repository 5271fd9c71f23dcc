"""Random recurrences, forward and backward in time, with gates, a second state and stops: each product certified."""

from __future__ import annotations

import random

import pytest

import gradproof as gp
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

ACTIVATIONS = ("tanh", "sigmoid", "sin", "softplus", "exp", "relu")
HEAD = """
given x[T,{N}H], h0[{N}H], c0[{N}H]
param U[H,H], V[H,H], v[H], b[H]
shape g[T,{N}H], h[T,{N}H], c[T,{N}H]
start h[{start},{n}k] = h0[{n}k]
start c[{start},{n}k] = c0[{n}k]
"""


def recurrence(seed: int) -> str:
    """Return a system of a gate g, a state h, and a state c that both move."""
    r = random.Random(seed)
    lag, start = r.choice([("t-1", "-1"), ("t+1", "T")])
    size, n = r.choice([("N,", "n,"), ("", "")])

    def old(name: str, index: str) -> str:
        return f"{name}[{lag},{n}{index}]"

    matrix = f"sum[j] U[j,k]*{old('h', 'j')}"
    others = [
        f"x[t,{n}k]",
        "b[k]",
        f"v[k]*{old('h', 'k')}",
        f"g[t,{n}k]*{old('h', 'k')}",
        f"sum[j] V[k,j]*{old('h', 'j')}**2",
        f"sum[j] V[j,k]*{old('c', 'j')}",
        f"stop({old('h', 'k')})*{old('h', 'k')}",
    ]
    terms = " + ".join([matrix, *(t for t in others if r.random() < 0.5)])
    state = r.choice([*(f"{f}({terms})" for f in ACTIVATIONS), f"1/2*({terms})"])
    gate = r.choice([f"sigmoid(x[t,{n}k])", f"tanh({old('c', 'k')})"])
    lines = [
        f"g[t,{n}k] = {gate}",
        f"h[t,{n}k] = {state}",
        f"c[t,{n}k] = g[t,{n}k]*{old('c', 'k')} + (1 - g[t,{n}k])*h[t,{n}k]",
    ]
    return HEAD.format(N=size, n=n, start=start) + "\n".join(lines)


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(s, marks=pytest.mark.slow) for s in range(4, 60))])
@pytest.mark.parametrize("state", ["h", "c"])
def test_the_product_of_a_random_recurrence_is_certified(seed: int, state: str) -> None:
    d = gp.through_time(gp.system(recurrence(seed)), state)
    (check,) = check_derivation(d, seed=seed)
    assert check.verdict == "right", f"{check.reason}\n{recurrence(seed)}"
    assert [c for c in check_steps(d, seed=seed) if c.verdict == "wrong"] == []
