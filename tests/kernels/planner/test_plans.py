"""Plans of the catalogue compute what the equations say, whatever the machine that runs them does with memory."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof import catalogue
from gradproof.derive.interpret.binding import all_sizes
from gradproof.derive.model import System
from gradproof.errors import InputError
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from gradproof.loading import load
from gradproof.verify.draw import Point, draw_point, draw_sizes
from tests.kernels.support import assert_close, reference

from .machine import Machine

QUICK = ["softmax_cross_entropy", "layer_norm", "mlp", "lstm_cell", "dense", "softmax", "mse", "sigmoid", "rnn"]
ENTRIES = [pytest.param(n, "fused", marks=() if n in QUICK else pytest.mark.slow) for n in catalogue.names()]


@pytest.mark.parametrize(("name", "what"), [*ENTRIES, *((n, "backward") for n in QUICK)])
def test_plan_of_a_catalogue_entry(name: str, what: str) -> None:
    d = gp.derive(load(name))
    point = _point(d.joint)
    expected = reference(d.joint, point.named())
    plan = make_plan(prepare(d, what))
    sizes = {s: point.sizes[s.name] for s in all_sizes(d.joint)}
    for threads in (1, 2, 3) if name in QUICK else (2,):
        found = Machine(plan, {**expected, **point.inputs}, sizes, threads).run()
        for output, value in found.items():
            if output not in dict(plan.program.updated):
                assert_close(value, expected[output], "float64", f"{output} of {name}", ulps=2000)


def _point(system: System) -> Point:
    """Return a random point at which the equations have values."""
    for attempt in range(40):
        rng = np.random.default_rng([7, attempt])
        point = draw_point(system, draw_sizes(system, rng, with_one=attempt % 2 == 1), rng, attempt)
        if point is None:
            continue
        point = point.in_type("float64")
        try:
            values = reference(system, point.named())
        except InputError:
            continue
        if all(np.isfinite(v).all() for v in values.values()):
            return point
    raise AssertionError("no point was found")
