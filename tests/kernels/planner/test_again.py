"""Values that are computed again: which, where, and the factors that leave sums."""

from __future__ import annotations

from functools import cache

import gradproof as gp
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.prepare import prepare

SCALED = "given x[N, D], g[D]\nparam W[D, K]\nc[n,d] = x[n,d]*g[d]\ny[n,k] = sum[d] c[n,d]*W[d,k]"


@cache
def _plan(name: str) -> Plan:
    return make_plan(prepare(gp.derive(gp.load(name)), "fused"))


def test_layer_norm_reads_its_rows_three_times_and_keeps_none() -> None:
    plan = _plan("layer_norm")
    assert [line.split(":")[0] for line in plan.show().splitlines()].count("    row d < D") == 3
    assert not [n for n, p in plan.places.items() if p.kind == "buffer"]


def test_threads_share_whole_rows_of_batch_norm() -> None:
    plan = _plan("batch_norm")
    assert [str(r.index) for r in plan.regions] == ["n", "d", "n", "d", "n"]
    kept = [n for n, p in plan.places.items() if p.kind == "array" and len(p.axes) == 2]
    assert sorted(kept) == ["d_x", "d_y", "x", "y"]


def test_an_operand_of_a_matrix_product_is_kept() -> None:
    lines = make_plan(prepare(gp.derive(gp.system(SCALED)), "fused")).show().splitlines()
    assert sum("(1) c =" in line for line in lines) == 1
    assert any("= c @ W" in line for line in lines)
