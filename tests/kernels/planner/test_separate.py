"""The plainest plan: every statement once, in loops of its own."""

from __future__ import annotations

import gradproof as gp
from gradproof.kernels.planner.separate import separate
from gradproof.kernels.prepare import prepare


def test_every_statement_stands_alone() -> None:
    """A recurrence's statements share the loop over its steps; what it does not need inside stands before."""
    plan = separate(prepare(gp.system("given x[T, D], W[D, H], h0[H]\nstart h[-1,k] = h0[k]\n"
                                      "h[t,k] = tanh(sum[d] x[t,d]*W[d,k] + h[t-1,k])"), "forward"))  # fmt: skip
    assert plan.show().splitlines() == [
        "threads share k",
        "  row k < H: (1) h =",
        "threads share t",
        "  for t < T",
        "    for k < H",
        "      row a < D: (2) h~sum +=",
        "one thread",
        "  for t < T",
        "    row k < H: (2) h =",
        "scalars: - | buffers: -",
    ]
