"""Plans of random systems compute what the equations say."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.interpret.binding import all_sizes
from gradproof.derive.notation import parse_system
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import assert_close, draw, reference
from tests.kernels.test_random import random_system

from .machine import Machine


@pytest.mark.parametrize(
    "seed", [*range(20, 30), *(pytest.param(s, marks=pytest.mark.slow) for s in range(2000, 2015))]
)
def test_plan_of_a_random_system(seed: int) -> None:
    d = derive(parse_system(random_system(seed)), of="out")
    plan = make_plan(prepare(d, "fused"))
    for size in (1, 3):
        sizes = {s.name: size + j for j, s in enumerate(d.joint.sizes)}
        given = draw(d.joint, sizes, "float64", seed)
        with np.errstate(all="ignore"):
            found = Machine(plan, given, {s: sizes[s.name] for s in all_sizes(d.joint)}).run()
        expected = reference(d.joint, given)
        for output, value in found.items():
            assert_close(value, expected[output], "float64", f"{output} at {sizes}", ulps=2000)
