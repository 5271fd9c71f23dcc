"""Equal reductions are made once, and others are not taken for equal."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.catalogue import read
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.planner.tree import Plan, statements_of
from gradproof.kernels.prepare import Program, prepare
from tests.kernels.support import draw, reference

from .machine import Machine

_TWICE = """\
given x[N, D], w[D]
a[n] = sum[d] x[n,d]*w[d]
b[n] = a[n]*sum[d] x[n,d]*w[d]
c[d] = max[n] x[n,d]
z[n,d] = x[n,d] - max[i] x[i,d]
"""
_APART = """\
given x[N, N], w[N]
a[n] = sum[d] x[n,d]*w[d]
b[n] = sum[d] x[d,n]*w[d] + a[n]
c[n] = sum[d, d <= n] x[n,d]*w[d] + b[n]
m[n] = max[d] x[n,d]*w[d] + c[n]
"""


def _reductions(program: Program, *, device: bool = False) -> list[str]:
    return [s.name for s in _statements(make_plan(program, device=device)) if s.reduced]


def _statements(plan: Plan) -> list[Statement]:
    return [s for r in plan.regions for node in r.body for s in statements_of(node)]


@pytest.mark.parametrize("device", [False, True])
def test_a_batch_norm_adds_up_its_gradient_once(device: bool) -> None:
    program = prepare(gp.derive(gp.system(read("batch_norm"))), "backward")
    assert _reductions(program, device=device) == ["d_gamma", "d_beta"]


def test_a_tensor_is_read_where_it_is_defined_before_or_after() -> None:
    system = gp.system(_TWICE)
    assert sorted({n.split("~", maxsplit=1)[0] for n in _reductions(prepare(system))}) == ["a", "c"]
    _agree(system, {"N": 5, "D": 4})


def test_other_terms_and_other_ranges_are_other_reductions() -> None:
    system = gp.system(_APART)
    assert len({n.split("~", maxsplit=1)[0] for n in _reductions(prepare(system))}) == 4
    _agree(system, {"N": 5})


def _agree(system: gp.System, sizes: dict[str, int]) -> None:
    given = draw(system, sizes, "float64", 1)
    plan = make_plan(prepare(system))
    found = Machine(plan, given, {n: sizes[n.name] for n in system.sizes}).run()
    for name, expected in reference(system, given).items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-12, atol=1e-12)
