"""Factors of what windows add go to the terms, where that is right."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import draw, reference

from .machine import Machine

_POOL = """\
given size k, s
given x[N, H, W]
shape y[N, I, J]
y[n,i,j] = {factor} * sum[u < k, v < k] x[n,s*i+u,s*j+v]
"""


def _plan(factor: str, given: str = "", *, device: bool = False) -> str:
    d = gp.derive(gp.system(given + _POOL.format(factor=factor)), wrt=("x",))
    return make_plan(prepare(d, "fused"), device=device).show()


@pytest.mark.parametrize("factor", ["1/k**2", "3/(2*k)", "-1/k", "H", "N/W"])
def test_what_is_added_was_multiplied_before(factor: str) -> None:
    shown = _plan(factor)
    assert "d_x~term =" in shown
    assert "d_x~sum" not in shown


@pytest.mark.parametrize(
    ("factor", "given"),
    [
        ("1/(k - 1)", ""),  # no number where there are terms
        ("1/s", ""),  # s is 0 where windows begin at one place, and there are terms
        ("c", "given c\n"),  # may be infinite where there are none
        ("w[n]", "given w[N]\n"),
    ],
)
def test_other_factors_stay_where_they_are(factor: str, given: str) -> None:
    assert "d_x~term" not in _plan(factor, given)


def test_cuda_multiplies_sums() -> None:
    assert "d_x~term" not in _plan("1/k**2", device=True)


@pytest.mark.parametrize(("k", "s"), [(2, 2), (3, 2), (2, 3), (0, 2)])
def test_an_average_of_nothing_has_no_gradient(k: int, s: int) -> None:
    d = gp.derive(gp.system(_POOL.format(factor="1/k**2")), wrt=("x",))
    sizes = {"N": 2, "H": 7, "W": 8, "I": 2, "J": 2, "k": k, "s": s}
    given = draw(d.joint, sizes, "float64", 1)
    program = prepare(d, "fused")
    taken = {n: v for n, v in given.items() if n in program.inputs}
    with np.errstate(all="ignore"):
        found = Machine(make_plan(program), taken, {n: sizes[n.name] for n in d.joint.sizes}, 2).run()
        expected = reference(d.joint, given)["d_x"]
    assert np.isnan(expected).all() == (k == 0)
    np.testing.assert_allclose(found["d_x"], expected, rtol=1e-12, atol=0)
