"""Sums of products over any axes in any order, shifted, with conditions and brackets: products, copies and loops."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel
from gradproof.kernels.emission.module import fast_module

from .support import assert_close, draw, reference, uncompiled

CASES = [
    "y[i,j] = sum[a,b] x[i,a,b]*w[b,a,j]",  # inner axes in two orders
    "y[i,j,t] = sum[a,b] x[i,a,b,t]*w[a,b,j]",  # a loop's axis last
    "y[t,a,j] = sum[q,k] x[q,t,k]*w[t,k]*z[k,j,q,a]",  # columns of the target are the rows of an operand, turned
    "y[j,b,t] = sum[q,a] w[j,q]*x[a,t,b,q]",  # the gradient of x is the same for all a
    "y[t,a,j] = sum[k] tanh(x[a,t,k])*w[k+1,j]",  # a bracket on the rows of the gradient
    "y[q,i,t] = sum[b,a,k] x[b+1,i,a,q+1]*w[b,t,q,k,a]",
    "y[i,j] = sum[k, k <= i] x[i,k]*w[k,j]",
    "y[i,j] = [i > 0]*sum[k] x[i-1,k]*w[k,j]",
    "y[i,j] = [j > 0]*sum[k, k < j] x[i,k]*w[k,j-1]",
    "y[i,j] = [i <= j]*sum[k] x[i,k]*w[k,j]",
    "y[a,i,j,t] = sum[q,k,b] exp(x[b,j,k,a+1])*exp(w[a,q,t,i,j])",  # exponentials behind a bracket
]

#: Gradients whose terms go to places that one axis gives by its condition, and another by its read.
WINDOWS = [
    (
        "given size s\ngiven x[N,C,H,W], k[C,U,V]\nshape y[N,C,I,J]\noutside x = 0\n"
        "y[n,c,i,j] = sum[u,v] k[c,u,v]*x[n,c,s*i+u,2*j+2*v]**2"
    ),
    (
        "given size s\ngiven x[N,C,H,W], k[C,U,V], z[N,C,I,J]\nshape y[N,C,I,J]\noutside x = 0\n"
        "y[n,c,i,j] = sum[u,v] z[n,c,i,j]*k[c,u,v]*x[n,c,s*i+u,s*j+v]"
    ),
    (
        "given size s, r, p\ngiven x[C,H,W], k[O,C,U,V]\nshape y[O,I,J]\noutside x = 0\n"
        "y[o,i,j] = sum[c,u,v] k[o,c,u,v]*x[c,s*i+u,s*j+r*v-p]**2"
    ),
]


def system(equation: str) -> str:
    """Return the equation with its inputs, their sizes named after their indices, one more where a read is shifted."""
    reads = {}
    for name in "xwz":
        at = equation.find(f"{name}[")
        if at >= 0:
            slots = equation[at + 2 : equation.index("]", at)].split(",")
            reads[name] = ", ".join(f"N{s[0]}" + ("+1" if s.endswith("+1") else "") for s in slots)
    target = equation.partition(" = ")[0]
    shapes = [f"shape y[{', '.join(f'N{i}' for i in target[2:-1].split(','))}]"] if "[" in target else []
    return "\n".join([*(f"given {name}[{axes}]" for name, axes in reads.items()), *shapes, equation])


def drawn(seed: int) -> str:
    """Return a random equation."""
    rng = random.Random(seed)
    reduced, free = rng.sample("kabq", rng.randint(1, 3)), rng.sample("ijt", rng.randint(2, 3))
    factors = []
    for name in "xwz"[: rng.randint(2, 3)]:
        slots = [i + ("+1" if rng.random() < 0.15 else "") for i in (*reduced, *free) if rng.random() < 0.6]
        slots = slots or [rng.choice(free)]
        rng.shuffle(slots)
        read = f"{name}[{','.join(slots)}]"
        factors.append(f"{rng.choice(['tanh', 'exp', 'sigmoid'])}({read})" if rng.random() < 0.2 else read)
    used = {c for f in factors for c in f[f.index("[") :] if c in "kabqijt"}
    left, bound = ([i for i in group if i in used] for group in (free, reduced))
    rng.shuffle(left)
    target = f"y[{','.join(left)}]" if left else "y"
    return f"{target} = " + (f"sum[{', '.join(f'{i}<N{i}' for i in bound)}] " if bound else "") + "*".join(factors)


@pytest.mark.parametrize("equation", [*CASES, *(pytest.param(drawn(s), marks=pytest.mark.slow) for s in range(16))])
def test_contractions(equation):
    check(system(equation))


@pytest.mark.parametrize("text", WINDOWS)
def test_gradients_of_windows(text):
    check(text, I=3, J=2, H=9, W=8, s=2, r=1, p=0)


def check(text, **sizes):
    """Compare the kernel, run as plain Python, with the interpreter."""
    d = derive(parse_system(text))
    k = kernel(d, dtype="float64")
    run = uncompiled(fast_module((k.unit,), "float64", shared=True))[k.name]
    for first in (1, 2, 4):
        drawn_sizes = {s.name: first + j % 2 for j, s in enumerate(d.joint.sizes)} | sizes
        given = draw(d.joint, drawn_sizes, "float64", first)
        expected = reference(d.joint, given)
        with np.errstate(all="ignore"):
            got = run(**{k.unit.parameters[n]: v for n, v in given.items() if n in k.unit.parameters}, threads=2)
        for output, value in got.items():
            assert_close(value, expected[output], "float64", output, ulps=2000)
