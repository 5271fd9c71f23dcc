"""Functions that are written for a plan: regions, rows, threads, reductions; run as plain Python, and compiled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.index import Index
from gradproof.derive.nodes import substitute
from gradproof.derive.notation import parse_system
from gradproof.kernels import cache
from gradproof.kernels.emission.module import fast_source
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.flatten import flatten
from gradproof.kernels.planner.separate import separate
from gradproof.kernels.planner.tree import Loop, Once, Place, Plan, Region, Row
from gradproof.kernels.prepare import prepare
from tests.kernels.support import assert_close, draw, reference, uncompiled

SYSTEMS = {
    "map": "given x[n], y[n]\nz[i] = x[i]*sin(y[i]) + 1/3",
    "two axes": "given x[n, m], b[m], s\nz[i,j] = s*x[i,j] + b[j]",
    "sums": "given x[n, m]\nr[i] = sum[j] x[i,j]**2\nc[j] = sum[i] x[i,j]\nt = sum[i,j] x[i,j]\nq = t/2",
    "extremes": "given x[n, m]\nr[i] = max[j] x[i,j]\ns = min[i,j] x[i,j]",
    "shifted": "given x[n]\nshape z[n], d[n]\nz[i] = x[n-1-i]\nd[i] = [i+1<n]*(x[i+1] - x[i])",
    "windows": "given x[n], w[k]\nshape y[n]\ny[i] = sum[j, 0 <= i+j-1, i+j-1 < n] w[j]*x[i+j-1]",
    "triangle": "given a[n, n], x[n]\ny[i] = sum[j, j <= i] a[i,j]*x[j]",
    "labels": "given z[m, C], label[m] in C\nL = -1/m*sum[i] log(sum[c] exp(z[i,c])) + sum[i] z[i,label[i]]",
    "lookup": "given W[V, D], label[m] in V\ny[i,d] = W[label[i],d]",
    "recurrence": "given x[T, D], h0[D], u[D]\nstart h[-1,k] = h0[k]\nh[t,k] = tanh(x[t,k] + u[k]*h[t-1,k])",
    "conditions on data": "given x[n]\ny[i] = [x[i] > 0]*log(abs(x[i]))\ns = sum[i, x[i] > 0] 1/x[i]",
    "transposed": "given x[n, m]\ny[j,i] = x[i,j]\nd[i] = x[i,0]\nt = sum[i,j] x[i,j]*y[j,i]",
}


def _programs(name):
    system = parse_system(SYSTEMS[name])
    yield system, prepare(system)
    d = derive(system, of=system.outputs[-1].name if hasattr(system.outputs[-1], "name") else system.outputs[-1])
    yield d.joint, prepare(d)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_functions_compute_what_the_equations_say(name, threads):
    for system, program in _programs(name):
        run = uncompiled(fast_source(separate(program), "f", "float64"))["f"]
        for size in (1, 2, 5):
            sizes = {s.name: size + k for k, s in enumerate(system.sizes)}
            given = draw(system, sizes, "float64", seed=size)
            if any(np.size(given[t.name]) and not sizes[t.bound.name] for t in system.inputs if t.bound is not None):
                continue
            with np.errstate(all="ignore"):
                got = run(**{n: v for n, v in given.items() if n in program.inputs}, threads=threads)
            expected = reference(system, given)
            for output, value in got.items():
                assert_close(value, expected[output], "float64", f"{output} at {sizes}", ulps=100)


def _row_softmax() -> Plan:
    """Softmax of rows as one region: four passes over a row, what is between them in names."""
    program = prepare(parse_system("given z[m, C]\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])"))
    works, storage = flatten(program)
    i, c = Index("i", program.system["z"].shape[0]), Index("c", program.system["z"].shape[1])
    largest, shift, total, p = (_over(s, i, c) for work in works for s in work.statements)
    body = (Row(c, (largest,)), Once((shift,)), Row(c, (total,)), Row(c, (p,)))
    places = {n: Place("array", (0, 1)) if len(s.shape) == 2 else Place("scalar", ()) for n, s in storage.items()}
    return Plan(program, (Region(i, (Loop(i, body),)),), storage, places)


def _over(s: Statement, i: Index, c: Index) -> Statement:
    own = [*s.free, *s.reduced]
    to = dict(zip(own, (i, c), strict=False))
    return replace(
        s, target=substitute(s.target, to), expr=substitute(s.expr, to),
        free=tuple(to[x] for x in s.free), reduced=tuple(to[x] for x in s.reduced),
    )  # fmt: skip


def test_passes_over_a_row_share_a_loop():
    source = fast_source(_row_softmax(), "softmax", "float32")
    assert "z_i = cut(z, i)" in source
    assert source.count("for i in range(lo, hi):") == 1
    assert "p_i[c] = exp(z_i[c] - z_shift)/z_sumexp  # (1)" in source
    z = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    expected = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    np.testing.assert_allclose(uncompiled(source)["softmax"](z=z, threads=2)["p"], expected, rtol=1e-6)


def test_compiled_for_several_threads_or_for_one_the_bits_of_rows_are_the_same():
    k = cache.load(fast_source(_row_softmax(), "softmax", "float32"), "softmax")
    z = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    one, two = (k.softmax(z=z, threads=t)["p"] for t in (1, 2))
    assert one.tobytes() == two.tobytes()


def test_several_statements_in_one_row_share_a_loop():
    """A map that is read again is held in a local; column sums run in an array of float64 and are rounded once."""
    program = prepare(parse_system("given x[n, m]\ny[i,j] = exp(x[i,j])\nr[i] = sum[j] y[i,j]\nc[j] = sum[i] y[i,j]"))
    works, storage = flatten(program)
    i, j = Index("i", program.system["x"].shape[0]), Index("j", program.system["x"].shape[1])
    y, r, c = (s for work in works for s in work.statements)
    c = replace(_over(c, j, i), free=(j,), reduced=(i,))
    row = Row(j, (_over(y, i, j), _over(r, i, j), c))
    places = {n: Place("array", tuple(range(len(s.shape)))) for n, s in storage.items()}
    for index in (i, None):
        plan = Plan(program, (Region(index, (Loop(i, (row,)),)),), storage, places)
        source = fast_source(plan, "f", "float32")
        assert "y_j = exp(x_i[j])" in source
        x = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
        got = uncompiled(source)["f"](x=x, threads=3)
        np.testing.assert_allclose(got["r"], np.exp(x).sum(1), rtol=1e-6)
        np.testing.assert_allclose(got["c"], np.exp(x).sum(0), rtol=1e-6)
