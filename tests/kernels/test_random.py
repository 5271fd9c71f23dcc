"""Fused kernels of random systems agree with the interpreter; the generated loops run uncompiled here, to be quick."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel
from gradproof.kernels.emission.module import fast_module

from .support import assert_close, draw, reference, uncompiled

_PATH = Path(__file__).parents[1] / "derive" / "random_systems.py"


def random_system(seed: int) -> str:
    spec = importlib.util.spec_from_file_location("random_systems", _PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.random_system(seed)


@pytest.mark.parametrize(
    "seed", [*range(12), *(pytest.param(s, marks=pytest.mark.slow) for s in range(1000, 1060))]
)  # fmt: skip
def test_kernels_of_a_random_system(seed):
    d = derive(parse_system(random_system(seed)), of="out")
    k = kernel(d, dtype="float64")
    run = uncompiled(fast_module((k.unit,), "float64", shared=True))[k.name]
    for size in (1, 2, 3):
        sizes = {s.name: size + j for j, s in enumerate(d.joint.sizes)}
        given = draw(d.joint, sizes, "float64", seed)
        with np.errstate(all="ignore"):
            got = run(**{k.unit.parameters[n]: v for n, v in given.items() if n in k.unit.parameters}, threads=2)
        expected = reference(d.joint, given)
        for output, value in got.items():
            assert_close(value, expected[output], "float64", f"{output} at {sizes}", ulps=2000)
