"""Derivations as a whole: every kind of read, the steps, second order, determinism."""

import os
import subprocess
import sys

import pytest

import gradproof as gp
from gradproof.derive.derivation import derive
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

SYSTEMS = {
    "rnn": """
        given x[T, N, D], h0[N, K]
        param W[D, K], U[K, K], b[K]
        start h[-1,n,k] = h0[n,k]
        a[t,n,k] = sum[d] x[t,n,d]*W[d,k] + sum[j] h[t-1,n,j]*U[j,k] + b[k]
        h[t,n,k] = tanh(a[t,n,k])
    """,
    "strided convolution": """
        given size s, p, q
        given x[N, C, H, I], w[O, C, U, V]
        shape y[N, O, Ho, Wo]
        outside x = 0
        y[n,o,a,b] = sum[c,u,v] x[n,c,s*a+q*u-p,s*b+q*v-p]*w[o,c,u,v]
    """,
    "layer norm": """
        given x[m, D], eps, g[D], b[D]
        mu[i] = mean[d] x[i,d]
        v[i] = mean[d] (x[i,d] - mu[i])**2
        r[i] = 1/sqrt(v[i] + eps)
        xhat[i,d] = (x[i,d] - mu[i])*r[i]
        y[i,d] = g[d]*xhat[i,d] + b[d]
    """,
    "attention": """
        given Q[T, E], K[S, E], V[S, F]
        s[i,j] = (sum[e] Q[i,e]*K[j,e])/sqrt(E)
        P[i,j] = exp(s[i,j])/(sum[k] exp(s[i,k]))
        O[i,f] = sum[j] P[i,j]*V[j,f]
    """,
    "embedding": "given E[V, D], tok[T] in V\nx[t,d] = E[tok[t],d]",
    "max-pool": "given size s, K\ngiven x[H]\nshape y[Ho]\ny[i] = max[u<K] x[s*i+u]",
    "causal sum": "given x[T]\ny[i] = sum[j<=i] x[j]",
    "product": "given x[n]\ny = prod[i] x[i]",
    "weight norm": "given v[D], g\nn = sqrt(sum[d] v[d]**2)\nw[d] = g*v[d]/n",
    "diagonal": "given A[n, n]\nt = sum[i] A[i,i]*A[n-1-i,i]",
    "unknown function": "given z[n]\ngiven function phi\na[i] = phi(z[i])**2",
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_gradients_are_certified(name: str) -> None:
    for check in check_derivation(gp.derive(gp.system(SYSTEMS[name])), seed=0):
        assert (check.verdict, check.strength) == ("right", "certified"), check.reason


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_step_keeps_its_value(name: str) -> None:
    checks = check_steps(gp.derive(gp.system(SYSTEMS[name])), seed=0)
    assert [c for c in checks if c.verdict != "right"] == []


@pytest.mark.parametrize(
    "name", ["rnn", "layer norm", "attention", "product", "unknown function", "strided convolution"]
)
def test_the_backward_system_can_be_derived_again(name: str) -> None:
    first = gp.derive(gp.system(SYSTEMS[name]))
    x = first.wrt[0]
    second = derive(first.joint, of=first.gradients[x].name, wrt=first.wrt)
    for check in check_derivation(second, seed=0):
        assert check.verdict == "right", check.reason


def test_what_is_shown_is_what_ran() -> None:
    """The last step of each adjoint that stays is its equation in the backward system."""
    for text in SYSTEMS.values():
        d = gp.derive(gp.system(text))
        last = {b.name: b.steps[-1].after for b in d.blocks}
        kept = [e for e in d.backward.equations if e.kind == "define"]
        assert [e.value for e in kept] == [last[e.name].value for e in kept]
        for block in d.blocks:
            for before, after in zip(block.steps, block.steps[1:], strict=False):
                assert after.before == before.after


def test_layer_norm_has_the_three_terms_of_the_papers() -> None:
    from gradproof.derive.notation import format_equation

    d = gp.derive(gp.system(SYSTEMS["layer norm"]), wrt="x")
    lines = [format_equation(e, d.system) for e in d.backward.equations]
    assert lines[0] == "d_xhat[i,d] = d_y[i,d]*g[d]"
    assert lines[1].startswith("d_x[i,d] = r[i]*(d_xhat[i,d] - ")
    assert lines[1].endswith("/D)")


def test_kinks_met_are_listed_with_the_convention() -> None:
    (kink,) = gp.derive(gp.system("given z[n]\na[i] = max(0, z[i])")).kinks
    assert (kink.function, kink.taken, kink.equation) == ("relu", "0", 1)
    assert kink.where == "z[i] = 0"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("given z[n], w[n]\ny[i] = max(z[i], w[i])", ["z[i] = w[i]"]),
        ("given b\ny = min(b, 2)", ["b = 2"]),
        ("given a, b\ny = max(a + b, a*b)", ["a + b = a*b"]),
        ("given a, b\ny = abs(b)*relu(a)", ["a = 0", "b = 0"]),
        ("given x[m,n]\ny[i] = max[j] x[i,j]", ["the maximum of x[i,j] is reached twice"]),
    ],
)
def test_the_place_of_a_kink_is_told_in_the_arguments_of_the_call(text: str, where: list[str]) -> None:
    assert sorted(k.where for k in gp.derive(gp.system(text)).kinks) == where


def test_the_same_text_in_every_run() -> None:
    """Hash seeds differ between processes; the printed derivation may not."""
    program = (
        f"import gradproof as gp\nfor t in {list(SYSTEMS.values())!r}:\n print(gp.derive(gp.system(t)).plain(detail=3))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in (0, 1, 2)
    }
    assert len(runs) == 1
    assert len(runs.pop()) > 1000
